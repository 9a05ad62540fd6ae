/**
 * Events under ids of the callers' own that this isolate has just handed to the queue: no table knows them yet, and a receipt may be asked
 * for at once. Lossy, like everything an isolate keeps; ids of ours need no memory.
 */
import type { Ctx } from "../../context";
import { TtlCache } from "../auth";
import { looksMinted } from "./event";

const taken = new TtlCache<true>();

export function remember(ctx: Ctx, eventId: string): void {
  if (!looksMinted(eventId)) taken.set(keyOf(ctx, eventId), true, ctx.now());
}

export const wasJustTaken = (ctx: Ctx, eventId: string): boolean => taken.get(keyOf(ctx, eventId), ctx.now()) === true;

const keyOf = ({ unit }: Ctx, eventId: string): string => `${unit.unit}/${eventId}`;
