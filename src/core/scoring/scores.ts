/** A lead's score: the current one from the stored fold, a past one from the contributions up to that time. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { type DecayState, scoreAt, scoresByRuleset } from "./decay";
import { type Level, levelOf, selectLevels } from "./levels";
import { foldUntil } from "./read-ledger";
import { type LeadScoreRow, readLeadScore, selectScores } from "./store";

/** What a fold says at a time. */
export type ScoreView = {
  score: number;
  by_ruleset: Map<string, number>;
  /** the ruleset that adds the most; null if none has added anything */
  primary_ruleset: string | null;
  level: Level | null;
  last_event_at: number | null;
};

export type Score = ScoreView & { lead_id: string; at: number };

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
  return { lead_id, at: moment, ...viewScore(decay, stored?.last_event_at ?? null, rows.levels, moment) };
}

/** The score at a time not before the fold's. A lead without events has no row. Pure. */
export function currentScore(row: LeadScoreRow | undefined, levels: readonly Level[], now: number): ScoreView {
  const stored = row ? readLeadScore(row) : null;
  return viewScore(stored?.decay ?? [], stored?.last_event_at ?? null, levels, now);
}

/** Of a fold at a time not before its own. Pure. */
export function viewScore(decay: DecayState, last_event_at: number | null, levels: readonly Level[], at: number): ScoreView {
  const score = scoreAt(decay, at);
  const by_ruleset = scoresByRuleset(decay, at);
  const primary = [...by_ruleset].reduce<[string, number] | null>((best, entry) => (best && best[1] >= entry[1] ? best : entry), null);
  return {
    score,
    by_ruleset,
    primary_ruleset: primary?.[0] ?? null,
    // the level is that of the displayed score: 24.998 is displayed as 25
    level: levelOf(levels, Math.round(score * 100) / 100) ?? null,
    last_event_at,
  };
}
