/** `off`: by how much a kept counter was too high; below zero, too low. `of`: which of the unit's counters. */
export type Correction = { counter: "lead_counts" | "event_counts" | "lead_scores"; unit: number; of: string; off: number };

export type Counts = Record<string, number>;

/** Where two sets of counts differ: what is kept, and what was counted. */
export function differences(kept: Counts, counted: Counts): { of: string; kept: number; counted: number }[] {
  const names = new Set([...Object.keys(kept), ...Object.keys(counted)]);
  return [...names].map((of) => ({ of, kept: kept[of] ?? 0, counted: counted[of] ?? 0 })).filter((found) => found.kept !== found.counted);
}

export const sumOf = (counts: Counts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

export function addCounts(one: Counts, other: Counts): Counts {
  const sum = { ...one };
  for (const [of, n] of Object.entries(other)) sum[of] = (sum[of] ?? 0) + n;
  return sum;
}

export const sameCounts = (one: Counts, other: Counts): boolean => differences(one, other).length === 0;
