/** Profile scores of many leads at once: what a rule would do to them, and how many have which score. Nothing is written. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import type { Json, Profile } from "../leads";
import { type LevelMove, levelMoves, listLevels, type ScoreCounts, scoreCountsOf } from "../scoring";
import { listProfileBook, type ProfileBookList } from "./book";
import { fieldsOf, matches, type ProfileBook, scoreProfile } from "./rule";
import { TriedProfileRule } from "./schemas";
import { selectMappedProfiles } from "./store";

type TriedLead = { lead_id: string; value: Json | null; current_score: number; projected_score: number };

export type ProfileLeadsTrial = {
  /** leads that were looked at, the newest ones */
  checked: number;
  /** there are more */
  truncated: boolean;
  matching: number;
  /** false: no mapping fills the field */
  is_mapped: boolean;
  /** of the leads that match */
  levels: LevelMove[];
  samples: TriedLead[];
};

/** The newest leads that are looked at, and the size of a profile, in characters, above which a lead is left out: at most 20 MB are read. */
const LEADS_MAX = 1_000;
const PROFILE_CHARS_MAX = 20_000;
const SAMPLES_MAX = 10;

/**
 * Which of the newest 1,000 leads a rule matches. `ruleId`: the stored rule that it would replace. Throws invalid_request. Three D1 round
 * trips, at most 1,001 leads read.
 */
export async function testProfileRuleOnLeads(
  ctx: Ctx,
  given: z.input<typeof TriedProfileRule>,
  ruleId?: string,
): Promise<ProfileLeadsTrial> {
  const rule = parseInput(TriedProfileRule, given);
  const [book, levels] = await Promise.all([listProfileBook(ctx), listLevels(ctx, "profile")]);
  const [now, others] = [scoringBook(book), scoringBook(book, ruleId)];
  const { profiles, truncated } = await readProfiles(ctx, book);
  const matching = profiles.flatMap(({ lead_id, profile }): TriedLead[] => {
    const value = fieldsOf(book.mappings, profile).get(rule.profile_field);
    if (!matches(rule, value)) return [];
    return [
      { lead_id, value: value ?? null, current_score: totalOf(now, profile), projected_score: totalOf(others, profile) + rule.weight },
    ];
  });
  return {
    checked: profiles.length,
    truncated,
    matching: matching.length,
    is_mapped: book.mappings.some(({ profile_field }) => profile_field === rule.profile_field),
    levels: levelMoves(matching, levels),
    samples: matching.slice(0, SAMPLES_MAX),
  };
}

/** The profile scores of the newest 1,000 leads, as `scoreCounts` has those of engagement; `truncated`: there are more leads. Two D1 round trips. */
export async function profileScoreCounts(ctx: Ctx): Promise<Pick<ScoreCounts, "scores" | "leads"> & { truncated: boolean }> {
  const book = await listProfileBook(ctx);
  const { profiles, truncated } = await readProfiles(ctx, book);
  const scoring = scoringBook(book);
  return { scores: scoreCountsOf(profiles.map(({ profile }) => totalOf(scoring, profile))), leads: profiles.length, truncated };
}

/** What scores now, without one of the rules. */
const scoringBook = ({ rulesets, mappings }: ProfileBookList, without?: string): ProfileBook => ({
  rules: rulesets.flatMap(({ active, rules }) => (active ? rules.filter((rule) => rule.active && rule.rule_id !== without) : [])),
  mappings,
});

const totalOf = (book: ProfileBook, profile: Profile): number =>
  [...scoreProfile(book, profile).values()].reduce((sum, one) => sum + one, 0);

/** Of each lead only the keys that a mapping names. */
async function readProfiles(
  { db }: Ctx,
  { mappings }: ProfileBookList,
): Promise<{ profiles: { lead_id: string; profile: Profile }[]; truncated: boolean }> {
  const keys = mappings.map(({ metadata_key }) => metadata_key);
  const rows = await db.all(selectMappedProfiles(db, keys, { charsMax: PROFILE_CHARS_MAX, limit: LEADS_MAX + 1 }));
  const profiles = rows
    .slice(0, LEADS_MAX)
    .flatMap(({ lead_id, profile }) => (profile === null ? [] : [{ lead_id, profile: JSON.parse(profile) as Profile }]));
  return { profiles, truncated: rows.length > LEADS_MAX || profiles.length < rows.length };
}
