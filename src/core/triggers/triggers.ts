/** Milestones, sequences, surges and triggers of segments: create, change, delete. */

import type { z } from "zod";
import type { Ctx, Statement } from "../../context";
import { CommitConflict, requireAsSeen, untilCommitted } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { type IdPrefix, newId } from "../../ids";
import { parseInput } from "../../validation";
import type { TriggerKind } from "../../vocabulary";
import { mayEdit, requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { deleteOwnedWebhooks, maskUrl, requireNotificationChannels } from "../notifications";
import { syncWatch } from "../segments";
import { type PlannedChannels, planOwnChannels } from "./own-channels";
import { NewCondition, NewTrigger, TRIGGER_CHANGES } from "./schemas";
import { requireWatchable } from "./segment-condition";
import {
  insertTrigger,
  readTrigger,
  removeTrigger,
  selectDeletedTrigger,
  selectTrigger,
  selectTriggers,
  triggerIsAsRead,
  unremoveTrigger,
  updateTrigger,
} from "./store";
import type { Condition, Destination, Trigger } from "./trigger";

export type TriggerInput = z.input<typeof NewTrigger>;
/** Of the trigger's own kind. */
export type TriggerChanges = z.input<(typeof TRIGGER_CHANGES)[TriggerKind]>;

/** `signing_secret` belongs to a webhook that this call created; it is never shown again. */
export type SavedTrigger = { trigger: Trigger; signing_secret: string | null };

const ID_PREFIX = { milestone: "trg", sequence: "seq", surge: "srg", segment: "sgt" } as const satisfies Record<TriggerKind, IdPrefix>;
const NO_DESTINATION: Trigger["destination"] = {
  channel_ids: [],
  webhook_url: null,
  emails: [],
  email_subject: null,
  email_preheader: null,
  email_message: null,
  webhook_channel_id: null,
  email_channel_id: null,
};

/** Oldest first; of every kind where it is left out. One D1 round trip. */
export async function listTriggers(ctx: Ctx, kind: TriggerKind | null = null): Promise<Trigger[]> {
  const rows = await ctx.db.all(selectTriggers(ctx.db, kind));
  return rows.map((row) => shown(ctx, readTrigger(row)));
}

/** One D1 round trip. Throws not_found. */
export async function requireTrigger(ctx: Ctx, kind: TriggerKind, triggerId: string): Promise<Trigger> {
  const [row] = await ctx.db.all(selectTrigger(ctx.db, kind, triggerId));
  if (!row) throw noSuchTrigger(kind, triggerId);
  return shown(ctx, readTrigger(row));
}

/** A viewer does not see a webhook's path and query: whoever has them can send to it. */
function shown(ctx: Ctx, trigger: Trigger): Trigger {
  const { webhook_url } = trigger.destination;
  if (webhook_url === null || mayEdit(ctx)) return trigger;
  return { ...trigger, destination: { ...trigger.destination, webhook_url: maskUrl(webhook_url) } };
}

const noSuchTrigger = (kind: TriggerKind, triggerId: string): AppError =>
  new AppError("not_found", `No ${kind} has the id ${triggerId.slice(0, 100)}`);

/**
 * Throws forbidden; invalid_request for input outside its limits, an unknown channel, a forbidden URL, or email addresses without a
 * configured provider; or a segment that is unknown or cannot be watched;
 * conflict when the org unit has no room for another trigger.
 */
export async function createTrigger(ctx: Ctx, given: TriggerInput, remember: Remember<SavedTrigger> = () => []): Promise<SavedTrigger> {
  requireRole(ctx, "editor");
  const input = parseInput(NewTrigger, given);
  await requireWatchable(ctx, input.condition);
  const now = ctx.now();
  const trigger_id = newId(ID_PREFIX[input.condition.kind], now);
  const { destination, statements, signing_secret } = await planDestination(
    ctx,
    { trigger_id, name: input.name, destination: NO_DESTINATION },
    input.destination,
  );
  const trigger: Trigger = { ...input, trigger_id, destination, active_since: now, created_at: now, updated_at: now };
  await insertIfRoom(ctx, "triggers", [
    insertTrigger(ctx.db, trigger),
    ...statements,
    ...watchesOf(ctx, trigger.condition),
    ...remember({ trigger, signing_secret }),
  ]);
  await nudgeWatches(ctx, trigger.condition);
  return { trigger, signing_secret };
}

/**
 * Changes the given fields; concurrent changes of other fields are kept. A trigger whose condition changes, or that is switched on, only
 * considers events received from then on. With `seen`, the `updated_at` of what the caller looked at, throws precondition_failed when it
 * has changed since. Throws forbidden, not_found, and invalid_request as `createTrigger` does.
 */
export async function changeTrigger(
  ctx: Ctx,
  kind: TriggerKind,
  triggerId: string,
  given: TriggerChanges,
  seen?: number,
  remember: Remember<SavedTrigger> = () => [],
): Promise<SavedTrigger> {
  requireRole(ctx, "editor");
  const changes = parseInput(TRIGGER_CHANGES[kind], given);
  return untilCommitted(async () => {
    const stored = await requireTrigger(ctx, kind, triggerId);
    requireAsSeen(stored, seen);
    const { destination, statements, signing_secret } = await planDestination(ctx, stored, {
      ...stored.destination,
      ...changes.destination,
    });
    const trigger = { ...changed(stored, changes, ctx.now()), destination };
    if (trigger.active) await requireWatchable(ctx, trigger.condition);
    await ctx.db.batch([
      triggerIsAsRead(ctx.db, stored),
      updateTrigger(ctx.db, trigger),
      ...statements,
      ...watchesOf(ctx, stored.condition, trigger.condition),
      ...remember({ trigger, signing_secret }),
    ]);
    await nudgeWatches(ctx, trigger.condition);
    return { trigger, signing_secret };
  });
}

function changed(stored: Trigger, changes: z.output<(typeof TRIGGER_CHANGES)[TriggerKind]>, now: number): Trigger {
  const condition =
    changes.condition === undefined ? stored.condition : parseInput(NewCondition, { ...stored.condition, ...changes.condition });
  const active = changes.active ?? stored.active;
  const restarts = (active && !stored.active) || JSON.stringify(condition) !== JSON.stringify(stored.condition);
  return {
    ...stored,
    name: changes.name ?? stored.name,
    active,
    active_since: restarts ? now : stored.active_since,
    condition,
    updated_at: Math.max(now, stored.updated_at + 1),
  };
}

/** Its firings stay; its pending deliveries are discarded together with its own channels. Throws forbidden, not_found. */
export async function deleteTrigger(ctx: Ctx, kind: TriggerKind, triggerId: string): Promise<void> {
  requireRole(ctx, "editor");
  const { condition } = await requireTrigger(ctx, kind, triggerId);
  const [removed] = await ctx.db.batch([
    removeTrigger(ctx.db, triggerId, ctx.now()),
    deleteOwnedWebhooks(ctx.db, triggerId),
    ...watchesOf(ctx, condition),
  ]);
  if (removed.length === 0) throw noSuchTrigger(kind, triggerId);
  await nudgeWatches(ctx, condition);
}

/**
 * Restores a deleted trigger, paused or active: it considers events received from then on, and its earlier firings still count. A webhook
 * of its own gets a new signing secret. Throws forbidden, not_found for a trigger that is not deleted, invalid_request for a segment that
 * no longer exists, and conflict over the quota.
 */
export async function restoreTrigger(
  ctx: Ctx,
  kind: TriggerKind,
  triggerId: string,
  active: boolean,
  remember: Remember<SavedTrigger> = () => [],
): Promise<SavedTrigger> {
  requireRole(ctx, "editor");
  const [row] = await ctx.db.all(selectDeletedTrigger(ctx.db, kind, triggerId));
  if (!row) throw noSuchTrigger(kind, triggerId);
  const deleted = readTrigger(row);
  if (active) await requireWatchable(ctx, deleted.condition);
  const now = ctx.now();
  const owner = { trigger_id: triggerId, name: deleted.name, destination: NO_DESTINATION };
  const { destination, statements, signing_secret } = planOwnChannels(ctx, owner, deleted.destination);
  const trigger = { ...deleted, active, active_since: now, destination, updated_at: Math.max(now, deleted.updated_at + 1) };
  try {
    await insertIfRoom(ctx, "triggers", [
      ...unremoveTrigger(ctx.db, triggerId),
      updateTrigger(ctx.db, trigger),
      ...statements,
      ...watchesOf(ctx, trigger.condition),
      ...remember({ trigger, signing_secret }),
    ]);
  } catch (error) {
    throw error instanceof CommitConflict ? noSuchTrigger(kind, triggerId) : error;
  }
  await nudgeWatches(ctx, trigger.condition);
  return { trigger, signing_secret };
}

/** The segments of these conditions are watched as their triggers need it. */
function watchesOf(ctx: Ctx, ...conditions: readonly Condition[]): Statement<never>[] {
  const segments = new Set(conditions.flatMap((condition) => (condition.kind === "segment" ? condition.segment_id : [])));
  return [...segments].flatMap((segmentId) => syncWatch(ctx.db, segmentId, ctx.now()));
}

const nudgeWatches = async (ctx: Ctx, { kind }: Condition): Promise<void> => {
  if (kind === "segment") await ctx.outbox.changes({ unit: ctx.unit.unit, waits: true });
};

async function planDestination(
  ctx: Ctx,
  stored: Pick<Trigger, "trigger_id" | "name" | "destination">,
  wanted: Destination,
): Promise<PlannedChannels> {
  // a channel that was deleted since must not block a change of another field
  await requireNotificationChannels(
    ctx,
    wanted.channel_ids.filter((id) => !stored.destination.channel_ids.includes(id)),
  );
  return planOwnChannels(ctx, stored, wanted);
}
