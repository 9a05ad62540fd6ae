/** Notification channels: where deliveries go. */

import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import type { NotificationType } from "../../vocabulary";
import {
  type ChannelChange,
  type ChannelRow,
  deleteChannel,
  discardPending,
  insertChannel,
  rotateSecret,
  selectChannel,
  selectChannels,
  selectMissingChannels,
  updateChannel,
} from "./channel-store";
import { type Config, maskConfig, readConfig, unmaskConfig } from "./config";
import { newSigningSecret } from "./sign";

/** As it may be shown: no secret, and an authorization header masked. */
export type NotificationChannel = {
  channel_id: string;
  name: string;
  type: NotificationType;
  config: Config;
  active: boolean;
  disabled_reason: string | null;
  created_at: number;
  updated_at: number;
};
/** `signing_secret` is shown this once; null for a channel that does not sign. */
export type NotificationChannelWithSecret = { channel: NotificationChannel; signing_secret: string | null };

export async function listNotificationChannels(ctx: Ctx): Promise<NotificationChannel[]> {
  return (await ctx.db.all<ChannelRow>(selectChannels(ctx.db))).map(shown);
}

/** Throws not_found. */
export async function requireNotificationChannel(ctx: Ctx, channelId: string): Promise<NotificationChannel> {
  return shown(await requireRow(ctx, channelId));
}

/** Throws invalid_request with each wrong field of the config. */
export async function createNotificationChannel(
  ctx: Ctx,
  input: { name: string; type: NotificationType; config: unknown },
): Promise<NotificationChannelWithSecret> {
  const now = ctx.now();
  const config = readConfig(input.type, input.config, ctx.settings);
  const secret = input.type === "webhook" ? newSigningSecret() : null;
  const channel_id = newId("nch", now);
  const row = { channel_id, name: input.name, type: input.type, config: JSON.stringify(config), secret, owner: null };
  const [, rows] = await ctx.db.batch([insertChannel(ctx.db, row, now), selectChannel(ctx.db, channel_id)]);
  return { channel: shown(rows?.[0] as ChannelRow), signing_secret: secret };
}

/**
 * Changes what is given; `active: false` also discards what is pending. A channel that a trigger or partner channel owns can only be
 * switched off and on. Throws not_found, invalid_request, conflict.
 */
export async function changeNotificationChannel(
  ctx: Ctx,
  channelId: string,
  input: { name?: string | undefined; config?: unknown; active?: boolean | undefined },
): Promise<NotificationChannel> {
  const row = await requireRow(ctx, channelId);
  if (row.owner !== null && (input.name !== undefined || input.config !== undefined)) throw owned(row.owner);
  const change: ChannelChange = {
    name: input.name ?? null,
    config: input.config === undefined ? null : JSON.stringify(changedConfig(ctx, row, input.config)),
    seenConfig: row.config,
    active: input.active ?? null,
  };
  const now = ctx.now();
  const discard = input.active === false ? [discardPending(ctx.db, channelId, now)] : [];
  const [updated] = await ctx.db.batch([updateChannel(ctx.db, channelId, change, now), ...discard]);
  const after = updated?.[0] as ChannelRow | undefined;
  if (!after) throw new AppError("conflict", "The channel was changed by somebody else at the same time; read it and try again");
  return shown(after);
}

const changedConfig = (ctx: Ctx, row: ChannelRow, sent: unknown): Config =>
  unmaskConfig(readConfig(row.type, sent, ctx.settings), JSON.parse(row.config) as Config);

/** Removes a channel and discards what it has pending. Throws not_found, and conflict for one with an owner. */
export async function deleteNotificationChannel(ctx: Ctx, channelId: string): Promise<void> {
  const row = await requireRow(ctx, channelId);
  if (row.owner !== null) throw owned(row.owner);
  const [removed] = await ctx.db.batch([deleteChannel(ctx.db, channelId), discardPending(ctx.db, channelId, ctx.now())]);
  if (!removed?.[0]) throw notFound();
}

/** A new secret; the one before signs beside it for 24 hours. Throws not_found, and conflict for a channel that does not sign. */
export async function rotateSigningSecret(
  ctx: Ctx,
  channelId: string,
): Promise<NotificationChannelWithSecret & { previous_until: number }> {
  const signing_secret = newSigningSecret();
  const [rotated, found] = await ctx.db.batch([
    rotateSecret(ctx.db, channelId, signing_secret, ctx.now()),
    selectChannel(ctx.db, channelId),
  ]);
  const row = rotated?.[0] as ChannelRow | undefined;
  if (!found?.[0]) throw notFound();
  if (!row) throw new AppError("conflict", "Only webhook channels are signed: this one has no secret");
  return { channel: shown(row), signing_secret, previous_until: row.previous_until ?? 0 };
}

/** Throws invalid_request at `path`, naming the ids that are no channel which a user of this org unit made. */
export async function requireNotificationChannels(ctx: Ctx, ids: readonly string[], path = "channel_ids"): Promise<void> {
  if (ids.length === 0) return;
  const missing = await ctx.db.all<{ channel_id: string }>(selectMissingChannels(ctx.db, JSON.stringify(ids)));
  if (missing.length === 0) return;
  const message = `unknown notification channels: ${missing.map(({ channel_id }) => channel_id.slice(0, 100)).join(", ")}`;
  throw new AppError("invalid_request", `${path}: ${message}`, [{ path, message }]);
}

async function requireRow(ctx: Ctx, channelId: string): Promise<ChannelRow> {
  const [row] = await ctx.db.all<ChannelRow>(selectChannel(ctx.db, channelId));
  if (!row) throw notFound();
  return row;
}

const notFound = (): AppError => new AppError("not_found", "Notification channel not found");
const owned = (owner: string): AppError => new AppError("conflict", `The channel belongs to ${owner}: change it there`);

const shown = (row: ChannelRow): NotificationChannel => ({
  channel_id: row.channel_id,
  name: row.name,
  type: row.type,
  config: maskConfig(JSON.parse(row.config) as Config),
  active: row.disabled_at === null,
  disabled_reason: row.disabled_reason,
  created_at: row.created_at,
  updated_at: row.updated_at,
});
