/** Values that an org unit blocks: no lead has them as an alias. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { untilCommitted } from "../../db/commit";
import { AppError } from "../../errors";
import { invalidRequest, parseInput } from "../../validation";
import type { AliasKind } from "../../vocabulary";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { AliasInput, DEFAULT_BLOCKED, dropAlias, isBlockedByDefault, normaliseAlias, unwithhold, withhold } from "../leads";
import { type BlockedRow, selectBlocked } from "./store";

export type BlockedValue = {
  kind: AliasKind;
  value: string;
  /** blocked in every unit unless that allows it */
  is_default: boolean;
  active: boolean;
  created_at: number | null;
};

/** What blocking a value took away: the lead that had it, and the conflicts about it. */
export type BlockReport = { removed_from: string | null; conflicts_closed: number };

const VALUES_SHOWN_MAX = 1_000;

/** The defaults, then the unit's own, at most 1,000. One D1 round trip. */
export async function listBlockedValues(ctx: Ctx): Promise<BlockedValue[]> {
  const rows = await ctx.db.all(selectBlocked(ctx.db, VALUES_SHOWN_MAX));
  const allowed = new Set(rows.filter(({ reason }) => reason === "allowed").map(({ kind, value }) => `${kind}:${value}`));
  const defaults = DEFAULT_BLOCKED.map(({ kind, value }) => ({
    kind,
    value,
    is_default: true,
    active: !allowed.has(`${kind}:${value}`),
    created_at: null,
  }));
  return [...defaults, ...rows.filter(({ reason }) => reason === "blocked").map(ownValue)];
}

const ownValue = ({ kind, value, created_at }: BlockedRow): BlockedValue => ({ kind, value, is_default: false, active: true, created_at });

/**
 * Blocks a value, and takes it from the lead that has it. A default that was allowed is blocked again. Two D1 round trips, two more for each
 * writer that came first. Throws forbidden, invalid_request, unavailable.
 */
export async function blockValue(
  ctx: Ctx,
  given: z.input<typeof AliasInput>,
  remember: Remember<BlockedValue & BlockReport> = () => [],
): Promise<BlockedValue & BlockReport> {
  requireRole(ctx, "editor");
  const alias = readValue(ctx, given);
  const is_default = isBlockedByDefault(alias);
  return untilCommitted(async () => {
    const now = ctx.now();
    const dropped = await dropAlias(ctx, alias);
    const result = {
      ...alias,
      is_default,
      active: true,
      created_at: is_default ? null : now,
      removed_from: dropped.lead_id,
      conflicts_closed: dropped.conflicts,
    };
    await ctx.db.batch([
      ...dropped.statements,
      unwithhold(ctx.db, alias),
      ...(is_default ? [] : withhold(ctx.db, [alias], "blocked", now)),
      ...remember(result),
    ]);
    return result;
  });
}

/** Unblocks a value; a default stays in the list, inactive. One D1 round trip. Throws forbidden, invalid_request, not_found. */
export async function allowValue(ctx: Ctx, given: z.input<typeof AliasInput>): Promise<void> {
  requireRole(ctx, "editor");
  const alias = readValue(ctx, given);
  const isDefault = isBlockedByDefault(alias);
  const [found] = await ctx.db.batch([unwithhold(ctx.db, alias), ...(isDefault ? withhold(ctx.db, [alias], "allowed", ctx.now()) : [])]);
  if (!isDefault && found.length === 0) throw new AppError("not_found", "This value is not blocked");
}

function readValue(ctx: Ctx, given: z.input<typeof AliasInput>): { kind: AliasKind; value: string } {
  const { kind, value } = parseInput(AliasInput, given);
  const normalised = normaliseAlias(kind, value, ctx.unit.default_region);
  if ("problem" in normalised) throw invalidRequest([{ path: "value", message: `is no value that a ${kind} can have` }]);
  return { kind, value: normalised.value };
}
