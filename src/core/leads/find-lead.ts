import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import type { Lead } from "./lead";
import { type LeadRow, readLead, selectLead } from "./store";

/** A lead by its id (32 hex digits). One D1 round trip. Throws not_found, for another unit's lead too. */
export async function requireLead(ctx: Ctx, leadId: string): Promise<Lead> {
  const [row] = await ctx.db.all<LeadRow>(selectLead(ctx.db, leadId));
  if (!row) throw noSuchLead();
  return readLead(row);
}

export const noSuchLead = (): AppError => new AppError("not_found", "Lead not found");
