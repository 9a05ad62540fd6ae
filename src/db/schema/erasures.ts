import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { ERASURE_STATUSES } from "../../vocabulary";

/** Erasures of leads that are too large for one request: a row holds the progress of one, then its receipt. WITHOUT ROWID. */
export const leadErasures = sqliteTable(
  "lead_erasures",
  {
    unit: integer().notNull(),
    receipt_id: text().notNull(),
    /** the lead's id; once the erasure is done, none of the lead's own rows is left */
    erased_id: text().notNull(),
    status: text({ enum: ERASURE_STATUSES }).notNull(),
    requested_by: text().notNull(),
    requested_at: integer().notNull(),
    /** JSON of what was removed so far */
    erased: text().notNull(),
    /** aliases that are suppressed */
    suppressed: integer().notNull(),
    /** JSON of what the person is searched by; null when it is done, and in rows of versions that did not store it */
    person: text(),
    /** JSON: where the search for traces continues; null: it has not begun */
    position: text(),
    /** committed steps: keeps a step from being counted twice */
    steps: integer().notNull(),
    /** the newest step: the heartbeat of one that runs */
    run_at: integer().notNull(),
    /** JSON of the signed receipt */
    receipt: text(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.receipt_id] }),
    // one at a time for each lead; read by: a second request, and whatever would move or delete the lead. Contains running ones only
    uniqueIndex("lead_erasures_running").on(table.unit, table.erased_id).where(sql`status = 'running'`),
    // read by: the sweep for erasures that stopped, every minute; contains running ones only
    index("lead_erasures_active").on(table.run_at).where(sql`status = 'running'`),
  ],
);
