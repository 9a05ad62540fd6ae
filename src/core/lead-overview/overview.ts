/** A lead with what other parts know of it: its account and its score. */
import type { Ctx, Statement, UnitDb } from "../../context";
import { type Account, selectAccountOfLead } from "../accounts";
import { absence, type FieldSource, fieldSources, type Lead, namedLead, readLead, readSources, selectLead, selectSources } from "../leads";
import { type ProfileBookRows, type ProfileScore, profileBookStatements, profileScore } from "../profile-scoring";
import { currentScore, type LeadScoreRow, type Level, type ScoreView, selectLevels, selectScores } from "../scoring";

export type LeadOverview = {
  lead: Lead;
  account: Account | null;
  score: ScoreView;
  profile_score: ProfileScore;
  /** only if requested */
  sources?: [field: string, FieldSource | null][];
};

/** Everything but the lead's own row. */
export const aroundLead = (db: UnitDb, leadId: string) =>
  [
    selectAccountOfLead(db, leadId),
    selectScores(db, [leadId])[0] as Statement<LeadScoreRow>,
    selectLevels(db),
    ...profileBookStatements(db),
  ] as const;

export const overviewOf = (
  lead: Lead,
  [accounts, scores, levels, ...book]: readonly [Account[], LeadScoreRow[], Level[], ...ProfileBookRows],
  now: number,
): LeadOverview => ({
  lead,
  account: accounts[0] ?? null,
  score: currentScore(scores[0], levels, now),
  profile_score: profileScore(book, lead.profile),
});

/**
 * A lead by its id, however a dialect writes it; `sources` adds who wrote its fields last. One D1 round trip; for a merged lead two.
 * Throws not_found, for another unit's lead too, and LeadMerged.
 */
export async function requireLeadOverview(
  ctx: Ctx,
  leadId: string,
  { sources = false }: { sources?: boolean } = {},
): Promise<LeadOverview> {
  const id = namedLead(leadId);
  const [[row], [stored], ...around] = await ctx.db.batch([selectLead(ctx.db, id), selectSources(ctx.db, id), ...aroundLead(ctx.db, id)]);
  if (row) {
    const overview = overviewOf(readLead(row), around, ctx.now());
    return sources ? { ...overview, sources: fieldSources(overview.lead.profile, readSources(stored?.sources ?? null)) } : overview;
  }
  throw await absence(ctx, id);
}
