/**
 * Notifies channels of changes of leads. Each has a position in the change log, which moves in the batch that stores the deliveries, and a
 * change always gives the same delivery id: so each change is notified once, even when runs overlap or die.
 */
import type { Ctx, Statement } from "../../context";
import type { LeadEvent } from "../../vocabulary";
import { type FollowedChange, followChanges } from "../changes";
import { publicLeadId } from "../leads";
import { insertDeliveries, type NewDelivery } from "./delivery-store";
import { type FeedRow, moveFeed, selectFeeds } from "./feed-store";
import { deliveryId } from "./sign";
import { eventsOf } from "./subscriptions";

const SLICE_CHANGES = 200;
/** Pending deliveries of one channel. When its receiver is slow or down, further changes wait in the log. */
const PENDING_MAX = 1_000;
/** When a channel with that many is looked at again, if this run notified any; the sweep looks at channels that are stuck. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Returns when to continue, in ms; null: not before something changes. Two D1 round trips for 200 changes of a channel, one when there is
 * nothing to do. Begins no slice unless `goesOn`.
 */
export async function notifyOfChanges(ctx: Ctx, goesOn: () => boolean): Promise<number | null> {
  let moved = false;
  while (goesOn()) {
    const feeds = await ctx.db.all(selectFeeds(ctx.db, PENDING_MAX));
    const ready = feeds.filter(({ pending }) => pending < PENDING_MAX);
    if (ready.length === 0) return feeds.length > 0 && moved ? ctx.now() + LOOK_AGAIN_MS : null;
    for (const feed of ready) {
      if (!goesOn()) break;
      await notifySlice(ctx, feed);
      moved = true;
    }
  }
  return ctx.now();
}

async function notifySlice(ctx: Ctx, feed: FeedRow): Promise<void> {
  const { changes, next } = await followChanges(ctx.db, feed, SLICE_CHANGES);
  const events = eventsOf(feed.events);
  const deliveries = changes.flatMap((change) => {
    const event: LeadEvent = `lead.${change.type}`;
    return events.includes(event) ? [deliveryOf(feed.channel_id, event, change)] : [];
  });
  await ctx.db.batch<readonly Statement[]>([...insertDeliveries(ctx.db, deliveries, ctx.now()), moveFeed(ctx.db, feed.channel_id, next)]);
  if (deliveries.length > 0) await ctx.outbox.deliveries(deliveries.map(({ delivery_id }) => ({ unit: ctx.unit.unit, delivery_id })));
}

const deliveryOf = (
  channel_id: string,
  event_type: LeadEvent,
  { id, type, lead_id, keys, source, at, commit }: FollowedChange,
): NewDelivery => ({
  delivery_id: deliveryId(channel_id, event_type, id),
  channel_id,
  event_type,
  data: { id, type, lead_id: publicLeadId(lead_id), keys, source, at: new Date(at).toISOString() },
  occurred_at: at,
  sequence: { key: lead_id, no: commit },
});
