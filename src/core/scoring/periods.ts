/** Stretches of time, such as the days of whoever looks at a trial, and what happened in each. Pure. */
import { DAY_MS } from "../../time";
import { invalidRequest, parseInput } from "../../validation";
import { TrialPeriods } from "./schemas";

/** `events`: what was counted; `leads`: of how many different leads it was. */
export type PeriodCount = { at: number; events: number; leads: number };

const TRIAL_DAYS_MAX = 91;

/** Throws invalid_request unless the periods ascend and begin within the last 91 days. */
export function parsePeriods(given: readonly number[], now: number): number[] {
  const starts = parseInput(TrialPeriods, given);
  const ascends = starts.every((start, at) => at === 0 || start > (starts[at - 1] ?? 0));
  if (!ascends) throw invalidRequest([{ path: "starts", message: "must ascend" }]);
  if ((starts[0] ?? 0) < now - TRIAL_DAYS_MAX * DAY_MS)
    throw invalidRequest([{ path: "starts", message: `must begin within the last ${TRIAL_DAYS_MAX} days` }]);
  return starts;
}

/**
 * Counts what happened to leads by period: each lasts until the next begins, the last one for ever. What was before the first is ignored.
 */
export function periodCounter(starts: readonly number[]): { add(leadId: string, at: number): void; counts(): PeriodCount[] } {
  const periods = starts.map((at) => ({ at, events: 0, leads: new Set<string>() }));
  return {
    add(leadId, at) {
      const period = periods[lastAtOrBefore(starts, at)];
      if (!period) return;
      period.events += 1;
      period.leads.add(leadId);
    },
    counts: () => periods.map(({ leads, ...period }) => ({ ...period, leads: leads.size })),
  };
}

/** -1: all are later. */
function lastAtOrBefore(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
