/** SQL of erasures that a job carries out. */
import type { Statement, UnitDb } from "../../context";
import type { ShardDb } from "../../db/client";
import { guardSql } from "../../db/commit";
import { MINUTE_MS } from "../../time";
import type { ErasureStatus } from "../../vocabulary";
import { erasesOfFirst } from "../events";
import { UNIT_TABLES } from "./unit-tables";

export type ErasureRow = {
  receipt_id: string;
  erased_id: string;
  status: ErasureStatus;
  requested_by: string;
  requested_at: number;
  erased: string;
  suppressed: number;
  person: string | null;
  position: string | null;
  steps: number;
  receipt: string | null;
};

const COLUMNS = "receipt_id, erased_id, status, requested_by, requested_at, erased, suppressed, person, position, steps, receipt";

export const selectErasure = (db: UnitDb, receiptId: string): Statement<ErasureRow> =>
  db.sql(`SELECT ${COLUMNS} FROM lead_erasures WHERE unit = ?1 AND receipt_id = ?2`, receiptId);

export const selectRunningErasure = (db: UnitDb, leadId: string): Statement<ErasureRow> =>
  db.sql(
    `SELECT ${COLUMNS} FROM lead_erasures INDEXED BY lead_erasures_running WHERE unit = ?1 AND erased_id = ?2 AND status = 'running'`,
    leadId,
  );

/** Collides (CommitConflict) with a running erasure of the same lead. */
export const insertErasure = (db: UnitDb, row: ErasureRow): Statement<never> =>
  db.sql(
    `INSERT INTO lead_erasures (unit, receipt_id, erased_id, status, requested_by, requested_at, erased, suppressed, person, steps, run_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?6)`,
    row.receipt_id,
    row.erased_id,
    row.status,
    row.requested_by,
    row.requested_at,
    row.erased,
    row.suppressed,
    row.person,
  );

/** What one batch deletes at most: an event is about six written rows with its indexes. */
const EVENTS_PER_STEP = 1_000;
const ROWS_PER_STEP = 5_000;
const EVENTS_AT_ONCE_MAX = 2_000;
const ROWS_AT_ONCE_MAX = 10_000;

/** Further tables that may hold many rows of one lead. */
const SLICED = ["contributions", "score_blocks", "firings", "fact_calls", "channel_events", "reward_events"] as const;

/** Whether a lead has more rows than one batch deletes. */
export const selectIsLarge = (db: UnitDb, leadId: string): Statement<{ large: 0 | 1 }> => {
  const over = (table: string, max: number) => `EXISTS (SELECT 1 FROM ${table} WHERE unit = ?1 AND lead_id = ?2 LIMIT 1 OFFSET ${max})`;
  return db.sql(
    `SELECT ${over("events", EVENTS_AT_ONCE_MAX)} OR ${SLICED.map((table) => over(table, ROWS_AT_ONCE_MAX)).join(" OR ")} AS large`,
    leadId,
  );
};

/** Deletes a slice of the lead's rows from each table that may have many, and adds their numbers to the erasure's row. */
export function eraseSome(db: UnitDb, { receipt_id, erased_id }: ErasureRow): Statement<never>[] {
  const slices = SLICED.map((table) => {
    const key = (UNIT_TABLES[table] ?? []).slice(1).join(", ");
    const text = `DELETE FROM ${table} WHERE unit = ?1 AND lead_id = ?2
      AND (${key}) IN (SELECT ${key} FROM ${table} WHERE unit = ?1 AND lead_id = ?2 LIMIT ?3)`;
    return { table, statement: db.sql<never>(text, erased_id, ROWS_PER_STEP) };
  });
  return [...erasesOfFirst(db, erased_id, EVENTS_PER_STEP), ...slices].flatMap(({ table, statement }) =>
    table === null ? [statement] : [statement, addDeleted(db, receipt_id, table)],
  );
}

/** Adds the number of rows that the preceding statement deleted. */
const addDeleted = (db: UnitDb, receiptId: string, table: string): Statement<never> =>
  db.sql(
    `UPDATE lead_erasures SET erased = json_set(erased, '$.rows.${table}', coalesce(erased ->> '$.rows.${table}', 0) + changes())
     WHERE unit = ?1 AND receipt_id = ?2 AND changes() > 0`,
    receiptId,
  );

/** Rolls its batch back unless the erasure is as it was loaded, and marks one more step. */
export const markStep = (db: UnitDb, { receipt_id, steps }: ErasureRow, now: number): Statement<never>[] => [
  db.sql(
    guardSql(
      "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM lead_erasures WHERE unit = ?1 AND receipt_id = ?2 AND steps = ?3 AND status = 'running')",
    ),
    receipt_id,
    steps,
  ),
  db.sql("UPDATE lead_erasures SET steps = steps + 1, run_at = ?3 WHERE unit = ?1 AND receipt_id = ?2", receipt_id, now),
];

export const writePosition = (db: UnitDb, { receipt_id }: ErasureRow, erased: string, position: string): Statement<never> =>
  db.sql("UPDATE lead_erasures SET erased = ?3, position = ?4 WHERE unit = ?1 AND receipt_id = ?2", receipt_id, erased, position);

/** What the erasure knows of the person from now on. `position`: null where the search begins again. */
export const writeKnown = (
  db: UnitDb,
  { receipt_id }: ErasureRow,
  { person, suppressed, position }: Pick<ErasureRow, "person" | "suppressed" | "position">,
): Statement<never> =>
  db.sql(
    "UPDATE lead_erasures SET person = ?3, suppressed = max(suppressed, ?4), position = ?5 WHERE unit = ?1 AND receipt_id = ?2",
    receipt_id,
    person,
    suppressed,
    position,
  );

/** The erasure goes on with the lead that its own was merged into. */
export const followMerge = (db: UnitDb, { receipt_id }: ErasureRow, target: string): Statement<never> =>
  db.sql("UPDATE lead_erasures SET erased_id = ?3, position = NULL WHERE unit = ?1 AND receipt_id = ?2", receipt_id, target);

export const closeErasure = (db: UnitDb, { receipt_id }: ErasureRow, receipt: string): Statement<never> =>
  db.sql(
    "UPDATE lead_erasures SET status = 'erased', receipt = ?3, person = NULL WHERE unit = ?1 AND receipt_id = ?2",
    receipt_id,
    receipt,
  );

const ERASURES_PER_SWEEP = 500;

/** Erasures that have not moved for a minute: their message was lost or their run died. */
export const findStuckErasures = (db: ShardDb, now: number): Promise<{ unit: number; job_id: string }[]> =>
  db.all(
    `SELECT unit, receipt_id AS job_id FROM lead_erasures INDEXED BY lead_erasures_active WHERE status = 'running' AND run_at < ?1 LIMIT ?2`,
    now - MINUTE_MS,
    ERASURES_PER_SWEEP,
  );
