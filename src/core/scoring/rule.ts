/** Rules, and which of them an event matches. Pure. */
import { DAY_MS } from "../../time";
import type { Contribution } from "./decay";
import { type AttributeFilter, type Metadata, matchesFilters } from "./filters";

export type Ruleset = {
  ruleset_id: string;
  name: string;
  active: boolean;
  /** ms; applies to events from this time on; null: no start */
  starts_at: number | null;
  /** ms; applies to events before this time; null: no end */
  ends_at: number | null;
  created_at: number;
  updated_at: number;
};

export type Rule = {
  rule_id: string;
  ruleset_id: string;
  event_type: string;
  /** whole points, positive or negative */
  weight: number;
  active: boolean;
  starts_at: number | null;
  ends_at: number | null;
  /** days until a contribution counts half; null: it never decays */
  half_life_days: number | null;
  attribute_filters: AttributeFilter[];
  created_at: number;
  updated_at: number;
};

/** An active rule of an active ruleset, with both periods. */
export type ActiveRule = Pick<Rule, "rule_id" | "ruleset_id" | "weight" | "attribute_filters"> & {
  half_life_ms: number | null;
  type_key: string;
  periods: readonly Period[];
};
export type Period = { starts_at: number | null; ends_at: number | null };

export type ScoredEvent = { event_id: string; type_key: string; metadata: Metadata | null; occurred_at: number; received_at: number };

/** The key that all spellings of an event type share: `page_view`, `Page View`, `PAGE  VIEW`. */
export const typeKey = (eventType: string): string =>
  eventType
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, " ")
    .trim();

/** When an event starts to count: at its own time, or when it was received if that is earlier. */
export const countsFrom = (event: { occurred_at: number; received_at: number }): number => Math.min(event.occurred_at, event.received_at);

/** The contributions of an event, one for each rule that it matches. */
export function contributionsOf(event: ScoredEvent, rulesByType: ReadonlyMap<string, readonly ActiveRule[]>): Contribution[] {
  const at = countsFrom(event);
  const contributions: Contribution[] = [];
  for (const rule of rulesByType.get(event.type_key) ?? []) {
    if (!rule.periods.every((period) => within(period, event.occurred_at))) continue;
    if (!matchesFilters(rule.attribute_filters, event.metadata ?? {})) continue;
    const { rule_id, ruleset_id, weight, half_life_ms } = rule;
    contributions.push({ at, event_id: event.event_id, rule_id, ruleset_id, weight, half_life_ms });
  }
  return contributions;
}

export const halfLifeMs = (days: number | null): number | null => (days === null ? null : Math.round(days * DAY_MS));

export function rulesByType(rules: readonly ActiveRule[]): Map<string, ActiveRule[]> {
  const byType = new Map<string, ActiveRule[]>();
  for (const rule of [...rules].sort((a, b) => (a.rule_id < b.rule_id ? -1 : 1))) {
    const same = byType.get(rule.type_key);
    if (same) same.push(rule);
    else byType.set(rule.type_key, [rule]);
  }
  return byType;
}

const within = ({ starts_at, ends_at }: Period, time: number): boolean =>
  (starts_at === null || time >= starts_at) && (ends_at === null || time < ends_at);
