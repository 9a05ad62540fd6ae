/** Whether leads will match rules once planned writes are committed. */
import type { Ctx } from "../../context";
import { leadAfter, leadToBe, type PlannedLead } from "../leads";
import { type CheckBudget, takeSlice } from "./check-budget";
import { factStatements, loadFacts } from "./load-facts";
import { type AccountFacts, matches } from "./match";
import type { CheckedLead } from "./match-leads";
import { conditionsOf, isEventCondition, type Rule } from "./schemas";
import { selectSizes } from "./store";

/** `isNew`: the write creates the lead; else `planned` is a patch. */
export type PlannedWrite = { isNew: boolean; planned: PlannedLead };

/** Accounts that the write creates, by id. */
type NewAccounts = ReadonlyMap<string, Pick<AccountFacts, "name" | "domain">>;

/** `hasRoom`: whether so many D1 statements may still be issued. */
export type PlannedCheck = { budget: CheckBudget; newAccounts: NewAccounts; hasRoom: (statements: number) => boolean };

/** How many statements a slice of `checkPlanned` takes at most. */
export const sliceStatements = (rules: readonly Rule[]): number => factStatements(rules) + 1;

/**
 * Checks leads as planned writes will leave them, slice by slice; fewer slices when the budget is used up or `hasRoom` leaves no statements.
 * Scores and events are those of now, and so are the scores of accounts. One D1 round trip to size stored leads, one for each slice.
 */
export async function* checkPlanned(
  ctx: Ctx,
  rules: readonly Rule[],
  writes: readonly PlannedWrite[],
  { budget, newAccounts, hasRoom }: PlannedCheck,
): AsyncGenerator<CheckedLead[]> {
  // the stored scores of accounts are read: nothing is summed up
  const slicing = { conditions: rules.flatMap(conditionsOf).filter(isEventCondition).length, sumsAccounts: false };
  const hasRoomForSlice = () => hasRoom(sliceStatements(rules) + 1);
  const created = writes.filter(({ isNew }) => isNew);
  if (!hasRoomForSlice()) return;
  if (created.length > 0) yield await checkSlice(ctx, rules, created, newAccounts);
  const changed = new Map(writes.filter(({ isNew }) => !isNew).map((write) => [write.planned.lead_id, write]));
  const sized = changed.size === 0 ? [] : await ctx.db.all(selectSizes(ctx.db, [...changed.keys()]));
  for (let from = 0; from < sized.length && hasRoomForSlice(); ) {
    const end = takeSlice(sized, from, slicing, budget);
    if (end === from) return;
    const slice = sized.slice(from, end).flatMap(({ lead_id }) => changed.get(lead_id) ?? []);
    yield await checkSlice(ctx, rules, slice, newAccounts);
    from = end;
  }
}

/** One D1 round trip. */
async function checkSlice(
  ctx: Ctx,
  rules: readonly Rule[],
  writes: readonly PlannedWrite[],
  newAccounts: NewAccounts,
): Promise<CheckedLead[]> {
  const now = ctx.now();
  const plannedOf = new Map(writes.map(({ planned }) => [planned.lead_id, planned]));
  const relinked = new Map<string, string | null>();
  for (const { lead_id, fields } of plannedOf.values()) if (fields?.account_id !== undefined) relinked.set(lead_id, fields.account_id);
  const { found } = await loadFacts(
    ctx,
    rules,
    writes.flatMap(({ isNew, planned }) => (isNew ? [] : [planned.lead_id])),
    {
      now,
      withTimes: false,
      keptScores: true,
      changed(lead) {
        const planned = plannedOf.get(lead.lead_id);
        return planned ? leadAfter(lead, planned) : lead;
      },
      unsaved: writes.filter(({ isNew }) => isNew).map(({ planned }) => leadToBe(planned, now)),
      relinked,
      newAccounts,
    },
  );
  return found.map(({ facts }) => ({
    lead: facts.lead,
    score: facts.score,
    matched: rules.map((rule) => ({ matches: matches(rule, facts), next: null })),
  }));
}
