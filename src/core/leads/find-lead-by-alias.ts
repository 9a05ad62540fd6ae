import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import type { AliasKind } from "../../vocabulary";
import { type Alias, normaliseAlias } from "./alias";
import type { Lead } from "./lead";
import { type LeadRow, readLead, selectLeadByAlias } from "./store";

/** The lead that owns an alias, by any way of writing it. One D1 round trip. */
export async function requireLeadByAlias(ctx: Ctx, kind: AliasKind, raw: string): Promise<{ lead: Lead; alias: Alias }> {
  const alias = lookUpAlias(ctx, kind, raw);
  const [row] = await ctx.db.all<LeadRow>(selectLeadByAlias(ctx.db, alias));
  if (!row) throw noLeadForAlias();
  return { lead: readLead(row), alias };
}

/** The alias to look for. What could never be stored (an email without `@`) is an alias that no lead has: not found, not invalid. */
export function lookUpAlias(ctx: Ctx, kind: AliasKind, raw: string): Alias {
  const normalised = normaliseAlias(kind, raw, ctx.unit.default_region);
  if ("problem" in normalised) throw noLeadForAlias();
  return { kind, value: normalised.value };
}

export const noLeadForAlias = (): AppError => new AppError("not_found", "No lead found for this alias");
