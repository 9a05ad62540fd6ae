/** How many events a lead has: lead_scores.event_count against events. */
import type { ShardDb } from "../../db/client";
import { readPosition, writePosition } from "../../db/sweep-position";
import type { Correction } from "./correction";

const JOB = "lead_scores";
const SLICE_LEADS = 500;
/** Events that a slice counts, unless a single lead has more. */
const SLICE_EVENTS_MAX = 20_000;
const SLICES_PER_TICK_MAX = 10;

type Row = { unit: number; lead_id: string; event_count: number };
type Key = [unit: number, leadId: string];

const COUNTED = "(SELECT count(*) FROM events e WHERE e.unit = s.unit AND e.lead_id = s.lead_id)";

export async function reconcileScores(db: ShardDb): Promise<Correction[]> {
  const corrections: Correction[] = [];
  let position = await readPosition<Key>(db, JOB, [0, ""]);
  for (let slices = 0; slices < SLICES_PER_TICK_MAX; slices++) {
    const rows = await db.all<Row>(
      "SELECT unit, lead_id, event_count FROM lead_scores WHERE (unit, lead_id) > (?1, ?2) ORDER BY unit, lead_id LIMIT ?3",
      ...position,
      SLICE_LEADS,
    );
    const slice = fitting(rows);
    const last = slice.at(-1);
    if (last) corrections.push(...(await correct(db, slice)));
    position = last ? [last.unit, last.lead_id] : [0, ""];
    if (slice.length === rows.length && rows.length < SLICE_LEADS) {
      position = [0, ""];
      break;
    }
  }
  await writePosition(db, JOB, position);
  return corrections;
}

function fitting(rows: readonly Row[]): Row[] {
  let events = 0;
  return rows.filter(({ event_count }, at) => {
    events += event_count;
    return at === 0 || events <= SLICE_EVENTS_MAX;
  });
}

/** Counted and corrected in one statement: nothing can come between. */
async function correct(db: ShardDb, slice: readonly Row[]): Promise<Correction[]> {
  const kept = new Map(slice.map(({ unit, lead_id, event_count }) => [`${unit} ${lead_id}`, event_count]));
  const corrected = await db.all<Row>(
    `UPDATE lead_scores AS s SET event_count = ${COUNTED}, version = version + 1
     WHERE (unit, lead_id) IN (SELECT value->>0, value->>1 FROM json_each(?1)) AND event_count <> ${COUNTED}
     RETURNING unit, lead_id, event_count`,
    JSON.stringify(slice.map(({ unit, lead_id }) => [unit, lead_id])),
  );
  return corrected.map(({ unit, lead_id, event_count }) => ({
    counter: "lead_scores",
    unit,
    of: lead_id,
    off: (kept.get(`${unit} ${lead_id}`) ?? 0) - event_count,
  }));
}
