/**
 * Firings by the definition of a crossing: for every event, the condition is evaluated on the events of its window without and with it.
 * Quadratic and obviously right: the oracle of the linear evaluation.
 */
import { compareCursors, type EventCursor, typeKey } from "../../../src/core/scoring";
import type { Firing, Moment } from "../../../src/core/triggers/evaluate";
import type { Condition, Trigger } from "../../../src/core/triggers/trigger";

type Watcher = Pick<Trigger, "trigger_id" | "active_since" | "condition">;

export function evaluateTrigger(trigger: Watcher, moments: readonly Moment[], from: EventCursor, past: readonly Firing[]): Firing[] {
  const received = new Map(moments.map((moment) => [moment.event_id, moment.received_at]));
  const kept = past.filter((firing) => compareCursors(firing, from) < 0 || (received.get(firing.event_id) ?? 0) < trigger.active_since);
  const keptIds = new Set(kept.map(({ event_id }) => event_id));
  const crossings = crossingsOf(trigger.condition, moments, from).filter(
    (moment) => !moment.silent && moment.received_at >= trigger.active_since && !keptIds.has(moment.event_id),
  );
  const found = crossings.map((moment) => ({
    trigger_id: trigger.trigger_id,
    n: 0,
    event_id: moment.event_id,
    event_type: moment.event_type,
    at: moment.at,
    score: moment.after,
  }));
  const inOrder = [...kept, ...found].sort(compareCursors);
  return applyCooldown(trigger.condition, inOrder, keptIds).map((firing, index) => ({ ...firing, n: index + 1 }));
}

/** Drops firings within the cooldown of another. Kept ones stay, so nothing may fire too shortly before them either. */
function applyCooldown(condition: Condition, firings: readonly Firing[], keptIds: ReadonlySet<string>): Firing[] {
  const pauseMs = pauseAfterFiring(condition);
  const kept = firings.filter(({ event_id }) => keptIds.has(event_id));
  const remaining: Firing[] = [];
  for (const firing of firings) {
    const last = remaining.at(-1);
    const rest = !last || firing.at - last.at >= pauseMs;
    if (keptIds.has(firing.event_id) || (rest && kept.every(({ at }) => Math.abs(at - firing.at) >= pauseMs))) remaining.push(firing);
  }
  return remaining;
}

/** A continuing surge fires once: its cooldown is its window. */
function pauseAfterFiring(condition: Condition): number {
  switch (condition.kind) {
    case "milestone":
      return condition.fire_mode === "once" ? Number.POSITIVE_INFINITY : condition.cooldown_seconds * 1000;
    case "sequence":
      return 0;
    case "surge":
      return condition.window_seconds * 1000;
    case "segment":
      return 0;
  }
}

function crossingsOf(condition: Condition, moments: readonly Moment[], from: EventCursor): Moment[] {
  const isChanged = ({ moment }: { moment: Moment }) => compareCursors(moment, from) >= 0;
  switch (condition.kind) {
    case "milestone": {
      const { score_threshold } = condition;
      const crosses = ({ before, after }: Moment) => before < score_threshold && score_threshold <= after;
      return ofType(moments, condition.event_type).filter((moment) => isChanged({ moment }) && crosses(moment));
    }
    case "sequence": {
      const types = condition.event_types.map(typeKey);
      const complete = condition.ordered ? holdsInOrder : holdsAll;
      const watched = moments.filter(({ type_key }) => types.includes(type_key));
      const completes = ({ moment, index, start }: Windowed) => {
        const earlier = watched.slice(start, index).map(({ type_key }) => type_key);
        return complete(types, [...earlier, moment.type_key]) && !complete(types, earlier);
      };
      return windows(watched, condition.window_seconds)
        .filter((windowed) => isChanged(windowed) && completes(windowed))
        .map(({ moment }) => moment);
    }
    case "segment":
      return [];
    case "surge":
      return windows(ofType(moments, condition.event_type), condition.window_seconds)
        .filter((windowed) => isChanged(windowed) && windowed.index - windowed.start === condition.threshold - 1)
        .map(({ moment }) => moment);
  }
}

const ofType = (moments: readonly Moment[], eventType: string | null): readonly Moment[] =>
  eventType === null ? moments : moments.filter(({ type_key }) => type_key === typeKey(eventType));

/** `start`: index of the first moment that is still in the window of the moment at `index`. */
type Windowed = { moment: Moment; index: number; start: number };

function windows(moments: readonly Moment[], seconds: number): Windowed[] {
  let start = 0;
  return moments.map((moment, index) => {
    while ((moments[start]?.at ?? moment.at) < moment.at - seconds * 1000) start += 1;
    return { moment, index, start };
  });
}

/** A type listed twice must have happened twice. */
function holdsAll(types: readonly string[], happened: readonly string[]): boolean {
  const wanted = new Map<string, number>();
  for (const type of types) wanted.set(type, (wanted.get(type) ?? 0) + 1);
  for (const type of happened) wanted.set(type, (wanted.get(type) ?? 0) - 1);
  return [...wanted.values()].every((missing) => missing <= 0);
}

function holdsInOrder(types: readonly string[], happened: readonly string[]): boolean {
  let next = 0;
  for (const type of happened) if (type === types[next]) next += 1;
  return next === types.length;
}
