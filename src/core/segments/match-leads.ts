import type { Ctx } from "../../context";
import { loadFacts } from "./load-facts";
import { type LeadFacts, matches } from "./match";
import { nextChange } from "./next-change";
import type { Rule } from "./schemas";

export type Member = Pick<LeadFacts, "lead" | "score">;

/**
 * Those of up to 1,000 leads that match each of the rules, in their order, each by its place in `rules`. Reads what the rules name and
 * nothing else. One D1 round trip, none without leads.
 */
export async function matchLeads(ctx: Ctx, rules: readonly Rule[], leadIds: readonly string[]): Promise<Member[][]> {
  if (leadIds.length === 0) return rules.map(() => []);
  const found = await loadFacts(ctx, rules, leadIds, { now: ctx.now(), withTimes: false });
  return rules.map((rule) => found.filter(({ facts }) => matches(rule, facts)).map(({ facts: { lead, score } }) => ({ lead, score })));
}

/** How a lead stands to each of the rules, by its place in `rules`. */
export type CheckedLead = Member & {
  matched: {
    matches: boolean;
    /** when time alone may change that, in ms; null: never */
    next: number | null;
  }[];
};

/** Those of up to 1,000 leads that exist, checked at a moment. One D1 round trip, none without leads or rules. */
export async function checkLeads(ctx: Ctx, rules: readonly Rule[], leadIds: readonly string[], now: number): Promise<CheckedLead[]> {
  if (leadIds.length === 0 || rules.length === 0) return [];
  const found = await loadFacts(ctx, rules, leadIds, { now, withTimes: true });
  return found.map(({ facts, timing }) => ({
    lead: facts.lead,
    score: facts.score,
    matched: rules.map((rule) => ({ matches: matches(rule, facts), next: nextChange(rule, timing, now) })),
  }));
}
