/** Why a score is what it is: what each rule added, and what has decayed of it. The parts sum to the score, to the cent. */

import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { HOUR_MS } from "../../time";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { type Contribution, decayed, foldContributions, scoreAt } from "./decay";
import { type AttributeFilter, filterLabel } from "./filters";
import { selectExplained, selectRuleSnapshot } from "./store";

export type Driver = {
  rule_id: string;
  ruleset_id: string;
  event_type: string;
  weight: number;
  /** events that met the rule at this weight */
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
};

type ExplainedRow = Contribution & { event_type: string; attribute_filters: string };

/** `hours`: only events of the last hours are told apart; null: all of them. One round trip. Throws not_found. */
export async function explainScore(ctx: Ctx, leadId: string, hours: number | null, at: number): Promise<Explanation> {
  const lead_id = parseLeadId(leadId) ?? "";
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    contributions: [selectExplained(ctx.db, lead_id, at)],
    snapshot: [selectRuleSnapshot(ctx.db)],
  });
  if (rows.lead.length === 0) throw noSuchLead();
  const since = hours === null ? Number.NEGATIVE_INFINITY : at - hours * HOUR_MS;
  return { lead_id, at, ...explain(rows.contributions as ExplainedRow[], since, at), snapshot: rows.snapshot };
}

/** Contributions in their order, told apart by rule and weight from `since` on. Pure. */
export function explain(
  contributions: readonly ExplainedRow[],
  since: number,
  at: number,
): Pick<Explanation, "score" | "drivers" | "outside_range"> {
  const score = Math.round(scoreAt(foldContributions(contributions), at) * 100) + 0;
  const drivers = new Map<string, Omit<Driver, "cents"> & { left: number }>();
  let earlier = 0;
  for (const contribution of contributions) {
    const { rule_id, ruleset_id, weight, event_type } = contribution;
    const left = decayed(weight, contribution.half_life_ms, at - contribution.at);
    if (contribution.at < since) {
      earlier += left;
      continue;
    }
    const key = `${rule_id}:${weight}`;
    const filters = JSON.parse(contribution.attribute_filters) as AttributeFilter[];
    const filter_label = filters.length > 0 ? filterLabel(filters) : null;
    const driver = drivers.get(key) ?? { rule_id, ruleset_id, event_type, weight, count: 0, total: 0, left: 0, filter_label };
    drivers.set(key, { ...driver, count: driver.count + 1, total: driver.total + weight, left: driver.left + left });
  }
  const parts = [...drivers.values()].sort((a, b) => Math.abs(b.total) - Math.abs(a.total) || (a.rule_id < b.rule_id ? -1 : 1));
  const [outside_range = 0, ...cents] = wholeCents([earlier, ...parts.map(({ left }) => left)], score);
  return { score, outside_range, drivers: parts.map(({ left, ...driver }, index) => ({ ...driver, cents: cents[index] ?? 0 })) };
}

/** Amounts in whole cents that sum to `sum`: what rounding down leaves over goes to those that lost the most by it. */
function wholeCents(amounts: readonly number[], sum: number): number[] {
  // amounts are computed one by one and `sum` by folding: a value that is whole but for its last bits must not lose a cent
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
