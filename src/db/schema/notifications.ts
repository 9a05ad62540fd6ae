import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { DELIVERY_STATUSES, NOTIFICATION_TYPES } from "../../vocabulary";

/** Where deliveries go: an endpoint that a user created, or the implicit one of a trigger's or partner channel's webhook URL. */
export const notificationChannels = sqliteTable(
  "notification_channels",
  {
    unit: integer().notNull(),
    channel_id: text().notNull(),
    name: text().notNull(),
    type: text({ enum: NOTIFICATION_TYPES }).notNull(),
    /** JSON object; its shape depends on `type` */
    config: text().notNull(),
    /** of a webhook: `whsec_…`, readable because every delivery is signed with it: a digest could not sign */
    secret: text(),
    /** signs beside `secret` until `previous_until` */
    previous_secret: text(),
    previous_until: integer(),
    /** id of the trigger or partner channel that made it; null: a user did */
    owner: text(),
    disabled_at: integer(),
    disabled_reason: text(),
    /** JSON array of the events that the channel subscribes to; null: only notifications that name it */
    events: text(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.channel_id] }),
    // read by: GET /notification-channels, and an owner that changes or removes its own; one written row for each channel
    index("notification_channels_by_owner").on(table.unit, table.owner),
  ],
);

/** The outbox: what is to be sent, or was. A queue message is only a nudge to look here. */
export const deliveries = sqliteTable(
  "deliveries",
  {
    unit: integer().notNull(),
    /** chosen by who inserts it, so that a repeated commit makes none twice; the receiver's `webhook-id` */
    delivery_id: text().notNull(),
    channel_id: text().notNull(),
    event_type: text().notNull(),
    /** JSON text, the body of every attempt byte for byte */
    payload: text().notNull(),
    status: text({ enum: DELIVERY_STATUSES }).notNull(),
    /** attempts begun; the number of the latest */
    attempts: integer().notNull().default(0),
    /** attempts before the schedule began (again): a replay begins it anew */
    attempts_before: integer().notNull().default(0),
    /** of a pending one: when to try next; while an attempt is under way, when that one counts as dead */
    next_attempt_at: integer().notNull(),
    /** when the attempt that is under way began; null: none is */
    claimed_at: integer(),
    last_error: text(),
    created_at: integer().notNull(),
    finished_at: integer(),
    /** of those to one channel with the same text, each is sent after the one before it has ended; null: in any order */
    sequence_key: text(),
    /** its place among them */
    sequence_no: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.delivery_id] }),
    // read by: GET /deliveries, newest first; one written row for each delivery
    index("deliveries_by_time").on(table.unit, table.created_at),
    // read by: the sweep, every minute; one written row for each delivery and up to two for each attempt; holds pending ones only
    index("deliveries_due").on(table.next_attempt_at).where(sql`status = 'pending'`),
    // read by: a channel's end, which discards what it has pending; one written row for each delivery; holds pending ones only
    index("deliveries_pending").on(table.unit, table.channel_id).where(sql`status = 'pending'`),
    // read by: the clean-up, every ten minutes; one written row for each delivery that ended
    index("deliveries_finished").on(table.finished_at).where(sql`finished_at IS NOT NULL`),
    // read by: each attempt of a delivery in a sequence; two written rows for each of these, none for others; holds pending ones only
    index("deliveries_in_sequence")
      .on(table.unit, table.channel_id, table.sequence_key, table.sequence_no)
      .where(sql`status = 'pending' AND sequence_key IS NOT NULL`),
  ],
);

/** How far a channel that subscribes to changes of leads has been notified of the change log. Other channels have no row. WITHOUT ROWID. */
export const changeFeeds = sqliteTable(
  "change_feeds",
  {
    unit: integer().notNull(),
    channel_id: text().notNull(),
    /** the commit that is next */
    seq: integer().notNull(),
    /** how many of its changes are done */
    done: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.channel_id] })],
);

/** One attempt to send a delivery, and what came of it. */
export const deliveryAttempts = sqliteTable(
  "delivery_attempts",
  {
    unit: integer().notNull(),
    delivery_id: text().notNull(),
    attempt_no: integer().notNull(),
    at: integer().notNull(),
    /** null: no answer came */
    status_code: integer(),
    error: text(),
    /** null: the sender died */
    duration_ms: integer(),
    /** the answer's first bytes, at most 1 KB */
    response: text(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.delivery_id, table.attempt_no] })],
);
