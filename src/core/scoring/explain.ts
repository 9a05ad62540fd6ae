/** Why a score is what it is: what each rule added, and what has decayed of it. The parts sum to the score, to the cent. */

import type { z } from "zod";
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { HOUR_MS } from "../../time";
import { parseInput } from "../../validation";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { filterLabel } from "./filters";
import { selectContributionSums } from "./ledger-store";
import { selectRuleLabels } from "./rule-store";
import { ExplanationInput } from "./schemas";
import { countSuppressed, selectRuleSnapshot } from "./store";

export type Driver = {
  rule_id: string;
  ruleset_id: string;
  event_type: string;
  weight: number;
  /** events that matched the rule at this weight */
  count: number;
  /** count x weight: before anything decayed */
  total: number;
  /** what is left of it, in cents */
  cents: number;
  filter_label: string | null;
};

export type Explanation = {
  lead_id: string;
  at: number;
  /** all amounts are in cents: score = sum of the drivers' cents + outside_range */
  score: number;
  drivers: Driver[];
  /** what events before the range still add */
  outside_range: number;
  snapshot: { event_type: string; weight: number }[];
  /** suppressed events of the range */
  inorganic_count: number;
};

/** Contributions of one rule at one weight, summed up. */
export type ContributionSum = {
  rule_id: string;
  ruleset_id: string;
  weight: number;
  /** 0: before the range */
  in_range: 0 | 1;
  count: number;
  /** points left after decay */
  left: number;
};

export type RuleLabel = { event_type: string; filter_label: string | null };

/** At most 20 filters of one rule may be 150 KB. */
const RULES_PER_READ = 20;
const FILTER_LABEL_CHARS_MAX = 1_000;

/**
 * `hours`: only events of the last hours are broken down; default: all. `at`: default now. The database sums up the contributions, so
 * memory grows with the number of rules only. Throws invalid_request, not_found. One D1 round trip, and one for each 20 rules.
 */
export async function explainScore(ctx: Ctx, leadId: string, given: z.input<typeof ExplanationInput>): Promise<Explanation> {
  const { hours, at = ctx.now() } = parseInput(ExplanationInput, given);
  const lead_id = parseLeadId(leadId) ?? "";
  const since = hours === undefined ? 0 : at - hours * HOUR_MS;
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    sums: [selectContributionSums(ctx.db, lead_id, at, since)],
    snapshot: [selectRuleSnapshot(ctx.db)],
    suppressed: [countSuppressed(ctx.db, lead_id, since, at)],
  });
  if (rows.lead.length === 0) throw noSuchLead();
  const { sums } = rows;
  const labels = await loadLabels(ctx, [...new Set(sums.flatMap(({ rule_id, in_range }) => (in_range === 1 ? [rule_id] : [])))]);
  return { lead_id, at, ...explain(sums, labels), snapshot: rows.snapshot, inorganic_count: rows.suppressed[0]?.count ?? 0 };
}

async function loadLabels(ctx: Ctx, ruleIds: readonly string[]): Promise<Map<string, RuleLabel>> {
  const labels = new Map<string, RuleLabel>();
  for (let from = 0; from < ruleIds.length; from += RULES_PER_READ) {
    const rows = await ctx.db.all(selectRuleLabels(ctx.db, ruleIds.slice(from, from + RULES_PER_READ)));
    for (const { rule_id, event_type, attribute_filters } of rows) {
      const label = filterLabel(JSON.parse(attribute_filters));
      const shown = label.length > FILTER_LABEL_CHARS_MAX ? `${label.slice(0, FILTER_LABEL_CHARS_MAX).toWellFormed()}…` : label;
      labels.set(rule_id, { event_type, filter_label: shown || null });
    }
  }
  return labels;
}

/** Pure. */
export function explain(
  sums: readonly ContributionSum[],
  labels: ReadonlyMap<string, RuleLabel>,
): Pick<Explanation, "score" | "drivers" | "outside_range"> {
  const inRange = sums
    .filter(({ in_range }) => in_range === 1)
    .map((sum) => ({ ...sum, total: sum.count * sum.weight }))
    .sort((a, b) => Math.abs(b.total) - Math.abs(a.total) || (a.rule_id < b.rule_id ? -1 : 1));
  const before = sums.filter(({ in_range }) => in_range === 0).reduce((left, sum) => left + sum.left, 0);
  const score = Math.round(inRange.reduce((left, sum) => left + sum.left, before) * 100) + 0;
  const [outside_range = 0, ...cents] = wholeCents([before, ...inRange.map(({ left }) => left)], score);
  const drivers = inRange.map(({ rule_id, ruleset_id, weight, count, total }, index): Driver => {
    const { event_type = "", filter_label = null } = labels.get(rule_id) ?? {};
    return { rule_id, ruleset_id, event_type, weight, count, total, cents: cents[index] ?? 0, filter_label };
  });
  return { score, outside_range, drivers };
}

/** Amounts in whole cents that sum to `sum`: the remainder of rounding down goes to those that lost the most. */
function wholeCents(amounts: readonly number[], sum: number): number[] {
  // a value that is whole but for its last bits must not lose a cent
  const exact = amounts.map((amount) =>
    Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6 ? Math.round(amount * 100) : amount * 100,
  );
  const cents = exact.map(Math.floor);
  let missing = sum - cents.reduce((total, cent) => total + cent, 0);
  const byLoss = exact.map((amount, index) => ({ index, loss: amount - Math.floor(amount) })).sort((a, b) => b.loss - a.loss);
  for (let turn = 0; missing !== 0 && byLoss.length > 0; turn++) {
    const { index = 0 } = byLoss[turn % byLoss.length] ?? {};
    const step = Math.sign(missing);
    cents[index] = (cents[index] ?? 0) + step;
    missing -= step;
  }
  return cents;
}
