/** When time alone may change whether a lead matches: events leave a window, scores decay. Pure. */
import { DAY_MS } from "../../time";
import { type DecayState, type Level, nextCrossing } from "../scoring";
import { type Condition, conditionsOf, type EventCondition, isEventCondition, type Operator, type Rule } from "./schemas";

/** What the passing of time works on. */
export type Timing = {
  decay: DecayState;
  levels: readonly Level[];
  /** when the events that a condition counts occurred, in any order; only of conditions with a window */
  eventTimes: ReadonlyMap<EventCondition, readonly number[]>;
  /** the lead's first event that is ahead of its time; null: none */
  nextEventAt: number | null;
};

/** The next moment, in ms, at which the answer may be another; it may also be the same still. null: never without a write. */
export function nextChange(rule: Rule, timing: Timing, now: number): number | null {
  const times = conditionsOf(rule).flatMap((condition) => changeOf(condition, timing, now) ?? []);
  return times.length === 0 ? null : Math.max(now + 1, Math.min(...times));
}

function changeOf(condition: Condition, timing: Timing, now: number): number | null {
  if (isEventCondition(condition)) return eventChange(condition, timing);
  if (condition.type === "score") return nextCrossing(timing.decay, aroundValue(condition.value), now);
  return condition.type === "engagement_level" ? nextCrossing(timing.decay, levelBounds(timing.levels), now) : null;
}

/** Scores are compared as they are displayed, with two decimals. */
const HALF_CENT = 0.005;

/** Where the comparison of a score with a value may change. */
export const aroundValue = (value: number): number[] => [value - HALF_CENT, value + HALF_CENT];

/** Where the level of a score changes. */
export const levelBounds = (levels: readonly Level[]): number[] =>
  levels
    .flatMap(({ min_score, max_score }) => [min_score, ...(max_score === null ? [] : [max_score + 1])])
    .map((bound) => bound - HALF_CENT);

function eventChange(condition: EventCondition, { eventTimes, nextEventAt }: Timing): number | null {
  const times = [...(eventTimes.get(condition) ?? [])].sort((a, b) => a - b);
  const [operator, value]: [Operator, number] =
    condition.type === "event_count" ? [condition.operator, condition.value] : ["greater_or_equal", 1];
  const last = times[eventsToLeave(operator, value, times.length) - 1];
  const leaves = last === undefined || condition.within_days === undefined ? null : last + condition.within_days * DAY_MS + 1;
  if (leaves === null || nextEventAt === null) return leaves ?? nextEventAt;
  return Math.min(leaves, nextEventAt);
}

/** How many of the counted events have to leave until the comparison has another result; 0: however many leave, it has not. */
function eventsToLeave(operator: Operator, value: number, count: number): number {
  switch (operator) {
    case "greater_or_equal":
    case "less_than":
      return Math.max(0, count - value + 1);
    case "greater_than":
    case "less_or_equal":
      return Math.max(0, count - value);
    default:
      return count === value ? 1 : Math.max(0, count - value);
  }
}
