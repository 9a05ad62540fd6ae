/**
 * Puts spilled events on their timelines once the database is back. An object is removed after the commit that stored its events; a crash
 * in between replays it, and its events count once by their ids.
 */
import type { Ctx } from "../../context";
import type { QueuedEvent } from "./event";
import { type Clock, clockOf, Pace } from "./pace";
import { settleEvents } from "./settle-events";
import { listSpilled, readSpilled, type SpilledObject, spillEvents } from "./spill";

const EVENTS_PER_READ = 500;
/** What is read into memory at once, unless a single object is larger. */
const BYTES_PER_READ_MAX = 4_000_000;
const OBJECTS_PER_READ_MAX = 100;

export type Replayed = { settled: number; left: number };

/**
 * Replays the unit's oldest objects, together about 500 events or a single object, in commits of the size that `pace` allows. Begins a commit only
 * while `hasRoom`. Null when no object is left.
 */
export async function replaySpilled(
  ctx: Ctx,
  hasRoom: () => boolean = () => true,
  pace = new Pace(),
  clock: Clock = clockOf(ctx.db),
): Promise<Replayed | null> {
  const objects = fitting(await listSpilled(ctx.files, ctx.unit.unit, OBJECTS_PER_READ_MAX));
  if (objects.length === 0) return null;
  const events: QueuedEvent[] = [];
  const read: SpilledObject[] = [];
  for (const object of objects) {
    if (events.length >= EVENTS_PER_READ) break;
    events.push(...(await readSpilled(ctx.files, object)));
    read.push(object);
  }
  const left = await settlePaced(ctx, events, hasRoom, pace, clock);
  const replayed = { settled: events.length - left.length, left: left.length };
  if (left.length > 0 && replayed.settled === 0) return replayed;
  await spillEvents(ctx.files, ctx.unit.unit, left);
  await ctx.files.delete(read.map(({ key }) => key));
  return replayed;
}

async function settlePaced(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  hasRoom: () => boolean,
  pace: Pace,
  clock: Clock,
): Promise<QueuedEvent[]> {
  const left: QueuedEvent[] = [];
  for (let at = 0; at < events.length; ) {
    const part = events.slice(at, at + pace.events);
    at += part.length;
    const unsettled = await pace.commit(clock, part.length, () => settleEvents(ctx, part, hasRoom));
    left.push(...unsettled);
    // the database is unreachable, or there are no statements left: the next part would fare no better
    if (unsettled.length === part.length) return [...left, ...events.slice(at)];
  }
  return left;
}

function fitting(objects: readonly SpilledObject[]): SpilledObject[] {
  let bytes = 0;
  return objects.filter((object, at) => {
    bytes += object.bytes;
    return at === 0 || bytes <= BYTES_PER_READ_MAX;
  });
}
