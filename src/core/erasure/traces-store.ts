/** SQL that finds and removes rows about a person by their ids and addresses. Statements only. */

import type { Statement, UnitDb } from "../../context";
import { LAST_CHANGE_SQL, type LogCtx, logMatching } from "../changes";

/** Tables whose rows may name anybody, their keys beside the unit, and the columns to look into. A row that names the person is deleted. */
const SEARCHED = {
  deliveries: { key: ["delivery_id"], columns: ["payload", "last_error"] },
  delivery_attempts: { key: ["delivery_id", "attempt_no"], columns: ["error", "response"] },
  inbound_payloads: { key: ["source_id", "payload_id"], columns: ["payload"] },
  refused_events: { key: ["event_id"], columns: ["event"] },
  idempotency_keys: { key: ["scope", "key"], columns: ["body"] },
  saved_filters: { key: ["filter_id"], columns: ["criteria"] },
  bulk_plans: { key: ["plan_id"], columns: ["target", "change"] },
} as const;

/** Rows that stay without what names the person. */
const BLANKED = {
  import_chunks: { key: ["job_id", "chunk_no"], columns: ["errors", "warnings", "conflicts"] },
  bulk_jobs: { key: ["job_id"], columns: ["target", "change"] },
} as const;

const ALL = { ...SEARCHED, ...BLANKED };
export type SearchedTable = keyof typeof ALL;
export type BlankedTable = keyof typeof BLANKED;
export const SEARCHED_TABLES = Object.keys(ALL) as SearchedTable[];
export const isBlanked = (table: SearchedTable): table is BlankedTable => table in BLANKED;

/** The characters of a word, for GLOB; D1 limits a pattern to 50 bytes, so that the text itself is replaced by one character first. */
const WORD = "a-z0-9@_+\u00c0-\u1fff-";
const FOUND = "' || char(1) || '";
const ENDS = [`[^.${WORD}]`, `.[^${WORD}]`].map((end) => `'*[^.${WORD}]${FOUND}${end}*'`);

/** Whether a text of JSON contains one of the terms: [text, has to be a whole word]. An escaped line break or tab ends a word. */
const contains = (text: string, terms: string): string => {
  const spaced = ["n", "r", "t"].reduce((inner, letter) => `replace(${inner}, '\\${letter}', ' ')`, `lower(${text})`);
  const marked = `' ' || replace(${spaced}, t.value->>0, char(1)) || '  '`;
  return `EXISTS (SELECT 1 FROM json_each(${terms}) t WHERE instr(lower(${text}), t.value->>0) > 0
    AND (NOT t.value->>1 OR ${ENDS.map((end) => `${marked} GLOB ${end}`).join(" OR ")}))`;
};

const names = (columns: readonly string[]): string => columns.map((column) => contains(`s.${column}`, "?2")).join(" OR ");

/** The keys, as JSON, of the rows of a slice that name the person. `after`: JSON of the last key of the slice before. */
export const selectNaming = (
  db: UnitDb,
  table: SearchedTable,
  terms: string,
  after: string | null,
  limit: number,
): Statement<{ key: string }> => {
  const { key, columns } = ALL[table];
  return db.sql(`SELECT json_array(${key.join(", ")}) AS key FROM (${slice(table, key)}) s WHERE ${names(columns)}`, terms, after, limit);
};

/** The last key of a slice, as JSON, and how many rows it has. */
export function selectSliceEnd(
  db: UnitDb,
  table: SearchedTable,
  after: string | null,
  limit: number,
): Statement<{ last: string; rows: number }> {
  const { key } = ALL[table];
  const inOrder = key.map((column) => `${column} DESC`).join(", ");
  return db.sql(
    `SELECT json_array(${key.join(", ")}) AS last, count(*) OVER () AS rows FROM (${slice(table, key)}) s
     WHERE ?2 IS ?2 ORDER BY ${inOrder} LIMIT 1`,
    null,
    after,
    limit,
  );
}

const slice = (table: string, key: readonly string[]): string =>
  `SELECT * FROM ${table} WHERE unit = ?1 AND (?3 IS NULL OR (${key.join(", ")}) > (${key.map((_, at) => `?3->>${at}`).join(", ")}))
   ORDER BY ${key.join(", ")} LIMIT ?4`;

/** Deletes rows by their keys; those of a delivery go with its attempts. */
export const deleteNaming = (db: UnitDb, table: keyof typeof SEARCHED, keys: readonly string[]): Statement<{ n: 1 }> => {
  const { key } = SEARCHED[table];
  return db.sql(
    `DELETE FROM ${table} WHERE unit = ?1 AND (${key.join(", ")}) IN (SELECT ${key.map((_, at) => `value->>${at}`).join(", ")} FROM json_each(?2))
     RETURNING 1 AS n`,
    `[${keys.join(",")}]`,
  );
};

const blanked = (column: string, place: string): string =>
  `${column} = CASE WHEN ${column} IS NOT NULL THEN (SELECT json_group_array(json(CASE WHEN ${contains("e.value", "?3")}
     THEN json_set(e.value, '${place}', '') ELSE e.value END)) FROM json_each(${column}) e) END`;

/**
 * Of imports, the values that name the person: the counts stay right. Of bulk jobs, the person's id, whose place in the list stays; a job whose
 * filter or change names the person has nothing left to do.
 */
const BLANKS: Record<BlankedTable, string> = {
  import_chunks: `${blanked("errors", "$[3]")}, ${blanked("warnings", "$[3]")}, ${blanked("conflicts", "$[2]")}`,
  bulk_jobs: `target = CASE WHEN NOT (${contains("target", "?3")}) THEN target WHEN json_type(target, '$.ids') = 'array'
      THEN json_object('ids', (SELECT json_group_array(CASE WHEN ${contains("e.value", "?3")} THEN '' ELSE e.value END)
        FROM json_each(target, '$.ids') e)) ELSE '{"ids":[]}' END,
    change = CASE WHEN ${contains("change", "?3")} THEN '{}' ELSE change END`,
};

/** Empties what names the person in rows that stay. */
export const blankNaming = (db: UnitDb, table: BlankedTable, keys: readonly string[], terms: string): Statement<{ n: 1 }> => {
  const { key } = BLANKED[table];
  return db.sql(
    `UPDATE ${table} SET ${BLANKS[table]}
     WHERE unit = ?1 AND (${key.join(", ")}) IN (SELECT ${key.map((_, at) => `value->>${at}`).join(", ")} FROM json_each(?2)) RETURNING 1 AS n`,
    `[${keys.join(",")}]`,
    terms,
  );
};

/** Empties the person's aliases in what the journal keeps of cases that other leads had with them. `aliases`: JSON of [kind, value]. */
export const blankJournalledConflicts = (db: UnitDb, aliases: string): Statement<{ n: 1 }> => {
  const isTheirs = "EXISTS (SELECT 1 FROM json_each(?2) a WHERE a.value->>0 = e.value->>1 AND a.value->>1 = e.value->>2)";
  return db.sql(
    `UPDATE undo_journal SET entries = (SELECT json_group_array(json(CASE WHEN ${isTheirs} THEN json_set(e.value, '$[2]', '') ELSE e.value END))
       FROM json_each(entries) e)
     WHERE unit = ?1 AND kind = 'conflicts' AND EXISTS (SELECT 1 FROM json_each(entries) e WHERE ${isTheirs}) RETURNING 1 AS n`,
    aliases,
  );
};

/** Messages that no consumer could settle. */
export const deleteDeadLetters = (db: UnitDb, terms: string): Statement<{ n: 1 }> =>
  db.sql(
    `DELETE FROM dead_letters WHERE CASE WHEN json_valid(body) THEN body->>'$.unit' = ?1 END
       AND ${contains("body", "?2")} RETURNING 1 AS n`,
    terms,
  );

const showsAddress = (ids: string, addresses: string) =>
  `lead_id IN (SELECT value FROM json_each(${ids}))
   AND (lower(shown_email) IN (SELECT value FROM json_each(${addresses})) OR lower(shown_phone) IN (SELECT value FROM json_each(${addresses})))`;

/** Other leads that show an address of the person without having it show it no longer; logged. The second returns a row for each. */
export function hideShown(
  ctx: LogCtx,
  leadIds: readonly string[],
  addresses: readonly string[],
  now: number,
): [Statement<never>, Statement<{ n: 1 }>] {
  const [ids, texts] = [JSON.stringify(leadIds), JSON.stringify(addresses)];
  return [
    logMatching(ctx, { type: "changed", keys: ["email", "phone"] }, now, showsAddress("?7", "?8"), ids, texts),
    ctx.db.sql(
      `UPDATE leads SET version = version + 1, updated_at = max(?4, updated_at + 1), last_change = ${LAST_CHANGE_SQL},
         shown_email = CASE WHEN lower(shown_email) IN (SELECT value FROM json_each(?3)) THEN NULL ELSE shown_email END,
         shown_phone = CASE WHEN lower(shown_phone) IN (SELECT value FROM json_each(?3)) THEN NULL ELSE shown_phone END
       WHERE unit = ?1 AND ${showsAddress("?2", "?3")} RETURNING 1 AS n`,
      ids,
      texts,
      now,
    ),
  ];
}

/** Leads that were refused an alias of this lead. */
export const selectRefusedBy = (db: UnitDb, leadId: string): Statement<{ lead_id: string }> =>
  db.sql(
    `SELECT DISTINCT c.lead_id FROM json_each((SELECT aliases FROM leads WHERE unit = ?1 AND lead_id = ?2)) r
     CROSS JOIN alias_conflicts c ON c.unit = ?1 AND c.kind = r.value->>0 AND c.value = r.value->>1`,
    leadId,
  );
