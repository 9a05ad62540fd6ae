import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { FILE_FORMATS, JOB_KINDS, JOB_STATUSES, PLAN_STATUSES } from "../../vocabulary";

/** An uploaded CSV file: its normalised copy is in R2, its layout here. */
export const importFiles = sqliteTable(
  "import_files",
  {
    unit: integer().notNull(),
    file_id: text().notNull(),
    /** R2 key of the UTF-8 copy, unguessable */
    object_key: text().notNull(),
    file_name: text().notNull(),
    /** JSON array of column names as shown to the caller */
    headers: text().notNull(),
    delimiter: text().notNull(),
    /** an errors file of ours come back: its cells carry the spreadsheet guard */
    guarded: integer().notNull(),
    row_count: integer().notNull(),
    /** JSON array of [byte offset, byte length, first spreadsheet row, rows] */
    chunks: text().notNull(),
    /** country whose phone rules read a number without `+` */
    default_region: text(),
    /** what was uploaded; the copy is CSV in any case */
    format: text({ enum: FILE_FORMATS }).notNull().default("csv"),
    created_at: integer().notNull(),
    /** the preview's end: no job can start from then on */
    expires_at: integer().notNull(),
    /** the object's end: a running job, or failed rows still to be fetched, hold it longer than the preview */
    keep_until: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.file_id] }),
    // read by: the clean-up, every ten minutes; one written row for each upload and each hold
    index("import_files_by_keep_until").on(table.keep_until),
  ],
);

/** The truth about an import; a queue message is only a nudge to look here. */
export const importJobs = sqliteTable(
  "import_jobs",
  {
    unit: integer().notNull(),
    job_id: text().notNull(),
    file_id: text().notNull(),
    file_name: text().notNull(),
    /** what a row of the file is */
    kind: text({ enum: JOB_KINDS }).notNull().default("leads"),
    status: text({ enum: JOB_STATUSES }).notNull(),
    /** JSON: primary_identifier, field_mappings, alias_mappings as the caller sent them */
    mapping: text().notNull(),
    /** SHA-256 of file and mapping */
    mapping_hash: text().notNull(),
    total_rows: integer().notNull(),
    chunk_count: integer().notNull(),
    created_by: text().notNull(),
    /** the agent's client that committed it; null: no agent did */
    client: text(),
    created_at: integer().notNull(),
    started_at: integer(),
    completed_at: integer(),
    /** the chunk that the latest run began with, and how many runs failed or died at it */
    tried_chunk: integer().notNull().default(0),
    tries: integer().notNull().default(0),
    /** when the latest run began, negative once that run has failed and been counted: with the newest chunk, the job's heartbeat */
    run_at: integer(),
    /** sums over import_chunks, frozen when the job ends; null before */
    created_count: integer(),
    changed_count: integer(),
    unchanged_count: integer(),
    failed_count: integer(),
    skipped_count: integer(),
    warned_count: integer(),
    /** failed rows that an upload of the errors file has brought in since: a sum over import_chunks.mended */
    mended_count: integer().notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.job_id] }),
    // makes starting idempotent: one running job for a file and mapping
    uniqueIndex("import_jobs_running").on(table.unit, table.mapping_hash).where(sql`status IN ('queued', 'in_progress')`),
    // read by: the sweep for stuck jobs, every minute; holds running jobs only
    index("import_jobs_active").on(table.status).where(sql`status IN ('queued', 'in_progress')`),
  ],
);

/** One committed chunk. The key is the exactly-once guard: a second delivery collides and its whole batch rolls back. */
export const importChunks = sqliteTable(
  "import_chunks",
  {
    unit: integer().notNull(),
    job_id: text().notNull(),
    chunk_no: integer().notNull(),
    created: integer().notNull(),
    changed: integer().notNull(),
    unchanged: integer().notNull(),
    failed: integer().notNull(),
    /** JSON array of [spreadsheet row, error code, column index, value] */
    errors: text(),
    /** JSON array of [spreadsheet row, kind, value, owner lead id]: aliases that stayed with another lead */
    conflicts: text(),
    /** rows that the job's mode passes over; part of `unchanged` */
    skipped: integer().notNull().default(0),
    /** warnings, also those beyond what is kept here */
    warned: integer().notNull().default(0),
    /** JSON array of [spreadsheet row, warning code, column index, value] */
    warnings: text(),
    /** JSON array of the failed rows that have been brought in since */
    mended: text(),
    committed_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.job_id, table.chunk_no] })],
);

/** The mapping that was used last for files of the same headers. */
export const importMappings = sqliteTable(
  "import_mappings",
  {
    unit: integer().notNull(),
    /** a hash of the headers: a file of the same columns, in any order, finds it */
    mapping_id: text().notNull(),
    name: text().notNull(),
    /** JSON array of column names */
    headers: text().notNull(),
    /** JSON, as the caller sent it */
    mapping: text().notNull(),
    used_count: integer().notNull(),
    created_at: integer().notNull(),
    used_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.mapping_id] })],
);

/** Which texts of a unit's files are no identifier, where it differs from the usual list. */
export const importPlaceholders = sqliteTable("import_placeholders", {
  unit: integer().primaryKey(),
  /** JSON array of patterns beside the usual ones */
  added: text().notNull(),
  /** JSON array of the usual ones that are switched off */
  disabled: text().notNull(),
  updated_at: integer().notNull(),
});

/** What an import would do: its rows are in R2, one object for each chunk. */
export const importPlans = sqliteTable(
  "import_plans",
  {
    unit: integer().notNull(),
    plan_id: text().notNull(),
    file_id: text().notNull(),
    status: text({ enum: PLAN_STATUSES }).notNull(),
    /** JSON, as a job keeps it */
    mapping: text().notNull(),
    /** JSON array of the profile fields that the start defines */
    created_fields: text().notNull(),
    /** SHA-256 of file and mapping as sent */
    identity: text().notNull(),
    /** what the ids of the leads to create are derived from, unguessable */
    seed: text().notNull(),
    /** chunks that are planned */
    planned_chunks: integer().notNull(),
    /** JSON: counts, and the objects of the planned chunks */
    progress: text().notNull(),
    /** why it failed */
    problem: text(),
    /** HMAC over file, mapping and the objects' hashes; null until it is completed */
    signature: text(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
    /** when the latest run began, negative once it has ended */
    run_at: integer(),
    /** runs that failed or died since the latest progress */
    tries: integer().notNull().default(0),
    /** the job that carries it out */
    job_id: text(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.plan_id] }),
    // read by: the clean-up, every ten minutes; one written row for each plan
    index("import_plans_by_expires_at").on(table.expires_at),
    // read by: the sweep for stuck plans, every minute; contains running plans only
    index("import_plans_active").on(table.status).where(sql`status = 'in_progress'`),
  ],
);

/** A large file that is sent in parts. */
export const importUploads = sqliteTable(
  "import_uploads",
  {
    unit: integer().notNull(),
    upload_id: text().notNull(),
    /** R2 key of the file as it is sent, unguessable, and the id that R2 gave the upload */
    raw_key: text().notNull(),
    r2_upload_id: text().notNull(),
    /** R2 key of the normalised copy */
    object_key: text().notNull(),
    file_name: text().notNull(),
    size: integer().notNull(),
    part_size: integer().notNull(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
    /** the previewed file, once it is completed */
    file_id: text(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.upload_id] }),
    // read by: the clean-up, every ten minutes; one written row for each upload
    index("import_uploads_by_expires_at").on(table.expires_at),
  ],
);

export const importUploadParts = sqliteTable(
  "import_upload_parts",
  {
    unit: integer().notNull(),
    upload_id: text().notNull(),
    /** from 1 */
    part_no: integer().notNull(),
    /** R2's own tag of the part */
    etag: text().notNull(),
    size: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.upload_id, table.part_no] })],
);

/** Never holds a row: a batch inserts NULL here when what it was planned on is no longer true, and so rolls back. */
export const commitGuards = sqliteTable("commit_guards", { stale: integer().notNull() });

/** Messages that no consumer could settle, kept for the operator. */
export const deadLetters = sqliteTable("dead_letters", {
  message_id: text().primaryKey(),
  queue: text().notNull(),
  body: text().notNull(),
  received_at: integer().notNull(),
});
