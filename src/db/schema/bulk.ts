import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { BULK_ACTIONS, BULK_STATUSES } from "../../vocabulary";

/** Changes and deletions of many leads, slice by slice: the row is how far one has come. WITHOUT ROWID. */
export const bulkJobs = sqliteTable(
  "bulk_jobs",
  {
    unit: integer().notNull(),
    job_id: text().notNull(),
    action: text({ enum: BULK_ACTIONS }).notNull(),
    status: text({ enum: BULK_STATUSES }).notNull(),
    /** JSON: {"ids": […]} or {"filter": {…}} */
    target: text().notNull(),
    /** JSON of what is changed; null: the leads are deleted */
    change: text(),
    requested_by: text().notNull(),
    /** the agent's client that committed it; null: no agent did */
    client: text(),
    /** of the leads, where it was counted */
    total: integer(),
    processed: integer().notNull(),
    /** changed or deleted */
    written: integer().notNull(),
    refused: integer().notNull(),
    /** slices that are committed: what keeps a slice from being committed twice */
    slices: integer().notNull(),
    /** the last lead of the last slice */
    after: text().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    completed_at: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.job_id] }),
    // read by: the sweep for stuck jobs; written only while a job runs
    index("bulk_jobs_active").on(table.updated_at).where(sql`completed_at IS NULL`),
  ],
);

/** Changes of many leads that an agent has planned and may commit, once, before they expire. WITHOUT ROWID. */
export const bulkPlans = sqliteTable(
  "bulk_plans",
  {
    unit: integer().notNull(),
    plan_id: text().notNull(),
    /** JSON, as in a job */
    target: text().notNull(),
    change: text().notNull(),
    /** a hash of the leads that match, and of which of them would change */
    fingerprint: text().notNull(),
    matched: integer().notNull(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
    /** the job that carries the plan out */
    job_id: text(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.plan_id] })],
);
