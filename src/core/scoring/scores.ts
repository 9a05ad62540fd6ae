/** A lead's score: the current one from the stored fold, a past one from the contributions up to that time. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { scoreAt, scoresByRuleset } from "./decay";
import { type Level, levelOf, selectLevels } from "./levels";
import { foldUntil } from "./read-ledger";
import { readLeadScore, selectScores } from "./store";

export type Score = {
  lead_id: string;
  at: number;
  score: number;
  by_ruleset: Map<string, number>;
  /** the ruleset that adds the most; null if none has added anything */
  primary_ruleset: string | null;
  level: Level | null;
  last_event_at: number | null;
};

/** Throws not_found. One D1 round trip; for a time before the last contribution two more, as a rule. */
export async function requireScore(ctx: Ctx, leadId: string, at?: number): Promise<Score> {
  const lead_id = parseLeadId(leadId) ?? "";
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    score: selectScores(ctx.db, [lead_id]),
    levels: [selectLevels(ctx.db)],
  });
  if (rows.lead.length === 0) throw noSuchLead();
  const [row] = rows.score;
  const stored = row ? readLeadScore(row) : null;
  const moment = at ?? ctx.now();
  const decay = stored && stored.at <= moment ? stored.decay : stored ? (await foldUntil(ctx, lead_id, moment)).decay : [];
  const score = scoreAt(decay, moment);
  const by_ruleset = scoresByRuleset(decay, moment);
  const primary = [...by_ruleset].reduce<[string, number] | null>((best, entry) => (best && best[1] >= entry[1] ? best : entry), null);
  return {
    lead_id,
    at: moment,
    score,
    by_ruleset,
    primary_ruleset: primary?.[0] ?? null,
    // the level is that of the displayed score: 24.998 is displayed as 25
    level: levelOf(rows.levels, Math.round(score * 100) / 100) ?? null,
    last_event_at: stored?.last_event_at ?? null,
  };
}
