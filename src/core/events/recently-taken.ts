/**
 * Events with ids chosen by callers that this isolate has just queued: no table has them yet, and a receipt may be requested at once.
 * Lossy, like everything an isolate keeps. Minted ids need no memory.
 */

import type { Ctx } from "../../context";
import { TtlCache } from "../../ttl-cache";
import { looksMinted } from "./event";

const taken = new TtlCache<true>();

export function remember(ctx: Ctx, eventId: string): void {
  if (!looksMinted(eventId)) taken.set(keyOf(ctx, eventId), true, ctx.now());
}

export const wasJustTaken = (ctx: Ctx, eventId: string): boolean => taken.get(keyOf(ctx, eventId), ctx.now()) === true;

const keyOf = ({ unit }: Ctx, eventId: string): string => `${unit.unit}/${eventId}`;
