import type { z } from "zod";
import type { CallerCtx, ShardDb } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { invalidRequest, parseInput } from "../../validation";
import { auditRow, requireOperator } from "../auth";
import { forgetOrgUnit, requireOrgUnitOf } from "../org-units";
import type { Move, MoveWorld } from "./move";
import { MoveInput } from "./schemas";
import { findActiveMove, findDueMoveIds, findMove, findShardsInMoves, insertMove } from "./store";

const noSuchMove = (): AppError => new AppError("not_found", "Move not found");

/**
 * Starts the move of an org unit to another database; runs of the move do the rest. Only for the operator. Four D1 round trips. Throws
 * forbidden, invalid_request (no such shard), not_found, conflict (it is there already, it moves, or the databases' migrations differ).
 */
export async function startMove(
  ctx: CallerCtx,
  at: { organization_id: string; unit_id: string },
  given: z.input<typeof MoveInput>,
  { shards }: Pick<MoveWorld, "shards">,
): Promise<Move> {
  requireOperator(ctx);
  const { shard } = parseInput(MoveInput, given);
  const unit = await requireOrgUnitOf(ctx, at.organization_id, at.unit_id);
  const [from, to] = [shards[unit.shard], shards[shard]];
  if (!to) throw invalidRequest([{ path: "shard", message: `must be one of: ${[...shards.keys()].join(", ")} (got ${shard})` }]);
  if (!from || unit.shard === shard) throw new AppError("conflict", `The org unit is in shard ${shard} already`);
  await requireSameMigrations(from, to, shard);
  const now = ctx.now();
  const row = {
    move_id: newId("mov", now),
    organization_id: at.organization_id,
    unit: unit.unit,
    unit_id: at.unit_id,
    from_shard: unit.shard,
    to_shard: shard,
    status: "running" as const,
    step: "prepare" as const,
    due_at: now,
    created_at: now,
  };
  const audit = auditRow(ctx, { action: "org_unit.moved", organization_id: at.organization_id, target_id: at.unit_id });
  const move = await insertMove(ctx.directory, row, audit);
  if (!move) throw await movesAlready(ctx, unit.unit);
  forgetOrgUnit(unit.unit);
  return move;
}

async function requireSameMigrations(from: ShardDb, to: ShardDb, shard: number): Promise<void> {
  const text = "SELECT name FROM d1_migrations ORDER BY name";
  const unmigrated = new AppError("conflict", `Shard ${shard} does not have the same migrations: run npm run deploy first`);
  const [its, theirs] = await Promise.all([from, to].map((db) => db.all(text).catch(() => Promise.reject(unmigrated))));
  if (JSON.stringify(its) !== JSON.stringify(theirs)) throw unmigrated;
}

async function movesAlready({ directory }: CallerCtx, unit: number): Promise<AppError> {
  const active = await findActiveMove(directory, unit);
  const isCopying = active?.status === "running";
  const reason = isCopying ? "The org unit is moving already" : "The copy that an earlier move left is not removed yet: try again later";
  return new AppError("conflict", active ? `${reason} (${active.move_id})` : "The org unit has just moved: try again");
}

/** For the operator alone. One D1 round trip. Throws forbidden, not_found. */
export async function requireMove(ctx: CallerCtx, at: { organization_id: string; unit_id: string }, moveId: string): Promise<Move> {
  requireOperator(ctx);
  const move = await findMove(ctx.directory, moveId);
  if (!move || move.organization_id !== at.organization_id || move.unit_id !== at.unit_id) throw noSuchMove();
  return move;
}

/** Moves that a run has to continue now. One D1 round trip. */
export const findDueMoves = ({ directory, now }: MoveWorld): Promise<string[]> => findDueMoveIds(directory, now());

/** The databases between which units move. One D1 round trip. */
export const findMovingShards = ({ directory }: MoveWorld): Promise<Set<number>> => findShardsInMoves(directory);
