/** The org units of an organization: which of them a caller may use, and how they are created and renamed. */
import type { z } from "zod";
import type { Actor, CallerCtx, Directory, OrgUnit } from "../../context";
import { AppError } from "../../errors";
import { newId, randomHex } from "../../ids";
import { TtlCache } from "../../ttl-cache";
import { parseInput } from "../../validation";
import { auditRow, isOfOrganization, organizationOf, requireOperator, requireRole } from "../auth";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { regionChange } from "./region-change";
import { OrgUnitInput } from "./schemas";
import { slugOf } from "./slug";
import { findOrgUnit, findOrgUnitByKey, insertOrgUnit, listOrgUnits, organizationExists, updateOrgUnit } from "./store";

/** Every organization is created with it. */
export const DEFAULT_UNIT_ID = "unit_default";

/** A unit without the columns that only the database sets. */
export type ShownOrgUnit = Omit<OrgUnit, "unit" | "shard" | "moving" | "limits">;

const SLUG_TRIES_MAX = 100;

/** The units that the caller may use: its home, or without one every unit of its organization. One D1 round trip. */
export async function listUsableOrgUnits(ctx: CallerCtx): Promise<OrgUnit[]> {
  const units = await listOrgUnits(ctx.directory, organizationOf(ctx.actor));
  return units.filter((unit) => mayUse(ctx.actor, unit.unit_id));
}

/**
 * A new unit; its id is `unit_` and the slug of its name, numbered when that is taken. Needs the role admin. Two D1 round trips, and one more
 * for each slug that is taken. Throws forbidden, invalid_request, not_found, and conflict when 100 units have the name.
 */
export async function createOrgUnit(
  ctx: CallerCtx,
  given: z.input<typeof OrgUnitInput>,
  remember: RememberInDirectory<ShownOrgUnit> = rememberNothing,
): Promise<OrgUnit> {
  requireRole(ctx, "admin");
  requireNoHome(ctx, "create");
  const input = parseInput(OrgUnitInput, given);
  const organization_id = organizationOf(ctx.actor);
  // a token of an identity provider can name any organization
  if (!(await organizationExists(ctx.directory, organization_id))) throw new AppError("not_found", "Organization not found");
  const base = slugOf(input.name) ?? randomHex(4);
  for (let n = 1; n <= SLUG_TRIES_MAX; n++) {
    const slug = n === 1 ? base : `${base}-${n}`;
    const row = {
      organization_id,
      unit_id: `unit_${slug}`,
      workspace_id: newId("ws", ctx.now()),
      name: input.name,
      slug,
      external_ref: input.external_ref ?? null,
      is_default: false,
      default_region: input.default_region ?? null,
      link_accounts_by_domain: input.link_accounts_by_domain ?? false,
      created_at: ctx.now(),
    };
    const audit = auditRow(ctx, { action: "org_unit.created", organization_id, target_id: row.unit_id });
    const created = await insertOrgUnit(ctx.directory, row, audit, remember(row));
    if (created) return created;
  }
  throw new AppError("conflict", `${SLUG_TRIES_MAX} org units have this name already: ${input.name}`);
}

/**
 * Renames a unit: its slug follows, its id stays; the other fields stay when they are left out. Another region reads the phones of its leads
 * again, in the background. Needs the role admin. One or two D1 round trips. Throws forbidden, invalid_request, not_found.
 */
export async function updateUsableOrgUnit(ctx: CallerCtx, unitId: string, given: z.input<typeof OrgUnitInput>): Promise<OrgUnit> {
  requireRole(ctx, "admin");
  const input = parseInput(OrgUnitInput, given);
  const unit = await requireUsableOrgUnit(ctx, unitId);
  requireNoHome(ctx, "change");
  const audit = auditRow(ctx, { action: "org_unit.changed", organization_id: unit.organization_id, target_id: unitId });
  const changes = {
    name: input.name,
    slug: slugOf(input.name) ?? unit.slug,
    ...(input.external_ref === undefined ? {} : { external_ref: input.external_ref }),
    ...(input.link_accounts_by_domain === undefined ? {} : { link_accounts_by_domain: input.link_accounts_by_domain }),
    ...(input.default_region === undefined ? {} : regionChange(input.default_region, ctx.now())),
  };
  const updated = await updateOrgUnit(ctx.directory, unit.unit, changes, audit);
  if (!updated) throw noSuchOrgUnit(unitId);
  forgetOrgUnit(unit.unit);
  return updated;
}

/** A unit that the caller may use. Cached for 30 s in the isolate unless it moves. Throws not_found, also for any other unit. */
export async function requireUsableOrgUnit(ctx: Pick<CallerCtx, "actor" | "directory" | "now">, unitId: string): Promise<OrgUnit> {
  if (!mayUse(ctx.actor, unitId)) throw noSuchOrgUnit(unitId);
  const organizationId = organizationOf(ctx.actor);
  const unit = await cached(`${organizationId}/${unitId}`, ctx.now(), () => findOrgUnit(ctx.directory, organizationId, unitId));
  if (!unit) throw noSuchOrgUnit(unitId);
  return unit;
}

/** An organization's unit, for the operator alone. One D1 round trip. Throws forbidden, not_found. */
export async function requireOrgUnitOf(
  ctx: Pick<CallerCtx, "actor" | "directory">,
  organizationId: string,
  unitId: string,
): Promise<OrgUnit> {
  requireOperator(ctx);
  const unit = await findOrgUnit(ctx.directory, organizationId, unitId);
  if (!unit) throw noSuchOrgUnit(unitId);
  return unit;
}

/** The unit with this key, for work without a caller: queue messages and cron jobs. Cached for 30 s in the isolate. Throws not_found. */
export async function requireOrgUnitByKey(directory: Directory, unit: number, now: number): Promise<OrgUnit> {
  const found = await cached(`#${unit}`, now, () => findOrgUnitByKey(directory, unit));
  if (!found) throw new AppError("not_found", `No org unit has the key ${unit}`);
  return found;
}

/** Org units are the organization's: a credential of one of them neither creates nor changes any. */
function requireNoHome({ actor }: CallerCtx, act: string): void {
  if (!isOfOrganization(actor) || actor.home === null) return;
  throw new AppError("forbidden", `A credential whose home is ${actor.home} cannot ${act} org units: use one without a home`);
}

const mayUse = (actor: Actor, unitId: string): boolean => !isOfOrganization(actor) || actor.home === null || actor.home === unitId;

const noSuchOrgUnit = (unitId: string): AppError => new AppError("not_found", `Org unit not found: ${unitId.slice(0, 100)}`);

/** For a change of a unit: the next request of this isolate reads it again. */
export const forgetOrgUnit = (unit: number): void => known.deleteWhere((cached) => cached.unit === unit);

const known = new TtlCache<OrgUnit>();

async function cached(key: string, now: number, load: () => Promise<OrgUnit | undefined>): Promise<OrgUnit | undefined> {
  const hit = known.get(key, now);
  if (hit) return hit;
  const unit = await load();
  if (unit && !unit.moving) known.set(key, unit, now);
  return unit;
}
