import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { INBOUND_TYPES, PAYLOAD_OUTCOMES } from "../../vocabulary";

/** Addresses that forms and other services send to. WITHOUT ROWID. */
export const inboundSources = sqliteTable(
  "inbound_sources",
  {
    unit: integer().notNull(),
    source_id: text().notNull(),
    name: text().notNull(),
    type: text({ enum: INBOUND_TYPES }).notNull(),
    /** SHA-256 of the token in the address */
    token_hash: text().notNull(),
    /** the sender's signing secret, readable because signatures are computed with it; null: nothing is verified but the token */
    secret: text(),
    /** JSON: JSON pointer -> field or `_alias_kind` */
    mapping: text().notNull(),
    active: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.source_id] }),
    // read by: each delivery that no isolate knows the source of; one written row for each source
    uniqueIndex("inbound_sources_by_token").on(table.unit, table.token_hash),
  ],
);

/** The newest 20 payloads of a source: what a mapping is made from, and what is replayed. No index: a source has 20 rows. WITHOUT ROWID. */
export const inboundPayloads = sqliteTable(
  "inbound_payloads",
  {
    unit: integer().notNull(),
    source_id: text().notNull(),
    /** made of the sender's delivery id, so that a redelivery is the same payload */
    payload_id: text().notNull(),
    received_at: integer().notNull(),
    deliveries: integer().notNull(),
    /** how many replays have begun */
    replays: integer().notNull().default(0),
    /** the sender's id of the delivery, where a header said it */
    given_id: text(),
    /** JSON: the body as it was read */
    payload: text().notNull(),
    outcome: text({ enum: PAYLOAD_OUTCOMES }).notNull(),
    reason: text(),
    /** JSON array: the events that it became */
    event_ids: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.source_id, table.payload_id] })],
);
