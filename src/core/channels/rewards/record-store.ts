/** SQL of what happened to a channel's leads: events, purchases and rewards. */

import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import { guardSql } from "../../../db/commit";
import { dashed, newUuid } from "../../../ids";
import type { ChannelEventCategory, RewardKind } from "../../../vocabulary";
import type { Channel } from "../channel";
import { amountOfMinorUnits, toMinorUnits } from "./money";
import type { Reward } from "./rewards";

export type StatusEvent = {
  category: "status";
  data: { status_id: string; status: string; old_status_id: string; old_status: string | null };
};
export type PurchaseEvent = {
  category: "purchase";
  data: { purchase_id: string; purchase_amount: number | null; name: string | null; date: string };
};

export const insertEvent = (
  db: UnitDb,
  channel: Channel,
  leadId: string,
  event: StatusEvent | PurchaseEvent,
  now: number,
): Statement<never> =>
  db.sql(
    "INSERT INTO channel_events (unit, lead_id, event_id, channel_id, category, data, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    leadId,
    dashed(newUuid(now)),
    channel.channel_id,
    event.category,
    JSON.stringify(event.data),
    now,
  );

export const insertRewards = (
  db: UnitDb,
  channel: Channel,
  of: { lead_id: string; purchase_id: string | null },
  rewards: readonly Reward[],
  now: number,
): Statement<never>[] =>
  jsonArrays(
    rewards.map(({ trigger_id, kind, minor_units }) =>
      JSON.stringify([dashed(newUuid(now)), trigger_id, kind, amountOfMinorUnits(minor_units, channel.currency), minor_units]),
    ),
  ).map((rows) =>
    db.sql(
      `INSERT INTO reward_events (unit, lead_id, reward_event_id, channel_id, trigger_id, kind, amount, minor_units, currency, purchase_id,
         created_at)
       SELECT ?1, ?3, value->>0, ?4, value->>1, value->>2, value->>3, value->>4, ?5, ?6, ?7 FROM json_each(?2)`,
      rows,
      of.lead_id,
      channel.channel_id,
      channel.currency,
      of.purchase_id,
      now,
    ),
  );

export type Purchase = {
  purchase_id: string;
  lead_id: string;
  name: string | null;
  description: string | null;
  amount: number | null;
  /** ms */
  date: number;
  created_at: number;
};

export const insertPurchase = (db: UnitDb, purchase: Purchase): Statement<never> =>
  db.sql(
    `INSERT INTO purchases (unit, lead_id, purchase_id, name, description, amount, date, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
    purchase.lead_id,
    purchase.purchase_id,
    purchase.name,
    purchase.description,
    purchase.amount,
    purchase.date,
    purchase.created_at,
  );

/** Of a lead, newest first. */
export const selectPurchases = (db: UnitDb, leadId: string, limit: number): Statement<Purchase> =>
  db.sql(
    `SELECT purchase_id, lead_id, name, description, amount, date, created_at FROM purchases
     WHERE unit = ?1 AND lead_id = ?2 ORDER BY purchase_id DESC LIMIT ?3`,
    leadId,
    limit,
  );

/** Rolls the batch back (CommitConflict on `commit_guards`) when the lead is gone. */
export const leadIsInChannel = (db: UnitDb, channelId: string, leadId: string): Statement<never> =>
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM channel_leads WHERE unit = ?1 AND lead_id = ?2 AND channel_id = ?3)"),
    leadId,
    channelId,
  );

export type EventRow = { event_id: string; lead_id: string; category: ChannelEventCategory; data: string; created_at: number };
export type RewardRow = {
  reward_event_id: string;
  lead_id: string;
  trigger_id: string;
  kind: RewardKind;
  amount: number;
  /** null: written by a release that did not know of minor units */
  minor_units: number | null;
  currency: string;
  purchase_id: string | null;
  /** the reward that this entry takes back */
  reverses: string | null;
  created_at: number;
};
/** An entry of the ledger of rewards. */
export type RewardEntry = Omit<RewardRow, "amount" | "minor_units"> & { minor_units: number };

export const readReward = ({ amount, minor_units, ...row }: RewardRow): RewardEntry => ({
  ...row,
  minor_units: minor_units ?? toMinorUnits(amount, row.currency),
});

const REWARD_COLUMNS = "reward_event_id, lead_id, trigger_id, kind, amount, minor_units, currency, purchase_id, reverses, created_at";

export const selectReward = (db: UnitDb, channelId: string, rewardId: string): Statement<RewardRow> =>
  db.sql(
    `SELECT ${REWARD_COLUMNS} FROM reward_events INDEXED BY reward_events_by_channel
     WHERE unit = ?1 AND channel_id = ?2 AND reward_event_id = ?3`,
    channelId,
    rewardId,
  );

/** The batch rolls back (CommitConflict on `reward_events`) when the reward has been reversed. */
export const insertReversal = (db: UnitDb, channelId: string, entry: RewardEntry): Statement<never> =>
  db.sql(
    `INSERT INTO reward_events (unit, lead_id, reward_event_id, channel_id, trigger_id, kind, amount, minor_units, currency, purchase_id,
       reverses, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)`,
    entry.lead_id,
    entry.reward_event_id,
    channelId,
    entry.trigger_id,
    entry.kind,
    amountOfMinorUnits(entry.minor_units, entry.currency),
    entry.minor_units,
    entry.currency,
    entry.purchase_id,
    entry.reverses,
    entry.created_at,
  );

/** Newest first, older than `before`. */
export const selectEvents = (db: UnitDb, channelId: string, limit: number, before: string | null): Statement<EventRow> =>
  db.sql(
    `SELECT event_id, lead_id, category, data, created_at FROM channel_events INDEXED BY channel_events_by_channel
     WHERE unit = ?1 AND channel_id = ?2 AND event_id < ?4 ORDER BY event_id DESC LIMIT ?3`,
    channelId,
    limit,
    before ?? AFTER_LAST_ID,
  );

export const selectRewards = (db: UnitDb, channelId: string, limit: number, before: string | null): Statement<RewardRow> =>
  db.sql(
    `SELECT ${REWARD_COLUMNS}
     FROM reward_events INDEXED BY reward_events_by_channel
     WHERE unit = ?1 AND channel_id = ?2 AND reward_event_id < ?4 ORDER BY reward_event_id DESC LIMIT ?3`,
    channelId,
    limit,
    before ?? AFTER_LAST_ID,
  );

/** Sorts after every id. */
const AFTER_LAST_ID = "g";
