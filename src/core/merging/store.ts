/** SQL of merges and of their journals. Statements only. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { LAST_CHANGE_SQL, type LogCtx, logChanges } from "../changes";
import type { Merge } from "./merge";

/** A conflict as the journal has it. */
export type JournaledConflict = [
  kind: string,
  value: string,
  lead_id: string,
  owner_lead_id: string,
  source: string,
  created_at: number,
  kept_apart_at: number | null,
];

type MergeRow = Omit<Merge, "source_ids"> & { source_ids: string; position: string | null };

/** `position`: of an unmerge, where the walk of the target's timeline continues. */
export type KeptMerge = Merge & { position: { occurred_at: number; event_id: string } | null };

const COLUMNS = "merge_id, target_id, source_ids, status, merged_at, merged_by, events_total, events_moved, position";

export const readMerge = ({ source_ids, position, ...row }: MergeRow): KeptMerge => ({
  ...row,
  source_ids: JSON.parse(source_ids) as string[],
  position: position === null ? null : JSON.parse(position),
});

export const selectMerge = (db: UnitDb, mergeId: string): Statement<MergeRow> =>
  db.sql(`SELECT ${COLUMNS} FROM merges WHERE unit = ?1 AND merge_id = ?2`, mergeId);

/** The newest active merge that a lead is the target of, or the one in which it was a source. */
export const selectMergeNaming = (db: UnitDb, leadId: string): Statement<MergeRow> =>
  db.sql(
    `SELECT ${COLUMNS} FROM merges INDEXED BY merges_by_target WHERE unit = ?1 AND target_id = ?2 AND status <> 'undone'
     UNION ALL SELECT ${COLUMNS} FROM merges WHERE unit = ?1 AND merge_id = (SELECT merge_id FROM merged_leads WHERE unit = ?1 AND lead_id = ?2)
     ORDER BY merge_id DESC LIMIT 1`,
    leadId,
  );

export const insertMerge = (db: UnitDb, merge: Merge): Statement<never>[] => [
  db.sql(
    `INSERT INTO merges (unit, merge_id, target_id, source_ids, status, merged_at, merged_by, events_total, events_moved, run_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?6)`,
    merge.merge_id,
    merge.target_id,
    JSON.stringify(merge.source_ids),
    merge.status,
    merge.merged_at,
    merge.merged_by,
    merge.events_total,
    merge.events_moved,
  ),
  db.sql(
    "INSERT INTO merged_leads (unit, lead_id, merged_into, merge_id) SELECT ?1, value, ?3, ?4 FROM json_each(?2)",
    JSON.stringify(merge.source_ids),
    merge.target_id,
    merge.merge_id,
  ),
];

/** The leads that were merged into the sources before, directly or not. */
export const selectAncestors = (db: UnitDb, sourceIds: readonly string[]): Statement<{ lead_id: string; source_id: string }> =>
  db.sql(
    `WITH RECURSIVE tree (lead_id, source_id) AS (
       SELECT m.lead_id, m.merged_into FROM json_each(?2) r
         CROSS JOIN merged_leads m INDEXED BY merged_leads_by_target ON m.unit = ?1 AND m.merged_into = r.value
       UNION SELECT m.lead_id, n.source_id FROM tree n
         CROSS JOIN merged_leads m INDEXED BY merged_leads_by_target ON m.unit = ?1 AND m.merged_into = n.lead_id)
     SELECT lead_id, source_id FROM tree`,
    JSON.stringify(sourceIds),
  );

/** The leads among these whose events are still moving, or that are being erased. */
export const selectMoving = (db: UnitDb, leadIds: readonly string[]): Statement<{ lead_id: string }> =>
  db.sql(MOVING_SQL, JSON.stringify(leadIds));

const MOVING_SQL = `SELECT m.target_id AS lead_id FROM json_each(?2) r CROSS JOIN merges m INDEXED BY merges_by_target
  ON m.unit = ?1 AND m.target_id = r.value AND m.status IN ('running', 'undoing')
  UNION ALL SELECT e.erased_id FROM json_each(?2) r CROSS JOIN lead_erasures e INDEXED BY lead_erasures_running
  ON e.unit = ?1 AND e.erased_id = r.value AND e.status = 'running'`;

/** Rolls its batch back while events of one of these leads are still moving, or one is being erased. */
export const notMoving = (db: UnitDb, leadIds: readonly string[]): Statement<never> =>
  db.sql(guardSql(MOVING_SQL), JSON.stringify(leadIds));

/** Notes that a slice of events has moved. */
export const advanceMerge = (db: UnitDb, merge: KeptMerge, now: number): Statement<never> =>
  db.sql(
    "UPDATE merges SET status = ?3, events_moved = ?4, position = ?5, run_at = ?6 WHERE unit = ?1 AND merge_id = ?2",
    merge.merge_id,
    merge.status,
    merge.events_moved,
    merge.position && JSON.stringify(merge.position),
    now,
  );

/** The columns of a lead's row that are stored: a test compares them with the table. */
export const LEAD_ROW = [
  ...["lead_id", "profile", "aliases", "account_id", "version", "created_at", "updated_at"],
  ...["status", "shown_email", "shown_phone", "owner_id", "owner_name", "sources", "last_change", "consent"],
] as const;

const CONFLICT_ROW = ["kind", "value", "lead_id", "owner_lead_id", "source", "created_at", "kept_apart_at"] as const;

/** Writes what the leads are before the merge into its journal: their rows, and the conflicts that they were refused an alias by. */
export const journalLeads = (db: UnitDb, mergeId: string, leadIds: readonly string[]): Statement<never>[] => [
  db.sql(
    `INSERT INTO merge_journal (unit, merge_id, part, body)
     SELECT ?1, ?2, 'lead:' || l.lead_id, json_array(${LEAD_ROW.map((column) => `l.${column}`).join(", ")})
     FROM json_each(?3) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value`,
    mergeId,
    JSON.stringify(leadIds),
  ),
  db.sql(
    `INSERT INTO merge_journal (unit, merge_id, part, body)
     SELECT ?1, ?2, 'conflicts', json_group_array(json_array(${CONFLICT_ROW.map((column) => `c.${column}`).join(", ")}))
     FROM json_each(?3) r CROSS JOIN alias_conflicts c INDEXED BY alias_conflicts_by_lead ON c.unit = ?1 AND c.lead_id = r.value
     HAVING count(*) > 0`,
    mergeId,
    JSON.stringify(leadIds),
  ),
];

/** Writes a part of the journal that needs no reading. */
export const insertJournal = (db: UnitDb, mergeId: string, part: string, body: unknown): Statement<never> =>
  db.sql("INSERT INTO merge_journal (unit, merge_id, part, body) VALUES (?1, ?2, ?3, ?4)", mergeId, part, JSON.stringify(body));

export const selectJournal = (db: UnitDb, mergeId: string): Statement<{ part: string; body: string }> =>
  db.sql("SELECT part, body FROM merge_journal WHERE unit = ?1 AND merge_id = ?2", mergeId);

export const selectJournalPart = (db: UnitDb, mergeId: string, part: string): Statement<{ body: string }> =>
  db.sql("SELECT body FROM merge_journal WHERE unit = ?1 AND merge_id = ?2 AND part = ?3", mergeId, part);

export const deleteLeadRows = (db: UnitDb, leadIds: readonly string[]): Statement<never> =>
  db.sql("DELETE FROM leads WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))", JSON.stringify(leadIds));

export const deleteJournal = (db: UnitDb, mergeId: string): Statement<never> =>
  db.sql("DELETE FROM merge_journal WHERE unit = ?1 AND merge_id = ?2", mergeId);

/** Rolls its batch back unless the merge still is as it was loaded. */
export const mergeIsAsLoaded = (db: UnitDb, { merge_id, status, position }: KeptMerge): Statement<never> =>
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM merges WHERE unit = ?1 AND merge_id = ?2 AND status = ?3 AND position IS ?4)"),
    merge_id,
    status,
    position && JSON.stringify(position),
  );

/** Brings a lead's row back as the journal has it, byte for byte. */
export const restoreLead = (db: UnitDb, mergeId: string, leadId: string): Statement<never> =>
  db.sql(
    `INSERT INTO leads (unit, ${LEAD_ROW.join(", ")}) SELECT ?1, ${LEAD_ROW.map((_, at) => `body->>${at}`).join(", ")}
     FROM merge_journal WHERE unit = ?1 AND merge_id = ?2 AND part = 'lead:' || ?3`,
    mergeId,
    leadId,
  );

/**
 * Logs that the sources are back: after their rows, which know their newest change, and right after the target's own entry. Every lead then
 * names its entry as its newest change.
 */
export const logUnmerged = (ctx: LogCtx, { target_id, source_ids }: Merge, now: number): Statement<never>[] => [
  ...logChanges(
    ctx,
    source_ids.map((lead_id) => ({ lead_id, type: "unmerged", keys: [] })),
    now,
  ),
  ctx.db.sql(
    `UPDATE leads SET last_change = ${LAST_CHANGE_SQL} - (lead_id = ?3) WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))`,
    JSON.stringify([target_id, ...source_ids]),
    target_id,
  ),
];

export const deleteMergedLeads = (db: UnitDb, leadIds: readonly string[]): Statement<never> =>
  db.sql("DELETE FROM merged_leads WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))", JSON.stringify(leadIds));

/**
 * Opens conflicts again that the merge moved or settled. One that moved opens only if the target still has it, or else somebody has decided it;
 * none opens about an alias that nobody else has. Goes after the aliases.
 */
export function reopenConflicts(db: UnitDb, { target_id, source_ids }: Merge, conflicts: readonly JournaledConflict[]): Statement<never>[] {
  const all = new Set([target_id, ...source_ids]);
  const settled = ([, , , owner]: JournaledConflict) => all.has(owner);
  const keyOf = ([kind, value]: JournaledConflict) => JSON.stringify([kind, value]);
  const ofTarget = new Set(conflicts.filter(([, , lead_id]) => lead_id === target_id).map(keyOf));
  const moved = conflicts.filter((conflict) => conflict[2] !== target_id && !settled(conflict));
  const opened = [...moved, ...conflicts.filter(settled)].map((conflict) => JSON.stringify([...conflict, settled(conflict) ? 1 : 0]));
  const left = moved.map(keyOf).filter((key) => !ofTarget.has(key));
  return [
    ...jsonArrays(opened).map((json) =>
      db.sql<never>(
        `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at, kept_apart_at)
         SELECT ?1, r.value->>0, r.value->>1, r.value->>2, a.lead_id, r.value->>4, r.value->>5, r.value->>6
         FROM json_each(?2) r CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = r.value->>0 AND a.value = r.value->>1
         WHERE a.lead_id <> r.value->>2 AND (r.value->>7 = 1 OR EXISTS (SELECT 1 FROM alias_conflicts c
           WHERE c.unit = ?1 AND c.kind = r.value->>0 AND c.value = r.value->>1 AND c.lead_id = ?3))
         ON CONFLICT DO NOTHING`,
        json,
        target_id,
      ),
    ),
    ...jsonArrays(left).map((json) =>
      db.sql<never>(
        `DELETE FROM alias_conflicts WHERE unit = ?1 AND lead_id = ?3
         AND (kind, value) IN (SELECT value->>0, value->>1 FROM json_each(?2))`,
        json,
        target_id,
      ),
    ),
  ];
}
