import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Segments: leads by rules. Nothing lists their members: whoever wants them checks leads against the rules. WITHOUT ROWID. */
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
