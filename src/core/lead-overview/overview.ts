/** A lead with what other parts know of it: its account and its score. */
import type { Ctx, Statement, UnitDb } from "../../context";
import { type Account, selectAccountOfLead } from "../accounts";
import { absence, type Lead, LeadMerged, namedLead, readLead, selectLead } from "../leads";
import { currentScore, type LeadScoreRow, type Level, type ScoreView, selectLevels, selectScores } from "../scoring";

export type LeadOverview = { lead: Lead; account: Account | null; score: ScoreView };

/** Everything but the lead's own row. */
export const aroundLead = (db: UnitDb, leadId: string) =>
  [selectAccountOfLead(db, leadId), selectScores(db, [leadId])[0] as Statement<LeadScoreRow>, selectLevels(db)] as const;

export const overviewOf = (
  lead: Lead,
  [accounts, scores, levels]: readonly [Account[], LeadScoreRow[], Level[]],
  now: number,
): LeadOverview => ({ lead, account: accounts[0] ?? null, score: currentScore(scores[0], levels, now) });

/**
 * A lead by its id, however a dialect writes it. One D1 round trip; for a merged lead two, and three with `follow`, which returns the lead
 * that is left. Throws not_found, for another unit's lead too, and LeadMerged.
 */
export async function requireLeadOverview(ctx: Ctx, leadId: string, follow = false): Promise<LeadOverview> {
  const id = namedLead(leadId);
  const [[row], ...around] = await ctx.db.batch([selectLead(ctx.db, id), ...aroundLead(ctx.db, id)]);
  if (row) return overviewOf(readLead(row), around, ctx.now());
  const reason = await absence(ctx, id);
  if (follow && reason instanceof LeadMerged) return requireLeadOverview(ctx, reason.merged_into, false);
  throw reason;
}
