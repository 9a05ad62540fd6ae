/**
 * How much of a lead's past a change re-evaluates. A trigger looks back over its window, but never over more than the lead's newest events
 * of the types that triggers watch; and a late event moves firings only among the newest half of those. What fired before is final. Without
 * the caps one lead with many events would delay every other lead of the deployment. Scores have no cap: a late event always counts. Pure.
 */
import { typeKey } from "../scoring";
import type { Trigger } from "./trigger";

/** Covers 55 events a day for 90 days, the longest window; one plan evaluates them in about 10 ms for each trigger. */
const LOOK_BACK_EVENTS_MAX = 5_000;
/** Bounds the cost of one lead's plan, about 1 microsecond for each event and trigger: with 200 triggers they look back 1,000 events. */
const EVALUATIONS_MAX = 200_000;

export type LookBack = {
  /** of the longest window; 0: no trigger has one */
  window_ms: number;
  /** type keys of the events that windows are about; null: all types */
  types: readonly string[] | null;
  /** a lead's newest events that are loaded */
  events_max: number;
  /** the newest of them at which a trigger is evaluated; the others are only looked back over */
  evaluated_max: number;
};

export function lookBackOf(triggers: readonly Trigger[]): LookBack {
  const perTrigger = Math.min(LOOK_BACK_EVENTS_MAX, Math.floor(EVALUATIONS_MAX / Math.max(1, triggers.length)));
  const evaluated_max = Math.floor(perTrigger / 2);
  const types = new Set<string | null>();
  let window_ms = 0;
  let thresholdMax = 0;
  for (const { condition } of triggers) {
    if (condition.kind === "milestone" || condition.kind === "segment") continue;
    window_ms = Math.max(window_ms, condition.window_seconds * 1000);
    if (condition.kind === "sequence") for (const type of condition.event_types) types.add(typeKey(type));
    else {
      types.add(condition.event_type === null ? null : typeKey(condition.event_type));
      thresholdMax = Math.max(thresholdMax, condition.threshold);
    }
  }
  return {
    window_ms,
    types: types.has(null) ? null : [...types].filter((type) => type !== null),
    // a surge of very many events has to see them all
    events_max: Math.max(perTrigger, evaluated_max + thresholdMax),
    evaluated_max,
  };
}
