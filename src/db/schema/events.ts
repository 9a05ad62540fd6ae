import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { FACT_CALLS, SUPPRESSION_REASONS } from "../../vocabulary";

/*
 * An event costs three rows written: its own, its place in time and its id. Every table here is WITHOUT ROWID (drizzle cannot say it:
 * the migration does, a test checks it).
 */

/** What leads did. The key is the timeline: one lead's events lie together, in the order of their own time. */
export const events = sqliteTable(
  "events",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** the event's own time, which may lie up to a day ahead */
    occurred_at: integer().notNull(),
    /** the caller's, or ours */
    event_id: text().notNull(),
    /** as it was sent */
    event_type: text().notNull(),
    /** the form under which `page_view` and `Page View` are one type */
    type_key: text().notNull(),
    /** JSON object; null when none was sent */
    metadata: text(),
    received_at: integer().notNull(),
    processed_at: integer().notNull(),
    /** 1: imported history that may score but not fire */
    silent: integer().notNull(),
    /** the lead's score just before and just after this event, as known when it was processed */
    score_before: real().notNull(),
    score_after: real().notNull(),
    /** JSON array of [kind, trigger id, name] fired by this event when it was processed; null for none */
    fired: text(),
    /** of an event that a merge moved here, or that named an alias which a merge moved: the lead that it was of, or would have been */
    original_lead_id: text(),
    /** why it neither scores nor fires; null for events that do */
    suppression_reason: text({ enum: SUPPRESSION_REASONS }),
    /** how its lead was found, see core/events/resolution.ts; null: by the lead's id */
    resolved: text(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id, table.occurred_at, table.event_id] }),
    // makes an event exactly-once for its lifetime; read by: receipts and every batch. One written row for each event
    uniqueIndex("events_by_id").on(table.unit, table.event_id),
    // read by: GET /events and the analytics, which it covers. One written row for each event
    index("events_by_time").on(table.unit, table.occurred_at, table.event_id, table.type_key),
  ],
);

/** The event that an Idempotency-Key stands for, where that event has an id of its own besides. */
export const eventKeys = sqliteTable(
  "event_keys",
  {
    unit: integer().notNull(),
    idempotency_key: text().notNull(),
    event_id: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.idempotency_key] }),
    // read by: the deletion of a lead; one written row for each such key
    index("event_keys_by_event").on(table.unit, table.event_id),
  ],
);

/** Calls that state facts about a lead and are on no timeline: each counts once for its lifetime. A call costs two rows written. */
export const factCalls = sqliteTable(
  "fact_calls",
  {
    unit: integer().notNull(),
    event_id: text().notNull(),
    call: text({ enum: FACT_CALLS }).notNull(),
    lead_id: text().notNull(),
    received_at: integer().notNull(),
    processed_at: integer().notNull(),
    /** as of an event */
    resolved: text(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.event_id] }),
    // read by: the deletion of a lead; one written row for each call
    index("fact_calls_by_lead").on(table.unit, table.lead_id),
  ],
);

/** Accepted events that are not on any timeline: rejected ones, and repetitions under another id. */
export const refusedEvents = sqliteTable(
  "refused_events",
  {
    unit: integer().notNull(),
    event_id: text().notNull(),
    status: text({ enum: ["rejected", "duplicate"] }).notNull(),
    /** of a duplicate: the event that it repeats */
    duplicate_of: text(),
    /** why, for the caller */
    reason: text().notNull(),
    /** JSON of the event as it was queued: nothing is lost */
    event: text().notNull(),
    received_at: integer().notNull(),
    refused_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.event_id] }),
    // read by: GET /ingest/rejected; one written row for each rejected event
    index("refused_events_by_time").on(table.unit, table.status, table.refused_at),
    // read by: the deletion of a lead, whose repeated events go with it; one written row for each duplicate
    index("refused_events_by_original").on(table.unit, table.duplicate_of).where(sql`duplicate_of IS NOT NULL`),
  ],
);

/** Event types seen, each under its first spelling. */
export const eventTypes = sqliteTable(
  "event_types",
  {
    unit: integer().notNull(),
    type_key: text().notNull(),
    name: text().notNull(),
    first_seen_at: integer().notNull(),
    /** 1: left out of lists and statistics, and no rule scores it any more */
    hidden: integer().notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.unit, table.type_key] })],
);

/** Bursts that no person causes: more than `threshold` events of a type of one lead within a rolling window. */
export const velocityFilters = sqliteTable(
  "velocity_filters",
  {
    unit: integer().notNull(),
    filter_id: text().notNull(),
    event_type: text().notNull(),
    type_key: text().notNull(),
    threshold: integer().notNull(),
    window_ms: integer().notNull(),
    keep_first: integer().notNull(),
    active: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.filter_id] })],
);

/** Events by day (UTC, by their own time) and type: kept in the batch that inserts them, so that no list counts events. */
export const eventCounts = sqliteTable(
  "event_counts",
  {
    unit: integer().notNull(),
    /** days since 1970-01-01 */
    day: integer().notNull(),
    type_key: text().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.day, table.type_key] })],
);
