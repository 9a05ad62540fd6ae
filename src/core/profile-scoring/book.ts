/** All that a unit has defined for scoring profiles, as people edit it: paused rulesets and rules included. */
import type { Ctx } from "../../context";
import type { ProfileMapping, ProfileRule, ProfileRuleset } from "./rule";
import { readActive, selectAllProfileRules, selectProfileMappings, selectProfileRulesets } from "./store";

export type ProfileBookList = { rulesets: (ProfileRuleset & { rules: ProfileRule[] })[]; mappings: ProfileMapping[] };

/** Oldest first. One D1 round trip. */
export async function listProfileBook({ db }: Ctx): Promise<ProfileBookList> {
  const [rulesets, rows, mappings] = await db.batch([selectProfileRulesets(db), selectAllProfileRules(db), selectProfileMappings(db)]);
  const rules = Map.groupBy(
    rows.map((row) => readActive<ProfileRule>(row)),
    ({ ruleset_id }) => ruleset_id,
  );
  return {
    rulesets: rulesets.map((row) => ({ ...readActive<ProfileRuleset>(row), rules: rules.get(row.ruleset_id) ?? [] })),
    mappings,
  };
}
