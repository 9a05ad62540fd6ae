/** What each org unit has used, counted in this isolate since it last handed its counts over. In memory only. */
import { DAY_MS } from "./time";

export type Use = "requests" | "events" | "rows_written" | "stored_bytes";
/** Of one day (days since 1970-01-01, in UTC). `stored_bytes`: what came in, an estimate. */
export type UnitUse = { day: number; unit: number } & Record<Use, number>;

const uses = new Map<string, UnitUse>();

export const usageDay = (ms: number): number => Math.floor(ms / DAY_MS);

export function countUse(unit: number, use: Use, by: number, day = usageDay(Date.now())): void {
  if (by === 0) return;
  const key = `${day} ${unit}`;
  const counted = uses.get(key) ?? { day, unit, requests: 0, events: 0, rows_written: 0, stored_bytes: 0 };
  counted[use] += by;
  uses.set(key, counted);
}

export const countedHere = (unit: number, use: Use, day: number): number => uses.get(`${day} ${unit}`)?.[use] ?? 0;

/** Removes and returns at most `max` of the counts, those first that are waiting longest. */
export function drainUses(max: number): UnitUse[] {
  const drained: UnitUse[] = [];
  for (const [key, counted] of uses) {
    if (drained.length === max) break;
    uses.delete(key);
    drained.push(counted);
  }
  return drained;
}

/** Counts that could not be handed over. */
export function restoreUses(counts: readonly UnitUse[]): void {
  for (const { day, unit, ...counted } of counts) {
    for (const [use, by] of Object.entries(counted)) countUse(unit, use as Use, by, day);
  }
}
