/** Tries a rule on a lead's profile: how many points would it add? Nothing is written. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { namedLead, noSuchLead, readLead, selectLead } from "../leads";
import { profileBookStatements, profileScore } from "./profile-score";
import { fieldsOf, matches } from "./rule";
import { TriedProfileRule } from "./schemas";

export type ProfileTrial = { matches: boolean; reason: string; current_score: number; projected_score: number };

/** Throws invalid_request, and not_found for an unknown lead. One D1 round trip. */
export async function testProfileRule(ctx: Ctx, leadId: string, given: z.input<typeof TriedProfileRule>): Promise<ProfileTrial> {
  const rule = parseInput(TriedProfileRule, given);
  const [[row], ...book] = await ctx.db.batch([selectLead(ctx.db, namedLead(leadId)), ...profileBookStatements(ctx.db)]);
  if (!row) throw noSuchLead();
  const { profile } = readLead(row);
  const [, mappings] = book;
  const value = fieldsOf(mappings, profile).get(rule.profile_field);
  const hit = matches(rule, value);
  const current_score = profileScore(book, profile).score;
  const isMapped = mappings.some(({ profile_field }) => profile_field === rule.profile_field);
  return {
    matches: hit,
    reason: isMapped
      ? `${rule.profile_field} is ${value === undefined ? "empty" : JSON.stringify(value).slice(0, 200)}`
      : `No mapping fills ${rule.profile_field}: create one with POST /profile-mappings`,
    current_score,
    projected_score: current_score + (hit ? rule.weight : 0),
  };
}
