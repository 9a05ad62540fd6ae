/**
 * Events with ids chosen by callers that this isolate has just queued: no table has them yet, and their receipt may be requested at once.
 * Lost when the isolate ends. Minted ids are recognised by their tag instead.
 */

import type { Ctx } from "../../context";
import { TtlCache } from "../../ttl-cache";
import { looksMinted } from "./event-id";

const taken = new TtlCache<true>();

export function remember(ctx: Ctx, eventId: string): void {
  if (!looksMinted(eventId)) taken.set(keyOf(ctx, eventId), true, ctx.now());
}

export const wasJustTaken = (ctx: Ctx, eventId: string): boolean => taken.get(keyOf(ctx, eventId), ctx.now()) === true;

const keyOf = ({ unit }: Ctx, eventId: string): string => `${unit.unit}/${eventId}`;
