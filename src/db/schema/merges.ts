import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { MERGE_STATUSES } from "../../vocabulary";

/*
 * Merged leads leave `leads`, so that no list, search, count or export has to know of them. Every table here is WITHOUT ROWID (drizzle cannot
 * say it: the migration does, a test checks it).
 */

/** Where a lead went that was merged into another: its id still finds that one. Read when a look-up by id finds no lead. */
export const mergedLeads = sqliteTable(
  "merged_leads",
  {
    unit: integer().notNull(),
    /** the lead that is gone */
    lead_id: text().notNull(),
    /** the target of its merge, which may have been merged in turn */
    merged_into: text().notNull(),
    merge_id: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id] }),
    // read by: an unmerge and the deletion of a lead; one written row for each merged lead
    index("merged_leads_by_target").on(table.unit, table.merged_into),
  ],
);

/** Merges that can be undone, and how far their events have moved. */
export const merges = sqliteTable(
  "merges",
  {
    unit: integer().notNull(),
    merge_id: text().notNull(),
    target_id: text().notNull(),
    /** JSON array of lead ids */
    source_ids: text().notNull(),
    status: text({ enum: MERGE_STATUSES }).notNull(),
    merged_at: integer().notNull(),
    merged_by: text().notNull(),
    /** events to move, and those that have moved */
    events_total: integer().notNull(),
    events_moved: integer().notNull(),
    /** of an unmerge: JSON of the place in the target's timeline where its walk continues */
    position: text(),
    /** the newest slice of events: the heartbeat of a merge that runs */
    run_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.merge_id] }),
    // read by: an unmerge and the deletion of a lead; one written row for each merge
    index("merges_by_target").on(table.unit, table.target_id),
    // read by: the sweep for merges that stopped, every minute; contains running ones only
    index("merges_running").on(table.status).where(sql`status IN ('running', 'undoing')`),
    // read by: the clean-up, every ten minutes; one written row for each merge
    index("merges_by_time").on(table.merged_at),
  ],
);

/** What a merge changed, as it was before: one row for each lead and part. */
export const mergeJournal = sqliteTable(
  "merge_journal",
  {
    unit: integer().notNull(),
    merge_id: text().notNull(),
    part: text().notNull(),
    /** JSON; its shape depends on `part` */
    body: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.merge_id, table.part] })],
);
