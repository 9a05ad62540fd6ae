/** SQL of notification channels. */

import type { Statement, UnitDb } from "../../context";
import { guardSql } from "../../db/commit";
import type { NotificationType } from "../../vocabulary";
import type { Config } from "./config";

export type NotificationChannelRow = {
  channel_id: string;
  name: string;
  type: NotificationType;
  config: string;
  /** JSON array of NotificationEvent; null: none */
  events: string | null;
  secret: string | null;
  previous_secret: string | null;
  previous_until: number | null;
  owner: string | null;
  disabled_at: number | null;
  disabled_reason: string | null;
  created_at: number;
  updated_at: number;
};
export type NewNotificationChannelRow = Pick<NotificationChannelRow, "channel_id" | "name" | "type" | "config" | "secret" | "owner"> & {
  events?: string | null;
};

const COLUMNS =
  "channel_id, name, type, config, events, secret, previous_secret, previous_until, owner, disabled_at, disabled_reason, created_at, updated_at";
/** Pending deliveries that one statement discards; the rest are discarded when they are due. */
const DISCARDED_AT_ONCE = 1000;

export const insertNotificationChannel = (db: UnitDb, channel: NewNotificationChannelRow, now: number): Statement<never> =>
  db.sql(
    `INSERT INTO notification_channels (unit, channel_id, name, type, config, secret, owner, created_at, updated_at, events)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)`,
    channel.channel_id,
    channel.name,
    channel.type,
    channel.config,
    channel.secret,
    channel.owner,
    now,
    channel.events ?? null,
  );

export const selectNotificationChannel = (db: UnitDb, channelId: string): Statement<NotificationChannelRow> =>
  db.sql(`SELECT ${COLUMNS} FROM notification_channels WHERE unit = ?1 AND channel_id = ?2`, channelId);

/** Channels that users created, oldest first. */
export const selectNotificationChannels = (db: UnitDb): Statement<NotificationChannelRow> =>
  db.sql(`SELECT ${COLUMNS} FROM notification_channels WHERE unit = ?1 AND owner IS NULL ORDER BY channel_id`);

/** Those of `ids` (JSON array) that name no channel created by a user of the unit. */
export const selectMissingChannels = (db: UnitDb, ids: string): Statement<{ channel_id: string }> =>
  db.sql(
    `SELECT i.value AS channel_id FROM json_each(?2) i
     WHERE NOT EXISTS (SELECT 1 FROM notification_channels c WHERE c.unit = ?1 AND c.channel_id = i.value AND c.owner IS NULL)`,
    ids,
  );

type NotificationChannelUpdate = {
  name: string | null;
  config: string | null;
  seenConfig: string;
  active: boolean | null;
  /** JSON array */
  events: string | null;
};

/** Returns the channel; no row when its config is not `seenConfig`, on which the change was planned. Null leaves a field as it is. */
export const updateNotificationChannel = (
  db: UnitDb,
  channelId: string,
  change: NotificationChannelUpdate,
  now: number,
): Statement<NotificationChannelRow> =>
  db.sql(
    `UPDATE notification_channels SET name = coalesce(?3, name), config = coalesce(?4, config), updated_at = ?7, events = coalesce(?8, events),
       disabled_at = CASE ?6 WHEN 1 THEN NULL WHEN 0 THEN coalesce(disabled_at, ?7) ELSE disabled_at END,
       disabled_reason = CASE ?6 WHEN 1 THEN NULL WHEN 0 THEN coalesce(disabled_reason, 'Switched off by hand') ELSE disabled_reason END
     WHERE unit = ?1 AND channel_id = ?2 AND (?4 IS NULL OR config = ?5) RETURNING ${COLUMNS}`,
    channelId,
    change.name,
    change.config,
    change.seenConfig,
    change.active === null ? null : Number(change.active),
    now,
    change.events,
  );

/** The batch rolls back (CommitConflict on `commit_guards`) when the channel's secret is no longer `from`. */
export const rotateSecret = (
  db: UnitDb,
  secret: { channelId: string; from: string; to: string; previous_until: number },
  now: number,
): [guard: Statement<never>, update: Statement<never>] => [
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM notification_channels WHERE unit = ?1 AND channel_id = ?2 AND secret = ?3)"),
    secret.channelId,
    secret.from,
  ),
  db.sql(
    `UPDATE notification_channels SET previous_secret = secret, previous_until = ?4, secret = ?3, updated_at = ?5
     WHERE unit = ?1 AND channel_id = ?2`,
    secret.channelId,
    secret.to,
    secret.previous_until,
    now,
  ),
];

/** Ends the former secret. Returns the channel. */
export const dropPreviousSecret = (db: UnitDb, channelId: string, now: number): Statement<NotificationChannelRow> =>
  db.sql(
    `UPDATE notification_channels SET previous_secret = NULL, previous_until = NULL, updated_at = ?3
     WHERE unit = ?1 AND channel_id = ?2 RETURNING ${COLUMNS}`,
    channelId,
    now,
  );

/** Rolls the batch back (CommitConflict on `commit_guards`) unless the channel exists and is enabled. */
export const channelIsLive = (db: UnitDb, channelId: string): Statement<never> =>
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM notification_channels WHERE unit = ?1 AND channel_id = ?2 AND disabled_at IS NULL)"),
    channelId,
  );

/** Disables a channel whose receiver is gone, unless it has another config by now. */
export const disableNotificationChannel = (
  db: UnitDb,
  channelId: string,
  seenConfig: string,
  reason: string,
  now: number,
): Statement<never> =>
  db.sql(
    `UPDATE notification_channels SET disabled_at = ?5, disabled_reason = ?4, updated_at = ?5
     WHERE unit = ?1 AND channel_id = ?2 AND config = ?3 AND disabled_at IS NULL`,
    channelId,
    seenConfig,
    reason,
    now,
  );

export const deleteNotificationChannelRow = (db: UnitDb, channelId: string): Statement<{ channel_id: string }> =>
  db.sql("DELETE FROM notification_channels WHERE unit = ?1 AND channel_id = ?2 AND owner IS NULL RETURNING channel_id", channelId);

/** Discards the pending deliveries of a channel that is disabled or gone. */
export const discardPending = (db: UnitDb, channelId: string, now: number): Statement<never> =>
  db.sql(
    `UPDATE deliveries SET status = 'discarded', finished_at = ?3, claimed_at = NULL, last_error = 'The channel is disabled or gone'
     WHERE unit = ?1 AND delivery_id IN (
       SELECT d.delivery_id FROM deliveries d INDEXED BY deliveries_pending
       WHERE d.unit = ?1 AND d.channel_id = ?2 AND d.status = 'pending' LIMIT ${DISCARDED_AT_ONCE})
       AND NOT EXISTS (SELECT 1 FROM notification_channels WHERE unit = ?1 AND channel_id = ?2 AND disabled_at IS NULL)`,
    channelId,
    now,
  );

/** The implicit channel of a trigger's or partner channel's own webhook URL: for the batch that creates its owner. */
export const insertOwnedWebhook = (
  db: UnitDb,
  channel: { channel_id: string; owner: string; name: string; url: string; secret: string },
  now: number,
): Statement<never> => {
  const { channel_id, owner, name, url, secret } = channel;
  return insertNotificationChannel(db, { channel_id, owner, name, type: "webhook", config: JSON.stringify({ url }), secret }, now);
};

/** The implicit channel of a trigger's own email addresses. `config` is one that `readConfig` returned. */
export const insertOwnedEmail = (
  db: UnitDb,
  channel: { channel_id: string; owner: string; name: string; config: Config<"email"> },
  now: number,
): Statement<never> => {
  const { channel_id, owner, name, config } = channel;
  return insertNotificationChannel(db, { channel_id, owner, name, type: "email", config: JSON.stringify(config), secret: null }, now);
};

/** Removes one of an owner's channels. */
export const deleteOwnedChannel = (db: UnitDb, owner: string, channelId: string): Statement<never> =>
  db.sql("DELETE FROM notification_channels WHERE unit = ?1 AND channel_id = ?2 AND owner = ?3", channelId, owner);

/** Gives an owner's webhook another name or URL, and enables it again: for the batch that changes its owner. */
export const updateOwnedWebhook = (
  db: UnitDb,
  channel: { channel_id: string; owner: string; name: string; url: string },
  now: number,
): Statement<never> =>
  db.sql(
    `UPDATE notification_channels SET name = ?4, config = ?5, disabled_at = NULL, disabled_reason = NULL, updated_at = ?6
     WHERE unit = ?1 AND channel_id = ?2 AND owner = ?3`,
    channel.channel_id,
    channel.owner,
    channel.name,
    JSON.stringify({ url: channel.url }),
    now,
  );

/** Removes an owner's channels: for the batch that removes the owner. Their pending deliveries are discarded when they are due. */
export const deleteOwnedWebhooks = (db: UnitDb, owner: string): Statement<never> =>
  db.sql("DELETE FROM notification_channels WHERE unit = ?1 AND owner = ?2", owner);
