/** How many leads a unit has, by status: lead_counts against leads. */
import type { ShardDb } from "../../db/client";
import { readPosition, writePosition } from "../../db/sweep-position";
import { addCounts, type Correction, type Counts, differences, sameCounts } from "./correction";

const JOB = "lead_counts";
/** About 15 MB to read. */
const SLICE_LEADS = 10_000;
const SLICES_PER_TICK_MAX = 20;

/** The unit after which the next one begins, and how far the current one is counted. */
type Position = { done: number; current: { unit: number; after: string; kept: Counts; counted: Counts } | null };

/** The counters, as they are at the moment of the slice. */
const KEPT = "(SELECT json_group_object(status, leads) FROM lead_counts WHERE unit = ?1)";
const SLICE = `SELECT ${KEPT} AS kept, max(lead_id) AS last, count(*) AS leads,
    (SELECT json_group_object(status, n) FROM (SELECT status, count(*) AS n FROM (
      SELECT status FROM leads WHERE unit = ?1 AND lead_id > ?2 ORDER BY lead_id LIMIT ?3) GROUP BY status)) AS counted
  FROM (SELECT lead_id FROM leads WHERE unit = ?1 AND lead_id > ?2 ORDER BY lead_id LIMIT ?3)`;
type Slice = { kept: string; last: string | null; leads: number; counted: string };

export async function reconcileLeadCounts(db: ShardDb): Promise<Correction[]> {
  const corrections: Correction[] = [];
  let { done, current } = await readPosition<Position>(db, JOB, { done: 0, current: null });
  for (let slices = 0; slices < SLICES_PER_TICK_MAX; slices++) {
    const unit = current?.unit ?? (await nextUnit(db, done));
    if (unit === null) {
      done = 0;
      break;
    }
    const [slice] = await db.all<Slice>(SLICE, unit, current?.after ?? "", SLICE_LEADS);
    if (!slice) break;
    const kept = JSON.parse(slice.kept) as Counts;
    const before = current?.kept ?? kept;
    const counted = addCounts(current?.counted ?? {}, JSON.parse(slice.counted) as Counts);
    const isWhole = slice.leads < SLICE_LEADS;
    if (!isWhole && slice.last !== null && sameCounts(before, kept)) {
      current = { unit, after: slice.last, kept, counted };
      continue;
    }
    if (isWhole && sameCounts(before, kept)) corrections.push(...(await correct(db, unit, kept, counted)));
    done = unit;
    current = null;
  }
  await writePosition(db, JOB, { done, current });
  return corrections;
}

async function nextUnit(db: ShardDb, after: number): Promise<number | null> {
  const [row] = await db.all<{ unit: number | null }>("SELECT min(unit) AS unit FROM lead_counts WHERE unit > ?1", after);
  return row?.unit ?? null;
}

async function correct(db: ShardDb, unit: number, kept: Counts, counted: Counts): Promise<Correction[]> {
  const wrong = differences(kept, counted);
  if (wrong.length > 0) {
    // unless it has changed since
    await db.run(
      `INSERT INTO lead_counts (unit, status, leads) SELECT ?1, value->>0, value->>1 FROM json_each(?2)
         WHERE coalesce((SELECT leads FROM lead_counts WHERE unit = ?1 AND status = value->>0), 0) = value->>2
       ON CONFLICT (unit, status) DO UPDATE SET leads = excluded.leads`,
      unit,
      JSON.stringify(wrong.map(({ of, kept: was, counted: is }) => [of, is, was])),
    );
  }
  return wrong.map((found) => ({ counter: "lead_counts", unit, of: found.of, off: found.kept - found.counted }));
}
