import type { Ctx } from "../../context";
import { type CheckBudget, type CheckCost, checkCost, type SizedLead, type Slicing, takeSlice } from "./check-budget";
import { factStatementsMax, loadFacts } from "./load-facts";
import { type LeadFacts, matches } from "./match";
import { nextChange } from "./next-change";
import { conditionsOf, isEventCondition, type Rule, sumsAccounts } from "./schemas";
import { selectSizes } from "./store";

export type Member = Pick<LeadFacts, "lead" | "score">;

/** `members`: by their rule's place; `last`: the lead that the slice ends with; `statements`: of D1, by the slice. */
export type MatchedSlice = { members: Member[][]; last: string; statements: number };

/**
 * The leads that match each of the rules, slice by slice, in the order of `leads`; fewer slices when the budget is used up. Reads what the
 * rules name and nothing else. One D1 round trip a slice, more as `loadFacts`. Throws invalid_request for a level of accounts with too many leads.
 */
export async function* matchSlices(
  ctx: Ctx,
  rules: readonly Rule[],
  leads: readonly SizedLead[],
  budget: CheckBudget,
): AsyncGenerator<MatchedSlice> {
  const slicing = slicingOf(rules);
  for (let from = 0; from < leads.length; ) {
    const end = takeSlice(leads, from, slicing, budget);
    if (end === from) return;
    const ids = leads.slice(from, end).map(({ lead_id }) => lead_id);
    const { found, summed, statements } = await loadFacts(ctx, rules, ids, { now: ctx.now(), withTimes: false });
    budget.events -= summed;
    const inOrder = new Map(found.map(({ facts }) => [facts.lead.lead_id, facts]));
    const facts = ids.flatMap((id) => inOrder.get(id) ?? []);
    const members = rules.map((rule) => facts.filter((fact) => matches(rule, fact)).map(({ lead, score }) => ({ lead, score })));
    yield { members, last: ids.at(-1) ?? "", statements };
    from = end;
  }
}

const slicingOf = (rules: readonly Rule[]): Slicing => ({
  conditions: rules.flatMap(conditionsOf).filter(isEventCondition).length,
  sumsAccounts: sumsAccounts(rules),
});

/** What a list of a unit with so many leads costs at most whose pages go through `matchIds`. */
export const matchCost = (
  rule: Rule,
  unitLeads: number,
  page: { pageLeads: number; pageBytes: number; pageStatements: number },
): CheckCost => checkCost(slicingOf([rule]), factStatementsMax([rule], unitLeads), { ...page, pageStatements: page.pageStatements + 1 });

/** `until`: the lead up to which they were checked; null: all were. `statements`: how many D1 statements that took. */
export type MatchedIds = { ids: Set<string>; until: string | null; statements: number };

/** Those of up to 1,000 leads that match a rule. One D1 round trip and one for each slice, none without leads. */
export async function matchIds(ctx: Ctx, rule: Rule, leadIds: readonly string[], budget: CheckBudget): Promise<MatchedIds> {
  const ids = new Set<string>();
  const leads = leadIds.length === 0 ? [] : await ctx.db.all(selectSizes(ctx.db, leadIds));
  let until: string | null = null;
  let statements = 1;
  for await (const { members, last, statements: own } of matchSlices(ctx, [rule], leads, budget)) {
    for (const { lead } of members.flat()) ids.add(lead.lead_id);
    until = last;
    statements += own;
  }
  return { ids, until: until === (leads.at(-1)?.lead_id ?? null) ? null : (until ?? ""), statements };
}

/** How a lead stands to each of the rules, by its place in `rules`. */
export type CheckedLead = Member & {
  matched: {
    matches: boolean;
    /** when time alone may change that, in ms; null: never */
    next: number | null;
  }[];
};

/**
 * Checks up to 1,000 leads as of a moment, with the stored scores of their accounts; leads that do not exist are left out. One D1 round
 * trip, none without leads or rules.
 */
export async function checkLeads(ctx: Ctx, rules: readonly Rule[], leadIds: readonly string[], now: number): Promise<CheckedLead[]> {
  if (leadIds.length === 0 || rules.length === 0) return [];
  const { found } = await loadFacts(ctx, rules, leadIds, { now, withTimes: true, keptScores: true });
  return found.map(({ facts, timing }) => ({
    lead: facts.lead,
    score: facts.score,
    matched: rules.map((rule) => ({ matches: matches(rule, facts), next: nextChange(rule, timing, now) })),
  }));
}
