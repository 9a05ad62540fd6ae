/** What the filters of triggers are checked on: the leads of a batch of events as its commit leaves them. */
import type { Ctx } from "../../context";
import { leadAfter, leadToBe, type PlannedLeads } from "../leads";
import { type DecayState, type Level, viewScore } from "../scoring";
import { type LeadFacts, loadFacts, matches } from "../segments";
import type { Trigger } from "../triggers";

/** All but the score, which only the plan knows. */
export type FilterFacts = { facts: Omit<LeadFacts, "score">; levels: readonly Level[] };

/** By lead. One D1 round trip where a trigger has a filter, else none. `known`: the leads that are stored. */
export async function loadFilterFacts(
  ctx: Ctx,
  triggers: readonly Trigger[],
  { inserts, updates }: PlannedLeads,
  known: readonly string[],
): Promise<ReadonlyMap<string, FilterFacts>> {
  const rules = triggers.flatMap((trigger) => filterOf(trigger) ?? []);
  if (rules.length === 0) return new Map();
  const now = ctx.now();
  const changes = new Map(updates.map((update) => [update.lead_id, update]));
  const { found } = await loadFacts(ctx, rules, known, {
    now,
    withTimes: false,
    changed: (lead) => {
      const change = changes.get(lead.lead_id);
      return change ? leadAfter(lead, change) : lead;
    },
    unsaved: inserts.map((insert) => leadToBe(insert, now)),
  });
  return new Map(found.map(({ facts, timing: { levels } }) => [facts.lead.lead_id, { facts, levels }]));
}

/** The triggers that may fire for a lead whose fold is `decay` at a time. Pure. */
export function admitted(triggers: readonly Trigger[], { facts, levels }: FilterFacts, decay: DecayState, at: number): Trigger[] {
  const score = viewScore(decay, null, levels, at);
  return triggers.filter((trigger) => {
    const filter = filterOf(trigger);
    return filter === null || matches(filter, { ...facts, score });
  });
}

const filterOf = ({ condition }: Trigger) => (condition.kind === "segment" ? null : (condition.filter ?? null));
