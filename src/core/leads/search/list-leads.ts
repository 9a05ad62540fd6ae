import type { Ctx } from "../../../context";
import type { LeadStatus } from "../../../vocabulary";
import type { Lead } from "../lead";
import { type LeadRow, readLead } from "../store";
import { type LeadFilter, type LeadPageRow, selectLeadPage } from "./list-store";
import { searchTerms } from "./terms";

export type LeadQuery = {
  /** from 1 */
  page: number;
  limit: number;
  status?: LeadStatus | undefined;
  /** the whole source, as it was written */
  source?: string | undefined;
  /** words, in any case and order, of which the first ten count: each has to begin a word of the lead's name, one of its emails, or a part of one */
  search?: string | undefined;
};

/** Leads newest first, and how many there are in all. One D1 round trip. */
export async function listLeads(ctx: Ctx, { page, limit, status, source, search }: LeadQuery): Promise<{ leads: Lead[]; total: number }> {
  const filter: LeadFilter = { terms: searchTerms(search ?? ""), status, source };
  const rows = await ctx.db.all(selectLeadPage(ctx.db, filter, limit, (page - 1) * limit));
  return { leads: rows.filter(isLead).map(readLead), total: rows[0]?.total ?? 0 };
}

const isLead = (row: LeadPageRow): row is LeadRow & { total: number } => row.lead_id !== null;
