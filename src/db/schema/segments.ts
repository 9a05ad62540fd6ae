import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Segments: named rules. Members are not stored: leads are checked against the rules when they are read. WITHOUT ROWID. */
export const segments = sqliteTable(
  "segments",
  {
    unit: integer().notNull(),
    segment_id: text().notNull(),
    name: text().notNull(),
    description: text(),
    /** JSON, see core/segments/schemas.ts */
    rules: text().notNull(),
    active: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.segment_id] })],
);
