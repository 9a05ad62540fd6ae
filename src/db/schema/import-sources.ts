import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { SOURCE_SCHEDULES } from "../../vocabulary";

/** Files that come again: a URL, polled on a schedule and imported with a mapping that is kept. WITHOUT ROWID. */
export const importSources = sqliteTable(
  "import_sources",
  {
    unit: integer().notNull(),
    source_id: text().notNull(),
    name: text().notNull(),
    url: text().notNull(),
    schedule: text({ enum: SOURCE_SCHEDULES }).notNull(),
    /** JSON, as the caller sent it */
    mapping: text().notNull(),
    /** JSON: shares in percent from which a version waits for a person */
    stops: text().notNull(),
    active: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    next_poll_at: integer().notNull(),
    /** when the run that works on it began; null when none does */
    claimed_at: integer(),
    last_polled_at: integer(),
    /** polls in a row that failed, and why the last one did */
    failures: integer().notNull().default(0),
    last_error: text(),
    /** of the version that was imported or discarded last: validators, SHA-256 of its bytes, JSON array of its headers */
    etag: text(),
    last_modified: text(),
    content_hash: text(),
    headers: text(),
    last_job_id: text(),
    /** JSON: the version that is being planned, or that waits for a person */
    pending: text(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.source_id] }),
    // read by: the cron that polls, every minute; one written row for each poll
    index("import_sources_due").on(table.next_poll_at).where(sql`active = 1`),
  ],
);
