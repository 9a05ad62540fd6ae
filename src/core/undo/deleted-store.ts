/**
 * SQL of deletions in the journal: every row of the leads of a slice, by table, as it was. One row of the journal has about 1 MB of them; the
 * leads themselves come first, so that the last row of a slice, which an undo takes first, has them.
 */
import type { Statement, UnitDb } from "../../context";
import { TABLE_SHAPES } from "../../db/table-shapes";
import { LAST_CHANGE_SQL } from "../changes";

const BYTES_PER_ROW = 1_000_000;
const FIRST_PART = 1_000_000;

const OWN = (table: string) => `json_each(?2) r CROSS JOIN ${table} t ON t.unit = ?1 AND t.lead_id = r.value`;
const EVENTS = "json_each(?2) r CROSS JOIN events e ON e.unit = ?1 AND e.lead_id = r.value CROSS JOIN";
const ALIASES = `json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value CROSS JOIN json_each(l.aliases) x`;

/** Where the rows of each table are found, in the order in which they come back: what the leads are first, what there may be much of last. */
export const DELETED_ROWS: Readonly<Record<string, string>> = {
  leads: OWN("leads"),
  aliases: `${ALIASES} CROSS JOIN aliases t ON t.unit = ?1 AND t.kind = x.value->>0 AND t.value = x.value->>1 AND t.lead_id = r.value`,
  lead_scores: OWN("lead_scores"),
  channel_leads: OWN("channel_leads"),
  watched_leads: OWN("watched_leads"),
  // those that it was refused, and those of others about its aliases
  alias_conflicts: "",
  merged_leads: "json_each(?2) r CROSS JOIN merged_leads t INDEXED BY merged_leads_by_target ON t.unit = ?1 AND t.merged_into = r.value",
  merges: "json_each(?2) r CROSS JOIN merges t INDEXED BY merges_by_target ON t.unit = ?1 AND t.target_id = r.value",
  merge_journal: `json_each(?2) r CROSS JOIN merges m INDEXED BY merges_by_target ON m.unit = ?1 AND m.target_id = r.value
    CROSS JOIN merge_journal t ON t.unit = ?1 AND t.merge_id = m.merge_id`,
  undo_kept: OWN("undo_kept"),
  // named: by itself SQLite would read all calls of the unit
  fact_calls: "json_each(?2) r CROSS JOIN fact_calls t INDEXED BY fact_calls_by_lead ON t.unit = ?1 AND t.lead_id = r.value",
  firings: OWN("firings"),
  purchases: OWN("purchases"),
  channel_events: OWN("channel_events"),
  reward_events: OWN("reward_events"),
  score_blocks: OWN("score_blocks"),
  event_keys: `${EVENTS} event_keys t INDEXED BY event_keys_by_event ON t.unit = ?1 AND t.event_id = e.event_id`,
  refused_events: `${EVENTS} refused_events t INDEXED BY refused_events_by_original ON t.unit = ?1 AND t.duplicate_of = e.event_id`,
  contributions: OWN("contributions"),
  events: OWN("events"),
};

const columnsOf = (table: string): string[] => (TABLE_SHAPES[table]?.columns ?? []).filter((column) => column !== "unit");
const quoted = (column: string): string => `"${column}"`;

const entries = (table: string, from: string, at: number): string => {
  const values = columnsOf(table).map((column) => `'${column}', t.${quoted(column)}`);
  return `SELECT ${at} AS place, r.value AS lead_id, json_array(r.value, '${table}', json_object(${values.join(", ")})) AS entry FROM ${from}`;
};

const conflictEntries = (at: number): string[] => {
  const values = columnsOf("alias_conflicts").map((column) => `'${column}', c.${quoted(column)}`);
  const entry = `json_array(r.value, 'alias_conflicts', json_object(${values.join(", ")}))`;
  return [
    `SELECT ${at} AS place, r.value AS lead_id, ${entry} AS entry FROM json_each(?2) r
      CROSS JOIN alias_conflicts c INDEXED BY alias_conflicts_by_lead ON c.unit = ?1 AND c.lead_id = r.value`,
    `SELECT ${at} AS place, r.value AS lead_id, ${entry} AS entry FROM ${ALIASES} CROSS JOIN alias_conflicts c
      ON c.unit = ?1 AND c.kind = x.value->>0 AND c.value = x.value->>1 AND c.owner_lead_id = r.value AND c.lead_id <> r.value`,
  ];
};

/** D1 takes five terms in one UNION ALL. */
const TERMS_MAX = 5;
const union = (terms: readonly string[]): string => {
  if (terms.length <= TERMS_MAX) return terms.join("\n UNION ALL ");
  const parts = Array.from({ length: Math.ceil(terms.length / TERMS_MAX) }, (_, at) => terms.slice(at * TERMS_MAX, (at + 1) * TERMS_MAX));
  return union(parts.map((part) => `SELECT * FROM (${union(part)})`));
};

const ALL_ENTRIES = union(
  Object.entries(DELETED_ROWS).flatMap(([table, from], at) =>
    table === "alias_conflicts" ? conflictEntries(at) : [entries(table, from, at)],
  ),
);

export const DELETED_SQL = {
  journal: `INSERT INTO undo_journal (unit, operation_id, chunk_no, part, written_at, kind, first_lead_id, last_lead_id, entries)
    SELECT ?1, ?3, ?4, ${FIRST_PART} - g.part, ?5, 'deleted', min(g.lead_id), max(g.lead_id), json_group_array(json(g.entry))
    FROM (SELECT n.lead_id, n.entry, sum(octet_length(n.entry)) OVER (ORDER BY n.place ROWS UNBOUNDED PRECEDING) / ${BYTES_PER_ROW} AS part
          FROM (${ALL_ENTRIES}) n) g GROUP BY g.part`,
  leads: "SELECT l.lead_id FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value",
  lead: `SELECT e.value->2 AS row FROM undo_journal j CROSS JOIN json_each(j.entries) e
    WHERE j.unit = ?1 AND j.kind = 'deleted' AND j.first_lead_id <= ?2 AND j.last_lead_id >= ?2 AND e.value->>0 = ?2 AND e.value->>1 = 'leads'`,
  relations: `SELECT e.value->>1 AS name, e.value->2->>'lead_id' AS lead_id FROM undo_journal j CROSS JOIN json_each(j.entries) e
    WHERE j.unit = ?1 AND j.kind = 'deleted' AND j.first_lead_id <= ?2 AND j.last_lead_id >= ?2 AND e.value->>0 = ?2
      AND e.value->>1 IN ('merged_leads', 'alias_conflicts')`,
  having: `SELECT DISTINCT e.value->>0 AS lead_id FROM undo_journal j CROSS JOIN json_each(j.entries) e CROSS JOIN json_each(e.value->2->>'aliases') x
    CROSS JOIN json_each(?2) r WHERE j.unit = ?1 AND j.kind = 'deleted' AND e.value->>1 = 'leads'
      AND x.value->>0 = r.value->>0 AND x.value->>1 = r.value->>1`,
  newestChange: `UPDATE leads SET last_change = ${LAST_CHANGE_SQL} WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))`,
  countEvents: `INSERT INTO event_counts (unit, day, type_key, count)
    SELECT ?1, CAST(r.value->>'occurred_at' AS INTEGER) / 86400000, r.value->>'type_key', count(*) FROM json_each(?2) r
    WHERE NOT EXISTS (SELECT 1 FROM events e INDEXED BY events_by_id WHERE e.unit = ?1 AND e.event_id = r.value->>'event_id') GROUP BY 2, 3
    ON CONFLICT (unit, day, type_key) DO UPDATE SET count = event_counts.count + excluded.count`,
  reopenConflicts: `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at, kept_apart_at)
    SELECT ?1, r.value->>'kind', r.value->>'value', l.lead_id, a.lead_id, r.value->>'source', r.value->>'created_at', r.value->>'kept_apart_at'
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>'lead_id'
    CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = r.value->>'kind' AND a.value = r.value->>'value'
    WHERE a.lead_id <> l.lead_id ON CONFLICT DO NOTHING`,
} as const;

/** Writes what is stored of these leads into the journal: before their deletion, in its batch. */
export const insertJournalOfDeletion = (
  db: UnitDb,
  { operation_id, chunk_no, now }: { operation_id: string; chunk_no: number; now: number },
  leadIds: readonly string[],
): Statement<never>[] => (leadIds.length === 0 ? [] : [db.sql(DELETED_SQL.journal, JSON.stringify(leadIds), operation_id, chunk_no, now)]);

/** A deleted lead's row as its journal has it. Reads the unit's rows whose range of ids has it. */
export const selectDeletedLead = (db: UnitDb, leadId: string): Statement<{ row: string }> => db.sql(DELETED_SQL.lead, leadId);

/** The leads that were merged into a deleted lead (`merged_leads`), and those of cases that it had (`alias_conflicts`), its own id among them. */
export const selectDeletedRelations = (db: UnitDb, leadId: string): Statement<{ name: string; lead_id: string }> =>
  db.sql(DELETED_SQL.relations, leadId);

/** Deleted leads that had one of these aliases (JSON array of [kind, value]). Reads the unit's journal of deletions. */
export const selectDeletedWith = (db: UnitDb, aliases: string): Statement<{ lead_id: string }> => db.sql(DELETED_SQL.having, aliases);

/** Brings rows back as they were: JSON array of objects by column. What somebody has stored under the same key meanwhile stays. */
export const restoreRows = (db: UnitDb, table: string, json: string): Statement<never> => {
  const columns = columnsOf(table);
  const values = columns.map((column) => `value->>'${column}'`);
  return db.sql(
    `INSERT INTO ${table} (unit, ${columns.map(quoted).join(", ")}) SELECT ?1, ${values.join(", ")} FROM json_each(?2) WHERE true
     ${table === "leads" || table === "aliases" ? "" : "ON CONFLICT DO NOTHING"}`,
    json,
  );
};
