import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { JOURNAL_KINDS, UNDO_STATUSES } from "../../vocabulary";

/**
 * What an operation over many leads (an import, a bulk edit) did to them, written in the batch that did it: one row for up to a thousand
 * leads. Undoing it consumes the rows from the last to the first; the clean-up removes those that are older than 30 days.
 */
export const undoJournal = sqliteTable(
  "undo_journal",
  {
    unit: integer().notNull(),
    /** id of the job */
    operation_id: text().notNull(),
    /** the operation's chunk, and the place within what that wrote */
    chunk_no: integer().notNull(),
    part: integer().notNull(),
    written_at: integer().notNull(),
    kind: text({ enum: JOURNAL_KINDS }).notNull(),
    /** least and greatest lead id among the entries: the deletion of a lead reads only rows that may contain it */
    first_lead_id: text().notNull(),
    last_lead_id: text().notNull(),
    /** JSON array; each entry begins with its lead's id */
    entries: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.operation_id, table.chunk_no, table.part] })],
);

/** A requested undo; a queue message is only a nudge to look here. */
export const undos = sqliteTable(
  "undos",
  {
    unit: integer().notNull(),
    operation_id: text().notNull(),
    status: text({ enum: UNDO_STATUSES }).notNull(),
    requested_by: text().notNull(),
    /** the agent's client that requested it; null: no agent did */
    client: text(),
    requested_at: integer().notNull(),
    completed_at: integer(),
    /** when the latest run began: with the newest row of undo_chunks, the heartbeat */
    run_at: integer(),
    /** rows of the journal that the latest run found, and how many runs in a row found as many */
    rows_left: integer(),
    tries: integer().notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.operation_id] }),
    // read by: the sweep for stuck undos, every minute; contains running ones only
    index("undos_active").on(table.status).where(sql`status IN ('queued', 'in_progress')`),
  ],
);

/** A row of the journal that was undone. The key is the exactly-once guard; an undo's counters are sums over these rows. */
export const undoChunks = sqliteTable(
  "undo_chunks",
  {
    unit: integer().notNull(),
    operation_id: text().notNull(),
    chunk_no: integer().notNull(),
    part: integer().notNull(),
    removed: integer().notNull(),
    restored: integer().notNull(),
    committed_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.operation_id, table.chunk_no, table.part] })],
);

/** What an undo left on a lead because it could not return: shown to the caller, and read when a later operation on it is undone. */
export const undoKept = sqliteTable(
  "undo_kept",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    operation_id: text().notNull(),
    /** distinct fields among the items */
    fields: integer().notNull(),
    /** JSON array of [field, reason, what the operation wrote, what was there before] */
    items: text().notNull(),
    kept_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id, table.operation_id] }),
    // read by: the list of what an undo kept, and its count; one written row for each such lead
    index("undo_kept_by_operation").on(table.unit, table.operation_id),
  ],
);
