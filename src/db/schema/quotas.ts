import { integer, sqliteTable } from "drizzle-orm/sqlite-core";

/** Never holds a row: `quotaSql` inserts a NULL when a unit has no room, which rolls its batch back and names the column. */
export const quotaGuards = sqliteTable("quota_guards", {
  definitions: integer().notNull().default(0),
  leads: integer().notNull().default(0),
  stored_bytes: integer().notNull().default(0),
});

export type QuotaGuard = keyof typeof quotaGuards.$inferInsert;
