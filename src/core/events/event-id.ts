/** Ids that we give to events which came without one. Each ends with a tag of its unit, so that a receipt can say "queued" before any table has the event. */
import type { Ctx } from "../../context";
import { hmacSha256Hex, sameSecret, sha256Hex } from "../../hash";
import { newUuid } from "../../ids";
import type { EventInput, IdentifiedEvent } from "./event";

type Minting = Pick<Ctx, "tagKeys"> & { unit: { workspace_id: string } };

const MINTED = /^evt_([0-9a-f]{32})([0-9a-f]{8})$/;
const TAG_CHARS = 8;
/** Until then ids were minted with a tag that had no key. Nothing asks for one four days later: remove `unkeyedTag` then. */
const UNKEYED_UNTIL = Date.parse("2026-12-01T00:00:00Z");

/** The event under an id: its own, its key, or a new one of ours. */
export const identified = (ctx: Minting, input: EventInput, now: number): IdentifiedEvent =>
  input.event_id === undefined && input.idempotency_key === undefined
    ? { ...input, event_id: newEventId(ctx, now) }
    : (input as IdentifiedEvent);

export function newEventId({ tagKeys: [{ key }], unit }: Minting, now: number): string {
  const uuid = newUuid(now);
  return `evt_${uuid}${tagOf(key, uuid, unit.workspace_id)}`;
}

/** Whether an id has the form of minted ones, for whichever unit. */
export const looksMinted = (eventId: string): boolean => MINTED.test(eventId);

/** When an id was minted for this unit, in ms; null for any other id. Every signing key in use verifies. */
export function mintedAt({ tagKeys, unit }: Minting, eventId: string): number | null {
  const [, uuid, tag] = MINTED.exec(eventId) ?? [];
  if (!uuid || !tag) return null;
  const at = Number.parseInt(uuid.slice(0, 12), 16);
  const isOurs = tagKeys.some(({ key }) => sameSecret(tagOf(key, uuid, unit.workspace_id), tag));
  return isOurs || (at < UNKEYED_UNTIL && tag === unkeyedTag(uuid, unit.workspace_id)) ? at : null;
}

const tagOf = (key: string, uuid: string, workspaceId: string): string =>
  hmacSha256Hex(key, `event id ${uuid}:${workspaceId}`).slice(0, TAG_CHARS);

const unkeyedTag = (uuid: string, workspaceId: string): string => sha256Hex(`${uuid}:${workspaceId}`).slice(0, TAG_CHARS);
