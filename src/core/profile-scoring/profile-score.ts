/** What a lead's profile scores now. Nothing is stored, so it is never out of date. */
import type { Ctx, Statement, UnitDb } from "../../context";
import { namedLead, noSuchLead, type Profile, readLead, selectLead } from "../leads";
import { type Level, levelOf, selectLevels } from "../scoring";
import { type ProfileMapping, type ScoringRule, scoreProfile } from "./rule";
import { selectProfileMappings, selectScoringRules } from "./store";

export type ProfileScore = {
  /** the sum over all rulesets */
  score: number;
  /** those that have given points, the most first */
  rulesets: readonly { ruleset_id: string; name: string; points: number }[];
  level: Level | null;
};

/** What profile scores are computed from, to be read in any batch. */
export const profileBookStatements = (
  db: UnitDb,
): [Statement<ScoringRule & { name: string }>, Statement<ProfileMapping>, Statement<Level>] => [
  selectScoringRules(db),
  selectProfileMappings(db),
  selectLevels(db, "profile"),
];

export type ProfileBookRows = readonly [(ScoringRule & { name: string })[], ProfileMapping[], Level[]];

export function profileScore([rules, mappings, levels]: ProfileBookRows, profile: Profile): ProfileScore {
  const names = new Map(rules.map(({ ruleset_id, name }) => [ruleset_id, name]));
  const rulesets = [...scoreProfile({ rules, mappings }, profile)]
    .map(([ruleset_id, points]) => ({ ruleset_id, name: names.get(ruleset_id) ?? ruleset_id, points }))
    .sort((a, b) => b.points - a.points);
  const score = rulesets.reduce((sum, { points }) => sum + points, 0);
  return { score, rulesets, level: levelOf(levels, score) ?? null };
}

/** Of a lead. One D1 round trip. Throws not_found. */
export async function requireProfileScore(ctx: Ctx, leadId: string): Promise<ProfileScore> {
  const [[row], ...book] = await ctx.db.batch([selectLead(ctx.db, namedLead(leadId)), ...profileBookStatements(ctx.db)]);
  if (!row) throw noSuchLead();
  return profileScore(book, readLead(row).profile);
}
