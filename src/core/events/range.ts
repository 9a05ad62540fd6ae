import { DAY_MS } from "../../time";
/** Ranges of days, in UTC (contract: `today`, `last_7d` …). Pure. */

export const RANGES = ["today", "yesterday", "last_7d", "last_30d", "last_90d"] as const;
export type RangeName = (typeof RANGES)[number];

/** Days since 1970-01-01, both inclusive. */
export type DayRange = { first: number; last: number };

export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

const DAYS: Record<Exclude<RangeName, "yesterday">, number> = { today: 1, last_7d: 7, last_30d: 30, last_90d: 90 };

/** The last days including today. A future event is only part of "all time". */
export function dayRange(name: RangeName, now: number): DayRange {
  const today = dayOf(now);
  return name === "yesterday" ? { first: today - 1, last: today - 1 } : { first: today - DAYS[name] + 1, last: today };
}

/** Up to the year 9999, the last that RFC 3339 can express. */
export const ALL_DAYS: DayRange = { first: 0, last: dayOf(Date.UTC(9999, 11, 31)) };
