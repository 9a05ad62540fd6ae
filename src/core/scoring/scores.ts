/** A lead's score: now from the stored fold, at a past moment from the contributions up to then. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { AppError } from "../../errors";
import { parseLeadId, selectLeadExists } from "../leads";
import { type Contribution, type Curve, foldCurve, scoreAt, scoresByRuleset } from "./curve";
import { type Level, levelOf, selectLevels } from "./levels";
import { type LeadScoreRow, readLeadScore, selectContributionsUntil, selectScores } from "./store";

export type Score = {
  lead_id: string;
  at: number;
  score: number;
  by_ruleset: Map<string, number>;
  /** the ruleset that adds the most; null while none has */
  primary_ruleset: string | null;
  level: Level | null;
  last_event_at: number | null;
};

/** One round trip, two for a past moment. Throws not_found for a lead that the unit does not have. */
export async function requireScore(ctx: Ctx, leadId: string, at?: number): Promise<Score> {
  const lead_id = parseLeadId(leadId) ?? "";
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    score: selectScores(ctx.db, [lead_id]),
    levels: [selectLevels(ctx.db)],
  });
  if (rows("lead").length === 0) throw leadNotFound();
  const [row] = rows<LeadScoreRow>("score");
  const stored = row ? readLeadScore(row) : null;
  const moment = at ?? ctx.now();
  const curve = stored && stored.at <= moment ? stored.curve : stored ? await pastCurve(ctx, lead_id, moment) : [];
  const score = scoreAt(curve, moment);
  const by_ruleset = scoresByRuleset(curve, moment);
  const primary = [...by_ruleset].reduce<[string, number] | null>((best, entry) => (best && best[1] >= entry[1] ? best : entry), null);
  return {
    lead_id,
    at: moment,
    score,
    by_ruleset,
    primary_ruleset: primary?.[0] ?? null,
    // judged as it is shown: 24.998 is 25 to whoever reads it
    level: levelOf(rows<Level>("levels"), Math.round(score * 100) / 100) ?? null,
    last_event_at: stored?.last_event_at ?? null,
  };
}

const pastCurve = async (ctx: Ctx, leadId: string, until: number): Promise<Curve> =>
  foldCurve(await ctx.db.all<Contribution>(selectContributionsUntil(ctx.db, leadId, until)));

export const leadNotFound = (): AppError => new AppError("not_found", "Lead not found");
