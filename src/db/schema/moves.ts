import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { MOVE_STATUSES, MOVE_STEPS } from "../../vocabulary";

/** Moves of org units from one database to another, in the directory: what has been done, and by whom it is continued. */
export const unitMoves = sqliteTable(
  "unit_moves",
  {
    move_id: text().primaryKey(),
    organization_id: text().notNull(),
    unit: integer().notNull(),
    unit_id: text().notNull(),
    from_shard: integer().notNull(),
    to_shard: integer().notNull(),
    status: text({ enum: MOVE_STATUSES }).notNull(),
    step: text({ enum: MOVE_STEPS }).notNull(),
    /** JSON: where a step continues that walks through tables; null: at its beginning */
    position: text(),
    rows_copied: integer().notNull().default(0),
    /** comparisons of both databases that found a difference */
    differing_rounds: integer().notNull().default(0),
    /** grows with every run: a run whose turn is over writes nothing more */
    turn: integer().notNull().default(0),
    /** when the next run may begin, in ms: a running one postpones it */
    due_at: integer().notNull(),
    /** runs that failed since the last that did not */
    failures: integer().notNull().default(0),
    /** why the last run failed, or the move */
    error: text(),
    created_at: integer().notNull(),
    /** when the unit was served from its new database for the first time */
    switched_at: integer(),
    /** when the copy that nobody needs had been removed: the old one, or that of a failed move */
    removed_at: integer(),
    /** when nothing of the move was left in either database */
    closed_at: integer(),
  },
  (table) => [
    // makes a unit move to one place at a time
    uniqueIndex("unit_moves_active").on(table.unit).where(sql`removed_at IS NULL`),
    // read by: cron, for moves that are due
    index("unit_moves_due").on(table.due_at).where(sql`closed_at IS NULL`),
  ],
);

/**
 * A move's state in one of its databases: `from` in the one that the unit leaves, `to` in the one that it moves to. The move's triggers
 * read it, so it decides within the transaction of every write whether that write is recorded or refused.
 */
export const moveSides = sqliteTable(
  "move_sides",
  {
    move_id: text().notNull(),
    side: text({ enum: ["from", "to"] }).notNull(),
    unit: integer().notNull(),
    /** from: capturing, fenced, closed. to: arriving, live, removing, closed */
    state: text({ enum: ["capturing", "fenced", "arriving", "live", "removing", "closed"] }).notNull(),
    /** the table that the move itself is writing in this transaction; empty: none */
    open: text().notNull().default(""),
    turn: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.move_id, table.side] })],
);

/** Keys of rows that have changed since they were copied. No index: a move reads them in order and removes them within seconds. */
export const moveChanges = sqliteTable("move_changes", {
  /** never used twice, so that a late deletion of changes that were read removes no later change */
  seq: integer().primaryKey({ autoIncrement: true }),
  move_id: text().notNull(),
  name: text().notNull(),
  /** JSON array: the row's primary key */
  key: text().notNull(),
});
