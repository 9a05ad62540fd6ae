/** Velocity filters: events too frequent for a person neither score nor fire. A change applies to later events. */
import type { z } from "zod";
import type { Ctx } from "../../../context";
import { insertIfRoom } from "../../../db/living-rows";
import { AppError } from "../../../errors";
import { newId } from "../../../ids";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import type { Remember } from "../../idempotency";
import { typeKey } from "../../scoring";
import type { VelocityFilter } from "./filter";
import { NewVelocityFilter, VelocityFilterChange } from "./schemas";
import {
  deleteVelocityFilterStatement,
  insertVelocityFilter,
  readVelocityFilter,
  selectVelocityFilters,
  updateVelocityFilter,
} from "./store";

/** Oldest first. One D1 round trip. */
export async function listVelocityFilters(ctx: Ctx): Promise<VelocityFilter[]> {
  return (await ctx.db.all(selectVelocityFilters(ctx.db))).map(readVelocityFilter);
}

/** Throws forbidden, invalid_request, and conflict when the org unit has no room for another. One D1 round trip. */
export async function createVelocityFilter(
  ctx: Ctx,
  given: z.input<typeof NewVelocityFilter>,
  remember: Remember<VelocityFilter> = () => [],
): Promise<VelocityFilter> {
  requireRole(ctx, "editor");
  const now = ctx.now();
  const input = parseInput(NewVelocityFilter, given);
  const filter = { filter_id: newId("vel", now), ...input, type_key: typeKey(input.event_type), created_at: now, updated_at: now };
  await insertIfRoom(ctx, "velocity_filters", [insertVelocityFilter(ctx.db, filter), ...remember(filter)]);
  return filter;
}

/** Changes the given fields. Throws forbidden, invalid_request, not_found. One D1 round trip. */
export async function changeVelocityFilter(
  ctx: Ctx,
  filterId: string,
  given: z.input<typeof VelocityFilterChange>,
): Promise<VelocityFilter> {
  requireRole(ctx, "editor");
  const changes = parseInput(VelocityFilterChange, given);
  const type = changes.event_type === undefined ? {} : { type_key: typeKey(changes.event_type) };
  const [row] = await ctx.db.all(updateVelocityFilter(ctx.db, filterId, { ...changes, ...type }, ctx.now()));
  if (!row) throw noSuchFilter(filterId);
  return readVelocityFilter(row);
}

/** Throws forbidden, not_found. One D1 round trip. */
export async function deleteVelocityFilter(ctx: Ctx, filterId: string): Promise<void> {
  requireRole(ctx, "editor");
  const deleted = await ctx.db.all(deleteVelocityFilterStatement(ctx.db, filterId));
  if (deleted.length === 0) throw noSuchFilter(filterId);
}

const noSuchFilter = (filterId: string): AppError => new AppError("not_found", `Velocity filter not found: ${filterId.slice(0, 100)}`);
