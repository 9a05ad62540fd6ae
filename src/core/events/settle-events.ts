/** The last resort for accepted events: each is stored, or rejected and kept in the feed, or returned because the database is away. */
import type { Ctx } from "../../context";
import { isUnavailable } from "../../errors";
import { logError } from "../../log";
import { DAY_MS } from "../../time";
import type { QueuedEvent } from "./event";
import { processEvents } from "./process-events";
import { rejectEvents } from "./receipts";

/** An event that the database has refused for this long, while it took others, is rejected: from then on, people decide. */
const UNAVAILABLE_MS_MAX = 7 * DAY_MS;

const COULD_NOT_BE_PROCESSED = "The event could not be processed";

/** Returns the events that are neither stored nor rejected, to be tried again later. Begins no commit unless `hasRoom`. Never throws. */
export async function settleEvents(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  hasRoom: () => boolean = () => true,
): Promise<readonly QueuedEvent[]> {
  const database = { away: false };
  const settle = async (part: readonly QueuedEvent[]): Promise<readonly QueuedEvent[]> => {
    if (database.away || part.length === 0 || !hasRoom()) return part;
    const outcome = await process(ctx, part, hasRoom);
    if ("left" in outcome) return outcome.left;
    const [only] = part;
    if (part.length === 1 && only) return (await rejected(ctx, only, outcome, database)) ? [] : part;
    // chosen at random: the same event may be the reason for the failure every time
    const probe = part[Math.floor(Math.random() * part.length)];
    if (isUnavailable(outcome.error) && probe && "error" in (await process(ctx, [probe], hasRoom))) {
      database.away = true;
      return part;
    }
    const middle = part.length >> 1;
    return [...(await settle(part.slice(0, middle))), ...(await settle(part.slice(middle)))];
  };
  return settle(events);
}

async function process(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  hasRoom: () => boolean,
): Promise<{ left: readonly QueuedEvent[] } | { error: unknown }> {
  try {
    const { left } = await processEvents(ctx, events, { silent: false, waits: true }, hasRoom);
    return { left };
  } catch (error) {
    logError("events not processed", error, { unit: ctx.unit.unit, events: events.length });
    return { error };
  }
}

async function rejected(ctx: Ctx, event: QueuedEvent, { error }: { error: unknown }, database: { away: boolean }): Promise<boolean> {
  if (isUnavailable(error) && ctx.now() - event.received_at < UNAVAILABLE_MS_MAX) return false;
  try {
    await rejectEvents(ctx, [event], COULD_NOT_BE_PROCESSED);
    return true;
  } catch {
    database.away = true;
    return false;
  }
}
