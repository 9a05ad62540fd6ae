/** The quotas of an org unit, set by the operator. */
import type { z } from "zod";
import type { CallerCtx, OrgUnit } from "../../context";
import { QUOTA_NAMES, type QuotaName, type Quotas, quotasOf } from "../../quotas";
import { parseInput } from "../../validation";
import { auditRow, requireOperator } from "../auth";
import { forgetOrgUnit, requireOrgUnitOf } from "./org-units";
import { LimitsChange } from "./schemas";
import { patchLimits } from "./store";

export type Limits = { values: Quotas; defaults: QuotaName[] };

/** Needs the operator. One D1 round trip. Throws forbidden, not_found. */
export async function requireLimits(ctx: CallerCtx, organizationId: string, unitId: string): Promise<Limits> {
  requireOperator(ctx);
  return limitsOf(await requireOrgUnitOf(ctx, organizationId, unitId));
}

/**
 * Needs the operator. Isolates that know the unit take up to 30 seconds to notice. Two D1 round trips.
 * Throws forbidden, invalid_request, not_found.
 */
export async function changeLimits(
  ctx: CallerCtx,
  organizationId: string,
  unitId: string,
  given: z.input<typeof LimitsChange>,
): Promise<Limits> {
  requireOperator(ctx);
  const change = parseInput(LimitsChange, given);
  const { unit } = await requireOrgUnitOf(ctx, organizationId, unitId);
  const audit = auditRow(ctx, { action: "limits.changed", organization_id: organizationId, target_id: unitId });
  const changed = await patchLimits(ctx.directory, unit, change, audit);
  forgetOrgUnit(unit);
  return limitsOf(changed);
}

export const limitsOf = ({ limits }: Pick<OrgUnit, "limits">): Limits => ({
  values: quotasOf(limits),
  defaults: QUOTA_NAMES.filter((name) => limits[name] === undefined),
});
