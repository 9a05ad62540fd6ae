import type { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { HistoryInput, historyOf, type LeadHistory, readHistory } from "../changes";
import { namedLead, noSuchLead, selectLeadExists } from "../leads";

/**
 * Who changed a lead, when and which of its fields, newest first, for 90 days; the changes of leads merged into it are included.
 * One D1 round trip. Throws invalid_request, not_found.
 */
export async function leadHistory(ctx: Ctx, leadId: string, given: z.input<typeof HistoryInput>): Promise<LeadHistory> {
  const id = namedLead(leadId);
  const { limit, cursor } = parseInput(HistoryInput, given);
  const [[found], rows] = await ctx.db.batch([selectLeadExists(ctx.db, id), historyOf(ctx.db, id, cursor, limit)]);
  if (!found) throw noSuchLead();
  return readHistory(rows, cursor, limit);
}
