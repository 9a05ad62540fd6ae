/**
 * Which events make a condition true: it does not hold just before the event and holds just after. One pass over a lead's events for each
 * condition, O(events x types of a sequence), whatever the window holds. Pure.
 */
import { typeKey } from "../scoring";
import type { Moment } from "./evaluate";
import type { Condition, SequenceCondition } from "./trigger";

/** `moments` are in order. */
export function crossingsOf(condition: Condition, moments: readonly Moment[]): Moment[] {
  switch (condition.kind) {
    case "milestone": {
      const { score_threshold } = condition;
      return ofType(moments, condition.event_type).filter(({ before, after }) => before < score_threshold && score_threshold <= after);
    }
    case "sequence":
      return condition.ordered ? completedInOrder(condition, moments) : completedInAnyOrder(condition, moments);
    case "surge":
      return windows(ofType(moments, condition.event_type), condition.window_seconds)
        .filter(({ index, start }) => index - start === condition.threshold - 1)
        .map(({ moment }) => moment);
    case "segment":
      // fired by the lane that checks the segment, not by an event
      return [];
  }
}

/**
 * For each prefix of the sequence, keeps the latest position at which an occurrence of it starts. The prefix lies in a window exactly if
 * that position does.
 */
function completedInOrder({ event_types, window_seconds }: SequenceCondition, moments: readonly Moment[]): Moment[] {
  const types = event_types.map(typeKey);
  const watched = moments.filter(({ type_key }) => types.includes(type_key));
  const latestStart = types.map(() => -1);
  const completed: Moment[] = [];
  for (const { moment, index, start } of windows(watched, window_seconds)) {
    const heldBefore = (latestStart.at(-1) ?? -1) >= start;
    for (let place = types.length - 1; place >= 0; place--) {
      if (types[place] === moment.type_key) latestStart[place] = place === 0 ? index : (latestStart[place - 1] ?? -1);
    }
    if (!heldBefore && (latestStart.at(-1) ?? -1) >= start) completed.push(moment);
  }
  return completed;
}

/** Counts the window's events by type. A type listed twice must have happened twice. */
function completedInAnyOrder({ event_types, window_seconds }: SequenceCondition, moments: readonly Moment[]): Moment[] {
  const missing = new Map<string, number>();
  for (const type of event_types.map(typeKey)) missing.set(type, (missing.get(type) ?? 0) + 1);
  let incompleteTypes = missing.size;
  const add = (type: string, count: 1 | -1) => {
    const before = missing.get(type) ?? 0;
    missing.set(type, before - count);
    if (before > 0 && before - count <= 0) incompleteTypes -= 1;
    if (before <= 0 && before - count > 0) incompleteTypes += 1;
  };
  const watched = moments.filter(({ type_key }) => missing.has(type_key));
  const completed: Moment[] = [];
  let first = 0;
  for (const { moment, start } of windows(watched, window_seconds)) {
    for (; first < start; first++) add(watched[first]?.type_key ?? "", -1);
    const heldBefore = incompleteTypes === 0;
    add(moment.type_key, 1);
    if (!heldBefore && incompleteTypes === 0) completed.push(moment);
  }
  return completed;
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
