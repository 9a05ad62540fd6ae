/**
 * Which of a lead's events fire a trigger. Everything is evaluated in the order of the events' own time, so the order of arrival changes
 * nothing. Pure.
 */
import { compareCursors, type EventCursor } from "../scoring";
import { crossingsOf } from "./crossings";
import type { Condition, Trigger } from "./trigger";

/** One event of a lead, at the time from which it counts. */
export type Moment = {
  event_id: string;
  at: number;
  event_type: string;
  type_key: string;
  received_at: number;
  /** imported with its triggers skipped */
  silent: boolean;
  /** the lead's score just before and after; equal if no rule matched the event */
  before: number;
  after: number;
};

/** The n-th firing of a trigger for a lead. */
export type Firing = { trigger_id: string; n: number; event_id: string; event_type: string; at: number; score: number };

type Watcher = Pick<Trigger, "trigger_id" | "active_since" | "condition">;

/**
 * The firings of a trigger for a lead after its events changed at or after `from`. `moments` are the lead's events in order, from as far
 * before `from` as the condition looks back. `past` are the stored firings in order: at least the last one before `from` and all later
 * ones; the result numbers on from the first of them.
 * A firing before `from` stays, and so does one by an event received before the trigger's condition was last set.
 */
export function evaluateTrigger(trigger: Watcher, moments: readonly Moment[], from: EventCursor, past: readonly Firing[]): Firing[] {
  const received = new Map(moments.map((moment) => [moment.event_id, moment.received_at]));
  const kept = past.filter((firing) => compareCursors(firing, from) < 0 || (received.get(firing.event_id) ?? 0) < trigger.active_since);
  const keptIds = new Set(kept.map(({ event_id }) => event_id));
  const found = crossingsOf(trigger.condition, moments)
    .filter((moment) => compareCursors(moment, from) >= 0)
    .filter((moment) => !moment.silent && moment.received_at >= trigger.active_since && !keptIds.has(moment.event_id))
    .map(({ event_id, event_type, at, after }) => ({ trigger_id: trigger.trigger_id, n: 0, event_id, event_type, at, score: after }));
  const inOrder = [...kept, ...found].sort(compareCursors);
  const first = past[0]?.n ?? 1;
  return applyCooldown(trigger.condition, inOrder, keptIds).map((firing, index) => ({ ...firing, n: first + index }));
}

/** Drops firings within the cooldown of another. Kept ones have been notified and stay, so nothing may fire too shortly before them either. */
function applyCooldown(condition: Condition, firings: readonly Firing[], keptIds: ReadonlySet<string>): Firing[] {
  const cooldownMs = cooldownAfterFiring(condition);
  const nextKeptAt = timesOfNextKept(firings, keptIds);
  const remaining: Firing[] = [];
  for (const [index, firing] of firings.entries()) {
    const last = remaining.at(-1);
    const isClear = (!last || firing.at - last.at >= cooldownMs) && (nextKeptAt[index] ?? Number.NaN) - firing.at >= cooldownMs;
    if (keptIds.has(firing.event_id) || isClear) remaining.push(firing);
  }
  return remaining;
}

/** For each firing, the time of the first kept one at or after it; Infinity if there is none. */
function timesOfNextKept(firings: readonly Firing[], keptIds: ReadonlySet<string>): number[] {
  const times: number[] = new Array(firings.length);
  let next = Number.POSITIVE_INFINITY;
  for (let index = firings.length - 1; index >= 0; index--) {
    const firing = firings[index];
    if (firing && keptIds.has(firing.event_id)) next = firing.at;
    times[index] = next;
  }
  return times;
}

/** A continuing surge fires once: its cooldown is its window. */
function cooldownAfterFiring(condition: Condition): number {
  switch (condition.kind) {
    case "milestone":
      return condition.fire_mode === "once" ? Number.POSITIVE_INFINITY : condition.cooldown_seconds * 1000;
    case "sequence":
    case "segment":
      return 0;
    case "surge":
      return condition.window_seconds * 1000;
  }
}
