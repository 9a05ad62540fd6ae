/** Notification channels: where deliveries are sent. */

import type { z } from "zod";
import type { Ctx } from "../../context";
import { untilCommitted } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { invalidRequest, parseInput } from "../../validation";
import { isOneOf, LEAD_EVENTS, type NotificationEvent, type NotificationType } from "../../vocabulary";
import { mayEdit, requireRole } from "../auth";
import type { Remember } from "../idempotency";
import {
  deleteNotificationChannelRow,
  discardPending,
  dropPreviousSecret,
  insertNotificationChannel,
  type NotificationChannelRow,
  rotateSecret,
  selectMissingChannels,
  selectNotificationChannel,
  selectNotificationChannels,
  updateNotificationChannel,
} from "./channel-store";
import { type Config, maskConfig, maskConfigForViewer, readConfig, unmaskConfig } from "./config";
import { syncFeed } from "./feed-store";
import { ROTATION_SECONDS } from "./limits";
import { NewNotificationChannel, NotificationChannelChange } from "./schemas";
import { newSigningSecret } from "./sign";
import { eventsOf } from "./subscriptions";

/** As the caller may see it: without its secret, its authorization header masked, and for a viewer its URL, too. */
export type NotificationChannel = {
  channel_id: string;
  name: string;
  type: NotificationType;
  config: Config;
  /** the events that it subscribes to */
  events: NotificationEvent[];
  active: boolean;
  disabled_reason: string | null;
  /** the former secret signs, too, until then; null: the newest alone */
  previous_secret_until: number | null;
  created_at: number;
  updated_at: number;
};
/** `signing_secret` is shown this once; null for a channel that does not sign. */
export type NotificationChannelWithSecret = { channel: NotificationChannel; signing_secret: string | null };

export type RotatedSecret = { channel: NotificationChannel; signing_secret: string; previous_until: number };

/** Those that users created, oldest first. One round trip. */
export async function listNotificationChannels(ctx: Ctx): Promise<NotificationChannel[]> {
  return (await ctx.db.all(selectNotificationChannels(ctx.db))).map((row) => shown(ctx, row));
}

/** One round trip. Throws not_found. */
export async function requireNotificationChannel(ctx: Ctx, channelId: string): Promise<NotificationChannel> {
  return shown(ctx, await requireRow(ctx, channelId));
}

/** Needs the role editor. One round trip. Throws forbidden, invalid_request with a problem for each invalid field, conflict for lack of room. */
export async function createNotificationChannel(
  ctx: Ctx,
  given: z.input<typeof NewNotificationChannel>,
  remember: Remember<NotificationChannelWithSecret> = () => [],
): Promise<NotificationChannelWithSecret> {
  requireRole(ctx, "editor");
  const { name, type, config, events } = parseInput(NewNotificationChannel, given);
  const now = ctx.now();
  const stored = JSON.stringify(readConfig(type, config, ctx.settings));
  const secret = type === "webhook" ? newSigningSecret() : null;
  const row = { channel_id: newId("nch", now), name, type, config: stored, events: JSON.stringify(events), secret, owner: null };
  const channel = shown(ctx, { ...row, disabled_at: null, disabled_reason: null, previous_until: null, created_at: now, updated_at: now });
  const created = { channel, signing_secret: secret };
  const [begin] = syncFeed(ctx.db, row.channel_id);
  const feed = events.some((event) => isOneOf(LEAD_EVENTS, event)) ? [begin] : [];
  await insertIfRoom(ctx, "channels", [insertNotificationChannel(ctx.db, row, now), ...feed, ...remember(created)]);
  return created;
}

/**
 * Changes what is given; `active: false` also discards what is pending. A channel that a trigger or partner channel owns can only be
 * switched off and on. Needs the role editor. Two round trips. Throws forbidden, not_found, invalid_request, conflict.
 */
export async function changeNotificationChannel(
  ctx: Ctx,
  channelId: string,
  given: z.input<typeof NotificationChannelChange>,
): Promise<NotificationChannel> {
  requireRole(ctx, "editor");
  const { name, config, active, events } = parseInput(NotificationChannelChange, given);
  const row = await requireRow(ctx, channelId);
  if (row.owner !== null && (name !== undefined || config !== undefined || events !== undefined)) throw owned(row.owner);
  const change = {
    name: name ?? null,
    config: config === undefined ? null : JSON.stringify(changedConfig(ctx, row, config)),
    seenConfig: row.config,
    active: active ?? null,
    events: events === undefined ? null : JSON.stringify(events),
  };
  const now = ctx.now();
  const discard = active === false ? [discardPending(ctx.db, channelId, now)] : [];
  const feed = events === undefined ? [] : syncFeed(ctx.db, channelId);
  const [[updated]] = await ctx.db.batch([updateNotificationChannel(ctx.db, channelId, change, now), ...feed, ...discard]);
  if (!updated) throw new AppError("conflict", "The channel was changed by somebody else at the same time; read it and try again");
  return shown(ctx, updated);
}

const changedConfig = (ctx: Ctx, row: NotificationChannelRow, sent: unknown): Config =>
  unmaskConfig(readConfig(row.type, sent, ctx.settings), storedConfig(row));

/**
 * Removes a channel and discards what it has pending. Needs the role editor. Two round trips. Throws forbidden, not_found, and conflict for
 * a channel with an owner.
 */
export async function deleteNotificationChannel(ctx: Ctx, channelId: string): Promise<void> {
  requireRole(ctx, "editor");
  const row = await requireRow(ctx, channelId);
  if (row.owner !== null) throw owned(row.owner);
  const [[removed]] = await ctx.db.batch([
    deleteNotificationChannelRow(ctx.db, channelId),
    ...syncFeed(ctx.db, channelId),
    discardPending(ctx.db, channelId, ctx.now()),
  ]);
  if (!removed) throw noSuchNotificationChannel();
}

/**
 * Gives a channel a new secret; the old one also signs for 24 hours. Needs the role editor. Two round trips. Throws forbidden, not_found, and
 * conflict for a channel that does not sign.
 */
export async function rotateSigningSecret(
  ctx: Ctx,
  channelId: string,
  remember: Remember<RotatedSecret> = () => [],
): Promise<RotatedSecret> {
  requireRole(ctx, "editor");
  return untilCommitted(async () => {
    const row = await requireRow(ctx, channelId);
    if (row.secret === null) throw new AppError("conflict", "Only webhook channels are signed: this one has no secret");
    const now = ctx.now();
    const signing_secret = newSigningSecret();
    const previous_until = now + ROTATION_SECONDS * 1000;
    const rotated = { channel: shown(ctx, { ...row, previous_until, updated_at: now }), signing_secret, previous_until };
    const [guard, update] = rotateSecret(ctx.db, { channelId, from: row.secret, to: signing_secret, previous_until }, now);
    await ctx.db.batch([guard, update, ...remember(rotated)]);
    return rotated;
  });
}

/** Ends the former secret at once: the newest alone signs. Needs the role editor. One round trip. Throws forbidden, not_found. */
export async function revokePreviousSecret(ctx: Ctx, channelId: string): Promise<NotificationChannel> {
  requireRole(ctx, "editor");
  const [[row]] = await ctx.db.batch([dropPreviousSecret(ctx.db, channelId, ctx.now())]);
  if (!row) throw noSuchNotificationChannel();
  return shown(ctx, row);
}

/** Throws invalid_request at `path`, naming the ids that are not a channel created by a user of this org unit. */
export async function requireNotificationChannels(ctx: Ctx, ids: readonly string[], path = "channel_ids"): Promise<void> {
  if (ids.length === 0) return;
  const missing = await ctx.db.all(selectMissingChannels(ctx.db, JSON.stringify(ids)));
  if (missing.length === 0) return;
  const names = missing.map(({ channel_id }) => channel_id.slice(0, 100)).join(", ");
  throw invalidRequest([{ path, message: `unknown notification channels: ${names}` }]);
}

async function requireRow(ctx: Ctx, channelId: string): Promise<NotificationChannelRow> {
  const [row] = await ctx.db.all(selectNotificationChannel(ctx.db, channelId));
  if (!row) throw noSuchNotificationChannel();
  return row;
}

const noSuchNotificationChannel = (): AppError => new AppError("not_found", "Notification channel not found");
const owned = (owner: string): AppError => new AppError("conflict", `The channel belongs to ${owner}: change it there`);

const storedConfig = ({ config }: Pick<NotificationChannelRow, "config">): Config => JSON.parse(config) as Config;

type ShownColumns =
  | "channel_id"
  | "name"
  | "type"
  | "config"
  | "events"
  | "disabled_at"
  | "disabled_reason"
  | "previous_until"
  | "created_at"
  | "updated_at";

const shown = (ctx: Ctx, row: Pick<NotificationChannelRow, ShownColumns>): NotificationChannel => ({
  channel_id: row.channel_id,
  name: row.name,
  type: row.type,
  config: mayEdit(ctx) ? maskConfig(storedConfig(row)) : maskConfigForViewer(storedConfig(row)),
  events: eventsOf(row.events),
  active: row.disabled_at === null,
  disabled_reason: row.disabled_reason,
  previous_secret_until: (row.previous_until ?? 0) > ctx.now() ? row.previous_until : null,
  created_at: row.created_at,
  updated_at: row.updated_at,
});
