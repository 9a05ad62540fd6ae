/** SQL of an undo's own row: requested, run, ended; and of what it shows. */
import type { Statement, UnitDb } from "../../context";
import type { UndoStatus } from "../../vocabulary";
import type { KeptReason } from "./entry";
import type { RowKey } from "./undo-store";

export type UndoRow = {
  status: UndoStatus;
  requested_at: number;
  completed_at: number | null;
  /** leads */
  removed: number;
  restored: number;
  /** fields */
  kept: number;
};

/** `field` as the journal names it */
export type KeptFieldRow = { lead_id: string; field: string; reason: KeptReason };

const ACTIVE = "status IN ('queued', 'in_progress')";

/** Requests an undo once; one that failed is started again. */
export const insertUndo = (
  db: UnitDb,
  operationId: string,
  { requested_by, client, now }: { requested_by: string; client: string | null; now: number },
): Statement<never> =>
  db.sql(
    `INSERT INTO undos (unit, operation_id, status, requested_by, requested_at, client) VALUES (?1, ?2, 'queued', ?3, ?4, ?5)
     ON CONFLICT (unit, operation_id) DO UPDATE SET status = 'queued', rows_left = NULL, tries = 0, completed_at = NULL WHERE status = 'failed'`,
    operationId,
    requested_by,
    now,
    client,
  );

export const selectUndo = (db: UnitDb, operationId: string): Statement<UndoRow> =>
  db.sql(
    `SELECT u.status, u.requested_at, u.completed_at, coalesce(c.removed, 0) AS removed, coalesce(c.restored, 0) AS restored,
       (SELECT coalesce(sum(k.fields), 0) FROM undo_kept k INDEXED BY undo_kept_by_operation WHERE k.unit = ?1 AND k.operation_id = ?2) AS kept
     FROM undos u LEFT JOIN (SELECT sum(removed) AS removed, sum(restored) AS restored FROM undo_chunks WHERE unit = ?1 AND operation_id = ?2) c
     WHERE u.unit = ?1 AND u.operation_id = ?2`,
    operationId,
  );

/** By lead and field. */
export const selectKept = (db: UnitDb, operationId: string, limit: number, offset: number): Statement<KeptFieldRow> =>
  db.sql(
    `SELECT k.lead_id, e.value->>0 AS field, min(e.value->>1) AS reason
     FROM undo_kept k INDEXED BY undo_kept_by_operation CROSS JOIN json_each(k.items) e
     WHERE k.unit = ?1 AND k.operation_id = ?2 GROUP BY k.lead_id, field ORDER BY k.lead_id, field LIMIT ?3 OFFSET ?4`,
    operationId,
    limit,
    offset,
  );

/** The rows of the journal that are left, from the last to the first. */
export const selectRowKeys = (db: UnitDb, operationId: string, limit: number): Statement<RowKey> =>
  db.sql(
    "SELECT chunk_no, part FROM undo_journal WHERE unit = ?1 AND operation_id = ?2 ORDER BY chunk_no DESC, part DESC LIMIT ?3",
    operationId,
    limit,
  );

/**
 * Claims an undo for a run; no row when it has ended. `tries`: earlier runs that got no further. `silent`: 1 for an import whose changes
 * triggered no webhooks.
 */
export const claimUndo = (
  db: UnitDb,
  operationId: string,
  now: number,
): Statement<{ tries: number; requested_by: string; client: string | null; silent: 0 | 1 }> =>
  db.sql(
    `UPDATE undos SET status = 'in_progress', run_at = ?3, tries = CASE WHEN rows_left = found.n THEN tries + 1 ELSE 0 END, rows_left = found.n
     FROM (SELECT count(*) AS n FROM undo_journal WHERE unit = ?1 AND operation_id = ?2) found
     WHERE unit = ?1 AND operation_id = ?2 AND ${ACTIVE}
     RETURNING tries, requested_by, client, EXISTS (SELECT 1 FROM import_jobs WHERE unit = ?1 AND job_id = ?2 AND mapping ->> '$.notify' IS NULL) AS silent`,
    operationId,
    now,
  );

/** Ends an undo once every row of the journal is undone. */
export const completeUndo = (db: UnitDb, operationId: string, now: number): Statement<never> =>
  db.sql(
    `UPDATE undos SET status = 'completed', completed_at = ?3 WHERE unit = ?1 AND operation_id = ?2 AND ${ACTIVE}
       AND NOT EXISTS (SELECT 1 FROM undo_journal WHERE unit = ?1 AND operation_id = ?2)`,
    operationId,
    now,
  );

export const failUndo = (db: UnitDb, operationId: string, now: number): Statement<never> =>
  db.sql(`UPDATE undos SET status = 'failed', completed_at = ?3 WHERE unit = ?1 AND operation_id = ?2 AND ${ACTIVE}`, operationId, now);
