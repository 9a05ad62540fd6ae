import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { TRIGGER_KINDS } from "../../vocabulary";

/** Milestones, sequences and surges. */
export const triggers = sqliteTable(
  "triggers",
  {
    unit: integer().notNull(),
    trigger_id: text().notNull(),
    kind: text({ enum: TRIGGER_KINDS }).notNull(),
    name: text().notNull(),
    active: integer().notNull(),
    /** events received before do not fire it: neither its past nor its pauses are caught up */
    active_since: integer().notNull(),
    /** JSON of the condition, by kind */
    condition: text().notNull(),
    /** JSON of where the caller wants notifications: channel_ids, webhook_url, emails and their texts */
    destination: text().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    /** a deleted trigger is kept: firings name it */
    deleted_at: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.trigger_id] }),
    // read by: every batch of events, the lists and the limit on their number, which never read deleted rows
    index("triggers_living").on(table.unit, table.active).where(sql`deleted_at IS NULL`),
  ],
);

/**
 * The n-th time a trigger fired for a lead, in the order of the events' own time. The key allows it once. A late event may move
 * the n-th firing to another event, or undo it: then the row follows, and nobody is notified twice.
 */
export const firings = sqliteTable(
  "firings",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    trigger_id: text().notNull(),
    n: integer().notNull(),
    kind: text({ enum: TRIGGER_KINDS }).notNull(),
    /** the event that fired it, and when that counted */
    event_id: text().notNull(),
    event_type: text().notNull(),
    fired_at: integer().notNull(),
    /** the lead's score just after */
    score: real().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id, table.trigger_id, table.n] }),
    // read by: GET /milestone-events; one written row for each firing
    index("firings_by_time").on(table.unit, table.fired_at),
  ],
);
