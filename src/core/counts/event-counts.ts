/** How many events of each type a unit has on a day: event_counts against events, by the index of their times. */
import { jsonArrays } from "../../db/batch";
import type { ShardDb } from "../../db/client";
import { readPosition, writePosition } from "../../db/sweep-position";
import { DAY_MS, HOUR_MS } from "../../time";
import { addCounts, type Correction, type Counts, differences, sameCounts, sumOf } from "./correction";

const JOB = "event_counts";
/** A day with more is counted hour by hour. */
const SMALL_DAY_EVENTS = 50_000;
const SLICES_PER_TICK_MAX = 60;
const EVENTS_PER_TICK_MAX = 200_000;

type Day = { unit: number; day: number };
/** The day after which the next one begins, and how far the current one is counted. */
type Position = { done: Day; current: (Day & { from: number; kept: Counts; counted: Counts }) | null };
const START: Day = { unit: 0, day: -1 };

const SLICE = `SELECT (SELECT json_group_object(type_key, count) FROM event_counts WHERE unit = ?1 AND day = ?2) AS kept,
  (SELECT json_group_object(type_key, n) FROM (SELECT type_key, count(*) AS n FROM events INDEXED BY events_by_time
    WHERE unit = ?1 AND occurred_at >= ?3 AND occurred_at < ?4 GROUP BY type_key)) AS counted`;

export async function reconcileEventCounts(db: ShardDb): Promise<Correction[]> {
  const corrections: Correction[] = [];
  let { done, current } = await readPosition<Position>(db, JOB, { done: START, current: null });
  let events = 0;
  for (let slices = 0; slices < SLICES_PER_TICK_MAX && events < EVENTS_PER_TICK_MAX; slices++) {
    const next = current ? null : await nextDay(db, done);
    const at = current ?? next;
    if (!at) {
      done = START;
      break;
    }
    const { unit, day } = at;
    const from = current?.from ?? day * DAY_MS;
    const until = next && next.events <= SMALL_DAY_EVENTS ? from + DAY_MS : from + HOUR_MS;
    const [slice] = await db.all<{ kept: string; counted: string }>(SLICE, unit, day, from, until);
    if (!slice) break;
    const kept = JSON.parse(slice.kept) as Counts;
    const before = current?.kept ?? kept;
    const counted = JSON.parse(slice.counted) as Counts;
    const total = addCounts(current?.counted ?? {}, counted);
    events += sumOf(counted);
    const isWhole = until === (day + 1) * DAY_MS;
    if (!isWhole && sameCounts(before, kept)) {
      current = { unit, day, from: until, kept, counted: total };
      continue;
    }
    if (isWhole && sameCounts(before, kept)) corrections.push(...(await correct(db, { unit, day }, kept, total)));
    done = { unit, day };
    current = null;
  }
  await writePosition(db, JOB, { done, current });
  return corrections;
}

async function nextDay(db: ShardDb, { unit, day }: Day): Promise<(Day & { events: number }) | null> {
  const [row] = await db.all<Day & { events: number }>(
    `SELECT c.unit, c.day, sum(e.count) AS events FROM (SELECT unit, day FROM event_counts WHERE (unit, day) > (?1, ?2) ORDER BY unit, day LIMIT 1) c
     CROSS JOIN event_counts e ON e.unit = c.unit AND e.day = c.day GROUP BY c.unit, c.day`,
    unit,
    day,
  );
  return row ?? null;
}

async function correct(db: ShardDb, { unit, day }: Day, kept: Counts, counted: Counts): Promise<Correction[]> {
  const wrong = differences(kept, counted);
  const rows = wrong.map(({ of, kept: was, counted: is }) => JSON.stringify([of, is, was]));
  for (const json of jsonArrays(rows)) {
    // unless it has changed since
    await db.run(
      `INSERT INTO event_counts (unit, day, type_key, count) SELECT ?1, ?2, value->>0, value->>1 FROM json_each(?3)
         WHERE coalesce((SELECT count FROM event_counts WHERE unit = ?1 AND day = ?2 AND type_key = value->>0), 0) = value->>2
       ON CONFLICT (unit, day, type_key) DO UPDATE SET count = excluded.count`,
      unit,
      day,
      json,
    );
  }
  // types are the tenant's own words: a line names the day
  return wrong.map((found) => ({ counter: "event_counts", unit, of: String(day), off: found.kept - found.counted }));
}
