/**
 * Which of a lead's events fire a trigger. An event fires when the condition does not hold just before it and holds just after: a
 * crossing. Everything is judged in the order of the events' own time, so the order in which they came in changes nothing. Pure.
 */
import { comparePositions, type Position, typeKey } from "../scoring";
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
  /** the lead's score just before and after; equal where no rule met the event */
  before: number;
  after: number;
};

/** The n-th firing of a trigger for a lead. */
export type Firing = { trigger_id: string; n: number; event_id: string; event_type: string; at: number; score: number };

type Watcher = Pick<Trigger, "trigger_id" | "active_since" | "condition">;

/**
 * All firings of a trigger for a lead, after something changed at or behind `from`. `moments` are the lead's events in their order, from
 * as far before `from` as the condition looks back; `past` are the firings known so far, in their order.
 * A firing before `from` stays, and so does one by an event from before the trigger's condition was last set.
 */
export function evaluateTrigger(trigger: Watcher, moments: readonly Moment[], from: Position, past: readonly Firing[]): Firing[] {
  const received = new Map(moments.map((moment) => [moment.event_id, moment.received_at]));
  const kept = past.filter((firing) => comparePositions(firing, from) < 0 || (received.get(firing.event_id) ?? 0) < trigger.active_since);
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
  const inOrder = [...kept, ...found].sort(comparePositions);
  return rested(trigger.condition, inOrder, keptIds).map((firing, index) => ({ ...firing, n: index + 1 }));
}

/** Leaves out what a fire mode or a cooldown silences. What is kept has fired and stays: nothing fires too shortly before it either. */
function rested(condition: Condition, firings: readonly Firing[], keptIds: ReadonlySet<string>): Firing[] {
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

/** A surge that goes on is one surge: it pauses for as long as its window. */
function pauseAfterFiring(condition: Condition): number {
  switch (condition.kind) {
    case "milestone":
      return condition.fire_mode === "once" ? Number.POSITIVE_INFINITY : condition.cooldown_seconds * 1000;
    case "sequence":
      return 0;
    case "surge":
      return condition.window_seconds * 1000;
  }
}

function crossingsOf(condition: Condition, moments: readonly Moment[], from: Position): Moment[] {
  const behind = ({ moment }: { moment: Moment }) => comparePositions(moment, from) >= 0;
  switch (condition.kind) {
    case "milestone": {
      const { score_threshold } = condition;
      const crosses = ({ before, after }: Moment) => before < score_threshold && score_threshold <= after;
      return ofType(moments, condition.event_type).filter((moment) => behind({ moment }) && crosses(moment));
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
        .filter((windowed) => behind(windowed) && completes(windowed))
        .map(({ moment }) => moment);
    }
    case "surge":
      return windows(ofType(moments, condition.event_type), condition.window_seconds)
        .filter((windowed) => behind(windowed) && windowed.index - windowed.start === condition.threshold - 1)
        .map(({ moment }) => moment);
  }
}

const ofType = (moments: readonly Moment[], eventType: string | null): readonly Moment[] =>
  eventType === null ? moments : moments.filter(({ type_key }) => type_key === typeKey(eventType));

/** `start`: the first of the moments before `index` that its window still holds. */
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
