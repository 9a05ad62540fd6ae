/**
 * The quotas that are counted over a day or for good. A request is decided from memory: what the isolate has counted itself, and what the
 * isolates together had when it last reported its counts. Units whose quotas the operator has set are looked up once in each isolate.
 */
import type { OrgUnit, UnitMeter, UnitTotals, UnitUsage, UsageLog } from "../context";
import { logError } from "../log";
import { type QuotaName, quotaOf, quotaReached, rateQuotaReached } from "../quotas";
import { DAY_MS } from "../time";
import { countedHere, countUse, drainUses, restoreUses, usageDay } from "../usage";

const FLUSH_INTERVAL_MS = 10_000;
/** While units are in use whose quotas the operator has set. */
const SHORT_FLUSH_INTERVAL_MS = 1_000;
const COUNTS_PER_CALL_MAX = 1_000;
const UNITS_MAX = 10_000;

const log = (env: Env) => env.USAGE.getByName("all");

export const usageLog = (env: Env): UsageLog => ({
  list: async (query) => {
    await handOver(env, Date.now());
    return log(env).list(query);
  },
  record: async (day, snapshots) => {
    // what this isolate has counted is part of what was counted in the tables
    await handOver(env, Date.now());
    await log(env).record(day, snapshots);
  },
  removeBefore: (day, limit) => log(env).removeBefore(day, limit),
});

/** What a unit has used, day by day; null: it cannot be read. */
async function readDays(env: Env, { unit }: OrgUnit, first: number, last: number): Promise<UnitUsage | null> {
  await handOver(env, Date.now());
  try {
    return await log(env).ofUnit(unit, first, last);
  } catch (error) {
    logError("usage unavailable", error, { unit });
    return null;
  }
}

export const unitMeter = (env: Env, unit: OrgUnit): UnitMeter => ({
  takeEvents: (events) => takeEvents(env, unit, events),
  returnEvents: (events) => countUse(unit.unit, "events", -events),
  countBytes: (bytes) => countUse(unit.unit, "stored_bytes", bytes),
  requireStorage: () => requireStorage(env, unit),
  readDays: (first, last) => readDays(env, unit, first, last),
});

export const forgetUsage = async (env: Env, unit: number): Promise<void> => {
  told.delete(unit);
  await log(env).forget(unit, usageDay(Date.now()));
};

/** What the isolates together had used, this one's own counts up to its last flush included. */
const told = new Map<number, UnitTotals>();
let isWatched = false;

/** Counts events of the unit, before they are accepted. Throws RateLimited, and counts nothing then. */
async function takeEvents(env: Env, unit: OrgUnit, events: number): Promise<void> {
  const day = usageDay(Date.now());
  const before = await totalsOf(env, unit, "events_per_day", day);
  const max = quotaOf(unit, "events_per_day");
  if (before.events + countedHere(unit.unit, "events", day) + events > max) {
    throw rateQuotaReached("events_per_day", max, ((day + 1) * DAY_MS - Date.now()) / 1000);
  }
  countUse(unit.unit, "events", events, day);
}

/** Throws conflict when the unit stores as much as it may. */
async function requireStorage(env: Env, unit: OrgUnit): Promise<void> {
  const day = usageDay(Date.now());
  const before = await totalsOf(env, unit, "stored_bytes", day);
  const max = quotaOf(unit, "stored_bytes");
  if (before.stored_bytes + countedHere(unit.unit, "stored_bytes", day) >= max) throw quotaReached("stored_bytes", max);
}

async function totalsOf(env: Env, { unit, limits }: OrgUnit, quota: QuotaName, day: number): Promise<UnitTotals> {
  const isSet = limits[quota] !== undefined;
  isWatched ||= isSet;
  const known = told.get(unit);
  if (known?.day === day) return known;
  const nothing: UnitTotals = { unit, day, events: 0, stored_bytes: known?.stored_bytes ?? 0 };
  if (!isSet) return nothing;
  try {
    const totals = await log(env).totalsOf(unit, day);
    // another request may have reported counts meanwhile
    const newer = told.get(unit);
    if (newer?.day === day) return newer;
    keep(totals);
    return totals;
  } catch (error) {
    // quotas must not take the service down
    logError("usage unavailable", error, { unit });
    return nothing;
  }
}

function keep(totals: UnitTotals): void {
  told.delete(totals.unit);
  told.set(totals.unit, totals);
  const [oldest] = told.keys();
  if (told.size > UNITS_MAX && oldest !== undefined) told.delete(oldest);
}

let flushedAt = 0;

/** At most every 10 seconds, or every second while units with quotas of their own are in use; null when it is not time yet. */
export function flushUses(env: Env, now: number): Promise<void> | null {
  const interval = isWatched ? SHORT_FLUSH_INTERVAL_MS : FLUSH_INTERVAL_MS;
  if (now - flushedAt < interval && now >= flushedAt) return null;
  flushedAt = now;
  isWatched = false;
  return handOver(env, now);
}

/** Counts that could not be reported wait for the next time. */
async function handOver(env: Env, now: number): Promise<void> {
  const counts = drainUses(COUNTS_PER_CALL_MAX);
  if (counts.length === 0) return;
  const day = usageDay(now);
  // counts in flight are treated as reported
  for (const { unit, ...count } of counts) {
    const known = told.get(unit);
    if (known?.day !== day || count.day !== day) continue;
    keep({ ...known, events: known.events + count.events, stored_bytes: known.stored_bytes + count.stored_bytes });
  }
  try {
    for (const totals of await log(env).add(counts, day)) {
      const known = told.get(totals.unit);
      // another call may have returned first
      const events = known?.day === totals.day ? Math.max(known.events, totals.events) : totals.events;
      keep({ ...totals, events });
    }
  } catch (error) {
    for (const { unit } of counts) told.delete(unit);
    restoreUses(counts);
    logError("usage not handed over", error);
  }
}
