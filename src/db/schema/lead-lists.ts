import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Leads that a caller watches. WITHOUT ROWID. */
export const watchedLeads = sqliteTable(
  "watched_leads",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** the credential or the identity provider's subject: a list of one's own */
    watcher: text().notNull(),
    watch_id: text().notNull(),
    prediction: text(),
    prediction_notes: text(),
    /** of the lead, when it was watched first */
    score: real().notNull(),
    watched_at: integer().notNull(),
  },
  (table) => [
    // by lead first: read by the deletion and the merging of a lead
    primaryKey({ columns: [table.unit, table.lead_id, table.watcher] }),
    // read by: GET /watched-leads; one written row for each lead that is watched
    index("watched_leads_by_watcher").on(table.unit, table.watcher, table.watched_at),
  ],
);

/** Filters of the list of leads that a unit keeps by name. WITHOUT ROWID. */
export const savedFilters = sqliteTable(
  "saved_filters",
  {
    unit: integer().notNull(),
    filter_id: text().notNull(),
    name: text().notNull(),
    /** JSON object of list parameters */
    criteria: text().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.filter_id] })],
);
