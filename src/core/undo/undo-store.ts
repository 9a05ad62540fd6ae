/** SQL of an undo: what a row of the journal is planned from, and what the plan writes. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import type { AliasKind, LeadStatus } from "../../vocabulary";
import { LAST_CHANGE_SQL, type LogCtx, type LoggedChange, logChanges } from "../changes";
import {
  adjustLeadCount,
  changedKeys,
  changedSources,
  LEAD_COLUMNS,
  type Lead,
  type LeadRow,
  sourceEntry,
  sourcesAfterSql,
  storedAlias,
} from "../leads";
import type { JournalRow, KeptItem } from "./entry";
import type { UndoPlan } from "./plan-undo";

export type RowKey = { chunk_no: number; part: number };

/** Tables with rows of a lead that somebody brought about, and the column that names it: a lead that has some is not removed. */
export const USES = {
  channel_leads: "lead_id",
  events: "lead_id",
  fact_calls: "lead_id",
  firings: "lead_id",
  lead_scores: "lead_id",
  merged_leads: "merged_into",
  watched_leads: "lead_id",
} as const;

const ENTRIES = `FROM undo_journal j CROSS JOIN json_each(j.entries) r`;
const OF_ROW = "j.unit = ?1 AND j.operation_id = ?2 AND j.chunk_no = ?3 AND j.part = ?4";
const usedSql = (leadId: string) =>
  Object.entries(USES)
    .map(([table, column]) => `EXISTS (SELECT 1 FROM ${table} u WHERE u.unit = ?1 AND u.${column} = ${leadId})`)
    .join(" OR ");

export const UNDO_SQL = {
  row: `SELECT j.kind, j.entries, octet_length(j.entries) AS bytes, j.written_at FROM undo_journal j WHERE ${OF_ROW}`,
  leads: `SELECT ${LEAD_COLUMNS} ${ENTRIES} CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0
    WHERE ${OF_ROW} AND j.kind NOT IN ('conflicts', 'deleted')`,
  kept: `SELECT k.lead_id, k.operation_id, k.items, k.kept_at ${ENTRIES} CROSS JOIN undo_kept k ON k.unit = ?1 AND k.lead_id = r.value->>0
    WHERE ${OF_ROW} AND j.kind NOT IN ('conflicts', 'deleted')`,
  used: `SELECT r.value->>0 AS lead_id ${ENTRIES} WHERE ${OF_ROW} AND j.kind NOT IN ('conflicts', 'deleted') AND (${usedSql("r.value->>0")})`,
  insertChunk: `INSERT INTO undo_chunks (unit, operation_id, chunk_no, part, removed, restored, committed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
  deleteRow: "DELETE FROM undo_journal WHERE unit = ?1 AND operation_id = ?2 AND chunk_no = ?3 AND part = ?4",
  rowAsLoaded: guardSql(`SELECT 1 FROM undo_journal j WHERE ${OF_ROW} AND octet_length(j.entries) <> ?5`),
  leadsAsLoaded: guardSql(
    `SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (
       SELECT 1 FROM leads l WHERE l.unit = ?1 AND l.lead_id = r.value->>0 AND l.version = r.value->>1)`,
  ),
  stillUnused: guardSql(`SELECT 1 FROM json_each(?2) r WHERE ${usedSql("r.value")}`),
  releaseAliases: "DELETE FROM aliases WHERE unit = ?1 AND kind = ?3 AND value IN (SELECT value FROM json_each(?2))",
  closeConflictsAbout: "DELETE FROM alias_conflicts WHERE unit = ?1 AND kind = ?3 AND value IN (SELECT value FROM json_each(?2))",
  // named: by itself SQLite would read all conflicts of the unit
  closeConflictsOf:
    "DELETE FROM alias_conflicts INDEXED BY alias_conflicts_by_lead WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))",
  closeOwnConflicts: `DELETE FROM alias_conflicts WHERE unit = ?1 AND source = ?3
    AND (kind, value, lead_id) IN (SELECT value->>1, value->>2, value->>0 FROM json_each(?2))`,
  deleteLeads: "DELETE FROM leads WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))",
  // upserts, since UPDATE … FROM would read all leads of the unit; naming a column writes its index
  restoreLeads: `INSERT INTO leads (unit, lead_id, profile, aliases, shown_email, shown_phone, version, updated_at, created_at,
      sources, last_change)
    SELECT ?1, value->>0, value->1, value->2, value->>3, value->>4, value->>5, value->>6, value->>6, value->7, ${LAST_CHANGE_SQL} FROM json_each(?2) WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET profile = excluded.profile, aliases = excluded.aliases, shown_email = excluded.shown_email,
      shown_phone = excluded.shown_phone, version = excluded.version, updated_at = excluded.updated_at,
      sources = ${sourcesAfterSql("leads.sources", "excluded.sources->3", "excluded.sources")}, last_change = excluded.last_change`,
  restoreColumns: `INSERT INTO leads (unit, lead_id, status, account_id, owner_id, owner_name, consent, profile, aliases, version, updated_at, created_at)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, '{}', '[]', 1, 0, 0 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, lead_id) DO UPDATE SET status = excluded.status, account_id = excluded.account_id, owner_id = excluded.owner_id,
      owner_name = excluded.owner_name, consent = excluded.consent`,
  keep: `INSERT INTO undo_kept (unit, operation_id, lead_id, fields, items, kept_at)
    SELECT ?1, ?3, value->>0, value->>1, value->2, ?4 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, lead_id, operation_id) DO UPDATE SET fields = excluded.fields, items = excluded.items, kept_at = excluded.kept_at`,
} as const;

export type StoredKept = { lead_id: string; operation_id: string; items: string; kept_at: number };

/** What a row of the journal is planned from: for one round trip. */
export const loadStatements = (db: UnitDb, operationId: string, { chunk_no, part }: RowKey) =>
  [
    db.sql<JournalRow>(UNDO_SQL.row, operationId, chunk_no, part),
    db.sql<LeadRow>(UNDO_SQL.leads, operationId, chunk_no, part),
    db.sql<StoredKept>(UNDO_SQL.kept, operationId, chunk_no, part),
    db.sql<{ lead_id: string }>(UNDO_SQL.used, operationId, chunk_no, part),
  ] as const;

/**
 * Rolls its batch back (CommitConflict on `commit_guards`) when the journal has forgotten somebody in this row meanwhile: an erasure only takes
 * entries away.
 */
export const rowIsAsLoaded = (db: UnitDb, operationId: string, { chunk_no, part }: RowKey, { bytes }: JournalRow): Statement<never> =>
  db.sql(UNDO_SQL.rowAsLoaded, operationId, chunk_no, part, bytes);

/**
 * The writes of a plan, for one batch. It rolls back when the row of the journal is undone already (CommitConflict on `undo_chunks`), and
 * when a lead was written or used meanwhile (on `commit_guards`).
 */
export function undoWrites(ctx: LogCtx, operationId: string, { chunk_no, part }: RowKey, plan: UndoPlan, now: number): Statement<never>[] {
  const { db } = ctx;
  const { removed, restored, counts } = plan;
  const arrays = (sql: string, items: readonly string[], ...params: (string | number)[]) =>
    jsonArrays(items).map((json) => db.sql<never>(sql, json, ...params));
  const removedIds = removed.map(({ lead_id }) => `"${lead_id}"`);
  const written = [...removed, ...restored.map(({ before }) => before)];
  return [
    db.sql(UNDO_SQL.insertChunk, operationId, chunk_no, part, counts.removed, counts.restored, now),
    db.sql(UNDO_SQL.deleteRow, operationId, chunk_no, part),
    ...arrays(
      UNDO_SQL.leadsAsLoaded,
      written.map(({ lead_id, version }) => `["${lead_id}",${version}]`),
    ),
    ...arrays(UNDO_SQL.stillUnused, removedIds),
    ...[...releasedAliases(plan)].flatMap(([kind, values]) => [
      ...arrays(UNDO_SQL.releaseAliases, values, kind),
      ...arrays(UNDO_SQL.closeConflictsAbout, values, kind),
    ]),
    ...arrays(UNDO_SQL.closeConflictsOf, removedIds),
    ...arrays(
      UNDO_SQL.closeOwnConflicts,
      plan.conflicts.map(({ lead_id, kind, value }) => JSON.stringify([lead_id, kind, value])),
      operationId,
    ),
    ...logChanges(ctx, changesOf(plan), now),
    ...arrays(UNDO_SQL.deleteLeads, removedIds),
    ...arrays(
      UNDO_SQL.restoreLeads,
      restored.map(({ before, after }) => leadItem(after, sourceEntry(ctx, now, changedSources(before, after)))),
    ),
    ...arrays(UNDO_SQL.restoreColumns, restored.filter(changesColumns).map(columnItem)),
    ...countChanges(plan).map(([status, delta]) => adjustLeadCount(db, status, delta)),
    ...arrays(UNDO_SQL.keep, plan.kept.map(keptItem), operationId, now),
  ];
}

const changesOf = ({ removed, restored }: UndoPlan): LoggedChange[] => [
  ...removed.map(({ lead_id }) => ({ lead_id, type: "deleted" as const, keys: [] })),
  ...restored.map(({ before, after }) => ({ lead_id: after.lead_id, type: "changed" as const, keys: changedKeys(before, after) })),
];

/** `source`: JSON, of the fields of the profile that are restored */
function leadItem(lead: Lead, source: string): string {
  const aliases = lead.aliases.map(({ kind, value, raw, created_at }) => storedAlias(kind, value, raw, created_at));
  const { lead_id, profile, shown_email, shown_phone, version, updated_at } = lead;
  return `${JSON.stringify([lead_id, profile, aliases, shown_email, shown_phone, version, updated_at]).slice(0, -1)},${source}]`;
}

const COLUMNS = ["status", "account_id", "owner_id", "owner_name", "consent"] as const;
const changesColumns = ({ before, after }: UndoPlan["restored"][number]) => COLUMNS.some((name) => before[name] !== after[name]);
const columnItem = ({ after }: UndoPlan["restored"][number]) => JSON.stringify([after.lead_id, ...COLUMNS.map((name) => after[name])]);

const keptItem = ({ lead_id, items }: { lead_id: string; items: KeptItem[] }): string =>
  JSON.stringify([lead_id, new Set(items.map(([field]) => field)).size, items]);

/** Values as JSON texts, by kind. */
function releasedAliases({ removed, restored }: UndoPlan): Map<AliasKind, string[]> {
  const released = new Map<AliasKind, string[]>();
  const add = (lead: Lead, stays: Lead | null) => {
    const kept = new Set(stays?.aliases.map(({ kind, value }) => `${kind}:${value}`));
    for (const { kind, value } of lead.aliases) {
      if (kept.has(`${kind}:${value}`)) continue;
      const values = released.get(kind) ?? [];
      values.push(JSON.stringify(value));
      released.set(kind, values);
    }
  };
  for (const lead of removed) add(lead, null);
  for (const { before, after } of restored) add(before, after);
  return released;
}

function countChanges({ removed, restored }: UndoPlan): [LeadStatus, number][] {
  const deltas = new Map<LeadStatus, number>();
  const add = (status: LeadStatus, delta: number) => deltas.set(status, (deltas.get(status) ?? 0) + delta);
  for (const { status } of removed) add(status, -1);
  for (const { before, after } of restored) {
    add(before.status, -1);
    add(after.status, 1);
  }
  return [...deltas].filter(([, delta]) => delta !== 0);
}
