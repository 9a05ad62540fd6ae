/** SQL of the journal. */
import type { Statement, UnitDb } from "../../context";
import type { JournalKind } from "../../vocabulary";
import { WRITTEN_COLUMNS } from "./entry";

type RowKey = { operation_id: string; chunk_no: number; part: number };

const COLUMNS_BEFORE = `json_object(${WRITTEN_COLUMNS.map((column) => `'${column}', l.${column}`).join(", ")})`;
const PATH = `'$."' || p.key || '"'`;

export const JOURNAL_SQL = {
  insert: `INSERT INTO undo_journal (unit, operation_id, chunk_no, part, written_at, kind, first_lead_id, last_lead_id, entries)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
  insertChanges: `INSERT INTO undo_journal (unit, operation_id, chunk_no, part, written_at, kind, first_lead_id, last_lead_id, entries)
    SELECT ?1, ?3, ?4, ?5, ?6, 'changed', min(l.lead_id), max(l.lead_id), json_group_array(json_array(l.lead_id,
        (SELECT json_group_object(p.key, json(l.profile -> (${PATH}))) FROM json_each(r.value->1) p WHERE json_type(l.profile, ${PATH}) IS NOT NULL),
        json(r.value->1), json(r.value->2), l.updated_at >= ?7,
        CASE WHEN r.value->3 IS NOT NULL OR EXISTS (SELECT 1 FROM json_each(r.value->1) p
            WHERE p.type IN ('object', 'array') OR (p.type = 'null' AND json_type(l.profile, ${PATH}) IS NOT NULL))
          THEN (SELECT json_group_array(e.key) FROM json_each(l.profile) e) END,
        CASE WHEN r.value->3 IS NOT NULL THEN ${COLUMNS_BEFORE} END, json(r.value->3)))
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0 HAVING count(*) > 0`,
  forget: `UPDATE undo_journal SET entries = (SELECT json_group_array(json(e.value)) FROM json_each(entries) e WHERE e.value->>0 <> ?2)
    WHERE unit = ?1 AND first_lead_id <= ?2 AND last_lead_id >= ?2 AND instr(entries, ?2) > 0`,
} as const;

export const insertJournalRow = (
  db: UnitDb,
  row: RowKey & { now: number; kind: JournalKind; first_lead_id: string; last_lead_id: string; entries: string },
): Statement<never> =>
  db.sql(JOURNAL_SQL.insert, row.operation_id, row.chunk_no, row.part, row.now, row.kind, row.first_lead_id, row.last_lead_id, row.entries);

/** `changes`: JSON array of [lead id, patch, gained aliases, fields beside the profile]. No row for leads that are gone. */
export const insertJournalOfChanges = (
  db: UnitDb,
  { changes, ...row }: RowKey & { now: number; started_at: number; changes: string },
): Statement<never> => db.sql(JOURNAL_SQL.insertChanges, changes, row.operation_id, row.chunk_no, row.part, row.now, row.started_at);

/** Removes a lead from the journal. Reads the unit's rows whose range of ids has it. */
export const forgetInJournal = (db: UnitDb, leadId: string): Statement<never> => db.sql(JOURNAL_SQL.forget, leadId);
