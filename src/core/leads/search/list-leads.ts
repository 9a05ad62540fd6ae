import type { Ctx } from "../../../context";
import type { LeadStatus } from "../../../vocabulary";
import type { Lead } from "../lead";
import { type LeadRow, readLead } from "../store";
import { type LeadFilter, selectLeadPage, selectLeadTotal } from "./list-store";
import { searchTerms } from "./terms";

export type LeadQuery = {
  /** from 1 */
  page: number;
  limit: number;
  status?: LeadStatus | undefined;
  /** the whole source, as it was written */
  source?: string | undefined;
  /** words: each has to begin a word of the lead's name, or an email of its or a part of one. No case, no order; the first ten count */
  search?: string | undefined;
};

/** Leads newest first, and how many there are in all. One D1 round trip. */
export async function listLeads(ctx: Ctx, { page, limit, status, source, search }: LeadQuery): Promise<{ leads: Lead[]; total: number }> {
  const filter: LeadFilter = { terms: searchTerms(search ?? ""), status, source };
  const [rows, totals] = await ctx.db.batch([selectLeadPage(ctx.db, filter, limit, (page - 1) * limit), selectLeadTotal(ctx.db, filter)]);
  return { leads: ((rows ?? []) as LeadRow[]).map(readLead), total: Number(totals?.[0]?.total ?? 0) };
}
