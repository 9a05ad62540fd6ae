/** SQL of deliveries and their attempts. */

import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import type { DeliveryStatus } from "../../vocabulary";
import type { NotificationChannelRow } from "./channel-store";
import { ATTEMPTS_MAX, LEASE_SECONDS, SEQUENCE_WAIT_SECONDS, TOTAL_COUNTED_MAX } from "./limits";

export type DeliveryRow = {
  delivery_id: string;
  channel_id: string;
  event_type: string;
  status: DeliveryStatus;
  attempts: number;
  attempts_before: number;
  next_attempt_at: number;
  claimed_at: number | null;
  last_error: string | null;
  created_at: number;
  finished_at: number | null;
};
export type ClaimedDelivery = DeliveryRow & { payload: string; sequence_key: string | null };
export type AttemptRow = {
  attempt_no: number;
  at: number;
  status_code: number | null;
  error: string | null;
  duration_ms: number | null;
  response: string | null;
};
export type NewDelivery = {
  delivery_id: string;
  channel_id: string;
  event_type: string;
  data: Record<string, unknown>;
  /** milliseconds */
  occurred_at: number;
  /** why it is recorded and not sent */
  discarded?: string;
  /** of those to one channel with the same `key`, each is sent after the one with the next lower `no` has ended */
  sequence?: { key: string; no: number };
};
export type DeliveryFilter = { status?: DeliveryStatus | undefined; channel_id?: string | undefined; event_type?: string | undefined };

/** Without the payload, which a list does not show. */
export const DELIVERY_COLUMNS =
  "delivery_id, channel_id, event_type, status, attempts, attempts_before, next_attempt_at, claimed_at, last_error, created_at, finished_at";
const LIVE_CHANNEL =
  "EXISTS (SELECT 1 FROM notification_channels c WHERE c.unit = ?1 AND c.channel_id = deliveries.channel_id AND c.disabled_at IS NULL)";

/**
 * Stores deliveries in the batch that commits what they report; an id that exists is left as it is. To a disabled channel a delivery is
 * stored as `discarded`, so that it can be replayed; to a channel that does not exist none is stored. Their messages are sent after the
 * commit (`outbox.deliveries`).
 */
export const insertDeliveries = (db: UnitDb, deliveries: readonly NewDelivery[], now: number): Statement<never>[] =>
  jsonArrays(deliveries.map((delivery) => JSON.stringify(storedFields(delivery)))).map((rows) =>
    db.sql(
      `INSERT INTO deliveries (unit, delivery_id, channel_id, event_type, payload, status, next_attempt_at, created_at, finished_at, last_error,
         sequence_key, sequence_no)
       SELECT ?1, r.value->>0, c.channel_id, r.value->>2, r.value->>3, iif(c.disabled_at IS NULL AND r.value->>4 IS NULL, 'pending', 'discarded'), ?3, ?3,
         iif(c.disabled_at IS NULL AND r.value->>4 IS NULL, NULL, ?3), iif(c.disabled_at IS NULL, r.value->>4, 'The channel is disabled'),
         r.value->>5, r.value->>6
       FROM json_each(?2) r CROSS JOIN notification_channels c ON c.unit = ?1 AND c.channel_id = r.value->>1
       WHERE true ON CONFLICT (unit, delivery_id) DO NOTHING`,
      rows,
      now,
    ),
  );

const storedFields = (delivery: NewDelivery): (string | number | null)[] => {
  const { delivery_id, channel_id, event_type, data, occurred_at, discarded, sequence } = delivery;
  const payload = JSON.stringify({ type: event_type, timestamp: new Date(occurred_at).toISOString(), data });
  return [delivery_id, channel_id, event_type, payload, discarded ?? null, ...(sequence ? [sequence.key, sequence.no] : [])];
};

/**
 * Claims the next attempt. In order: an overdue attempt is recorded as interrupted; a delivery with no attempts left or without a live
 * channel ends; one whose predecessor in its sequence has not ended waits; otherwise the attempt is counted and leased to this call for a
 * minute. The fourth statement returns the delivery if this call may send it, the fifth its channel.
 */
export const claimAttempt = (
  db: UnitDb,
  deliveryId: string,
  now: number,
): [Statement<never>, Statement<never>, Statement<never>, Statement<ClaimedDelivery>, Statement<NotificationChannelRow>] => [
  db.sql(
    `INSERT INTO delivery_attempts (unit, delivery_id, attempt_no, at, error)
     SELECT unit, delivery_id, attempts, claimed_at, 'The attempt was interrupted: whether it arrived is not known'
     FROM deliveries WHERE unit = ?1 AND delivery_id = ?2 AND status = 'pending' AND next_attempt_at <= ?3 AND claimed_at IS NOT NULL
     ON CONFLICT (unit, delivery_id, attempt_no) DO NOTHING`,
    deliveryId,
    now,
  ),
  db.sql(
    `UPDATE deliveries SET finished_at = ?3, claimed_at = NULL,
       status = iif(${LIVE_CHANNEL}, 'failed', 'discarded'),
       last_error = iif(${LIVE_CHANNEL}, 'The last attempt was interrupted', 'The channel is disabled or gone')
     WHERE unit = ?1 AND delivery_id = ?2 AND status = 'pending' AND next_attempt_at <= ?3
       AND (attempts - attempts_before >= ${ATTEMPTS_MAX} OR NOT ${LIVE_CHANNEL})`,
    deliveryId,
    now,
  ),
  db.sql(
    `UPDATE deliveries SET next_attempt_at = ?3 + ${SEQUENCE_WAIT_SECONDS * 1000}
     WHERE unit = ?1 AND delivery_id = ?2 AND status = 'pending' AND next_attempt_at <= ?3 AND claimed_at IS NULL
       AND EXISTS (SELECT 1 FROM deliveries p INDEXED BY deliveries_in_sequence WHERE p.unit = ?1 AND p.channel_id = deliveries.channel_id
         AND p.sequence_key = deliveries.sequence_key AND p.sequence_no < deliveries.sequence_no AND p.status = 'pending')`,
    deliveryId,
    now,
  ),
  db.sql(
    `UPDATE deliveries SET attempts = attempts + 1, claimed_at = ?3, next_attempt_at = ?3 + ${LEASE_SECONDS * 1000}
     WHERE unit = ?1 AND delivery_id = ?2 AND status = 'pending' AND next_attempt_at <= ?3 RETURNING payload, sequence_key, ${DELIVERY_COLUMNS}`,
    deliveryId,
    now,
  ),
  db.sql(
    `SELECT c.* FROM deliveries d CROSS JOIN notification_channels c ON c.unit = d.unit AND c.channel_id = d.channel_id
     WHERE d.unit = ?1 AND d.delivery_id = ?2`,
    deliveryId,
  ),
];

/** Records an attempt, also one that ends late and was recorded as interrupted. */
export const recordAttempt = (db: UnitDb, deliveryId: string, attempt: AttemptRow): Statement<never> =>
  db.sql(
    `INSERT INTO delivery_attempts (unit, delivery_id, attempt_no, at, status_code, error, duration_ms, response)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
     ON CONFLICT (unit, delivery_id, attempt_no) DO UPDATE SET
       status_code = excluded.status_code, error = excluded.error, duration_ms = excluded.duration_ms, response = excluded.response`,
    deliveryId,
    attempt.attempt_no,
    attempt.at,
    attempt.status_code,
    attempt.error,
    attempt.duration_ms,
    attempt.response,
  );

/** Whatever the delivery's status is by now: the receiver has it. */
export const finishDelivered = (db: UnitDb, deliveryId: string, now: number): Statement<never> =>
  db.sql(
    `UPDATE deliveries SET status = 'delivered', finished_at = ?3, claimed_at = NULL, last_error = NULL
     WHERE unit = ?1 AND delivery_id = ?2 AND status <> 'delivered'`,
    deliveryId,
    now,
  );

export type Claim = { attempts: number; claimed_at: number };

/** Does nothing when the attempt is no longer the latest, or the delivery has ended. */
export const postpone = (db: UnitDb, deliveryId: string, claim: Claim, nextAttemptAt: number, error: string): Statement<never> =>
  db.sql(
    `UPDATE deliveries SET next_attempt_at = ?5, claimed_at = NULL, last_error = ?6
     WHERE unit = ?1 AND delivery_id = ?2 AND status = 'pending' AND attempts = ?3 AND claimed_at = ?4`,
    deliveryId,
    claim.attempts,
    claim.claimed_at,
    nextAttemptAt,
    error,
  );

/** Does nothing when the attempt is no longer the latest, or the delivery has ended. */
export const finishFailed = (db: UnitDb, deliveryId: string, claim: Claim, now: number, error: string): Statement<never> =>
  db.sql(
    `UPDATE deliveries SET status = 'failed', finished_at = ?5, claimed_at = NULL, last_error = ?6
     WHERE unit = ?1 AND delivery_id = ?2 AND status = 'pending' AND attempts = ?3 AND claimed_at = ?4`,
    deliveryId,
    claim.attempts,
    claim.claimed_at,
    now,
    error,
  );

/** After the statement that ends a delivery: the next one of its sequence is due, and is returned. */
export const releaseNext = (db: UnitDb, channelId: string, sequenceKey: string, now: number): Statement<{ delivery_id: string }> =>
  db.sql(
    `UPDATE deliveries SET next_attempt_at = ?4 WHERE unit = ?1 AND claimed_at IS NULL AND delivery_id = (
       SELECT p.delivery_id FROM deliveries p INDEXED BY deliveries_in_sequence
       WHERE p.unit = ?1 AND p.channel_id = ?2 AND p.sequence_key = ?3 AND p.status = 'pending' ORDER BY p.sequence_no LIMIT 1)
     RETURNING delivery_id`,
    channelId,
    sequenceKey,
    now,
  );

/** Makes a delivery due now: one that has ended restarts its schedule. An attempt in flight is left alone. */
export const rescheduleDelivery = (db: UnitDb, deliveryId: string, now: number): Statement<never> =>
  db.sql(
    `UPDATE deliveries SET status = 'pending', next_attempt_at = ?3, finished_at = NULL, claimed_at = NULL,
       attempts_before = iif(status = 'pending', attempts_before, attempts)
     WHERE unit = ?1 AND delivery_id = ?2 AND NOT (status = 'pending' AND (claimed_at IS NOT NULL OR next_attempt_at <= ?3)) AND ${LIVE_CHANNEL}`,
    deliveryId,
    now,
  );

/** `channel_live`: 1 live, 0 disabled, null gone. */
export const selectDelivery = (
  db: UnitDb,
  deliveryId: string,
): Statement<Omit<ClaimedDelivery, "sequence_key"> & { channel_live: number | null }> =>
  db.sql(
    `SELECT payload, ${DELIVERY_COLUMNS}, (SELECT c.disabled_at IS NULL FROM notification_channels c
       WHERE c.unit = ?1 AND c.channel_id = deliveries.channel_id) AS channel_live
     FROM deliveries WHERE unit = ?1 AND delivery_id = ?2`,
    deliveryId,
  );

export const selectAttempts = (db: UnitDb, deliveryId: string): Statement<AttemptRow> =>
  db.sql(
    `SELECT attempt_no, at, status_code, error, duration_ms, response FROM delivery_attempts
     WHERE unit = ?1 AND delivery_id = ?2 ORDER BY attempt_no`,
    deliveryId,
  );

/** Newest first, and how many there are, counted up to 10,000. */
export function selectDeliveries(
  db: UnitDb,
  filter: DeliveryFilter,
  limit: number,
  offset: number,
): { page: Statement<DeliveryRow>; count: Statement<{ total: number }> } {
  const set = (["status", "channel_id", "event_type"] as const).flatMap((column) => {
    const value = filter[column];
    return value === undefined ? [] : [{ column, value }];
  });
  const where = ["unit = ?1", ...set.map(({ column }, at) => `${column} = ?${at + 2}`)].join(" AND ");
  const from = `FROM deliveries INDEXED BY deliveries_by_time WHERE ${where}`;
  const values = set.map(({ value }) => value);
  const order = `ORDER BY created_at DESC, delivery_id DESC LIMIT ?${set.length + 2} OFFSET ?${set.length + 3}`;
  return {
    page: db.sql(`SELECT ${DELIVERY_COLUMNS} ${from} ${order}`, ...values, limit, offset),
    count: db.sql(`SELECT count(*) AS total FROM (SELECT 1 ${from} LIMIT ${TOTAL_COUNTED_MAX})`, ...values),
  };
}

/** When the event that a delivery tells of was accepted; no row for a test. */
export const selectReceivedAt = (db: UnitDb, deliveryId: string): Statement<{ received_at: number }> =>
  db.sql(
    `SELECT e.received_at FROM deliveries d CROSS JOIN events e ON e.unit = d.unit AND e.event_id = d.payload->>'$.data.event_id'
     WHERE d.unit = ?1 AND d.delivery_id = ?2`,
    deliveryId,
  );
