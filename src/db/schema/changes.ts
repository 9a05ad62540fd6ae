import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Which leads a commit changed: one row for a commit, however many leads, written in its batch. So the order of `seq` is the order of
 * the commits, without gaps but for what was removed. Names of fields, never values. Read by: the feed of changes (in the order of the
 * key), and a lead's history, from `leads.last_change` back. WITHOUT ROWID; no index: `at` never goes back while `seq` grows.
 */
export const changeLog = sqliteTable(
  "change_log",
  {
    unit: integer().notNull(),
    seq: integer().notNull(),
    at: integer().notNull(),
    /** JSON: { dialect, import?, client?, silent? } */
    source: text().notNull(),
    /** a credential's id, the subject of an identity provider's token, `operator` or `system` */
    actor: text().notNull(),
    request_id: text().notNull(),
    /** JSON array of [type, names of fields and alias kinds, ids of the leads that were merged in] */
    kinds: text().notNull(),
    /** JSON object: lead id -> [index into `kinds`, `seq` of the lead's change before this one or null] */
    changes: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.seq] })],
);
