/** Channels that subscribe to events by themselves: no trigger names them. */
import type { Statement, UnitDb } from "../../context";
import type { NotificationEvent } from "../../vocabulary";
import { deliveryId } from "./sign";

export type Subscriber = { channel_id: string; event: NotificationEvent };
export type Recipient = { delivery_id: string; channel_id: string; event: NotificationEvent };

export function eventsOf(json: string | null): NotificationEvent[] {
  return json === null ? [] : JSON.parse(json);
}

/** Who is to be notified of any of these events, also channels that are disabled: those deliveries can be replayed. */
export const selectSubscribers = (db: UnitDb, events: readonly NotificationEvent[]): Statement<Subscriber> =>
  db.sql(
    `SELECT c.channel_id, e.value AS event FROM notification_channels c INDEXED BY notification_channels_by_owner CROSS JOIN json_each(c.events) e
     WHERE c.unit = ?1 AND c.owner IS NULL AND c.events IS NOT NULL AND e.value IN (SELECT value FROM json_each(?2))`,
    JSON.stringify(events),
  );

/** The deliveries of what happened to `subject`: the same subject always gives the same ids. */
export const recipientsOf = (subscribers: readonly Subscriber[], subject: string): Recipient[] =>
  subscribers.map(({ channel_id, event }) => ({ channel_id, event, delivery_id: deliveryId(channel_id, event, subject) }));

/**
 * SQL that stores a delivery for each recipient, in the batch that commits what it reports; an id that exists is left as it is. `happened` is a
 * SELECT of `event`, `data` (a JSON object) for what the batch has done, and no row where it has done nothing; its parameters follow from
 * `?5`. `?2`: recipients as JSON, `?3`: now in ms, `?4`: now as RFC 3339. The messages are sent after the commit (`outbox.deliveries`).
 */
export const announcementSql = (happened: string): string =>
  `INSERT INTO deliveries (unit, delivery_id, channel_id, event_type, payload, status, next_attempt_at, created_at, finished_at, last_error)
   SELECT ?1, r.value->>'delivery_id', c.channel_id, h.event, json_object('type', h.event, 'timestamp', ?4, 'data', json(h.data)),
     iif(c.disabled_at IS NULL, 'pending', 'discarded'), ?3, ?3,
     iif(c.disabled_at IS NULL, NULL, ?3), iif(c.disabled_at IS NULL, NULL, 'The channel is disabled')
   FROM (${happened}) h CROSS JOIN json_each(?2) r CROSS JOIN notification_channels c ON c.unit = ?1 AND c.channel_id = r.value->>'channel_id'
   WHERE r.value->>'event' = h.event ON CONFLICT (unit, delivery_id) DO NOTHING`;
