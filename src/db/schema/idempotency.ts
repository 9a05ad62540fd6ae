import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The answer that was given to a request with an Idempotency-Key, in the database that its verb commits in: one written row, in the verb's
 * own batch. In the directory `unit` is 0. No index: the cron job that removes old rows walks the table.
 */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    unit: integer().notNull(),
    /** who sent it: a caller, or for callers without credentials the channel */
    scope: text().notNull(),
    key: text().notNull(),
    created_at: integer().notNull(),
    /** SHA-256 of the method, the path and the body */
    request_hash: text().notNull(),
    status: integer().notNull(),
    body: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.scope, table.key] })],
);

/** How far a cron job that walks a table without an index has come. */
export const sweepPositions = sqliteTable("sweep_positions", { job: text().primaryKey(), position: text().notNull() });
