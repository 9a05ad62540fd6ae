/** Ranges of days, in UTC (contract: `today`, `last_7d` …). Pure. */
import { DAY_MS } from "../scoring";

export const RANGES = ["today", "yesterday", "last_7d", "last_30d", "last_90d"] as const;
export type RangeName = (typeof RANGES)[number];

/** Days since 1970-01-01: from `first` up to and with `last`. */
export type DayRange = { first: number; last: number };

export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

const DAYS: Record<Exclude<RangeName, "yesterday">, number> = { today: 1, last_7d: 7, last_30d: 30, last_90d: 90 };

/** The last days with today among them. A future event belongs to no range but "all time". */
export function dayRange(name: RangeName, now: number): DayRange {
  const today = dayOf(now);
  return name === "yesterday" ? { first: today - 1, last: today - 1 } : { first: today - DAYS[name] + 1, last: today };
}

/** The year 9999 ends it, as it does RFC 3339. */
export const ALL_DAYS: DayRange = { first: 0, last: dayOf(Date.UTC(9999, 11, 31)) };
