/** What has fired for one lead, and what was sent because of it. */
import type { Ctx } from "../../context";
import { absence, namedLead, selectLeadExists, selectMergedIds } from "../leads";
import { type DeliveryRow, deliveryId, listDeliveriesById, listNotificationChannels } from "../notifications";
import { channelsOf, firingId } from "./firings";
import type { ShownFiring } from "./list-firings";
import { selectFiringsOfLead } from "./store";
import type { Trigger } from "./trigger";

const FIRINGS_MAX = 50;
const MERGED_LEADS_MAX = 100;
const DELIVERY_IDS_MAX = 5_000;

export type FiringsOfLead = {
  /** the newest 50, newest first */
  firings: ShownFiring[];
  /** whether older ones are left out */
  more: boolean;
  /** of these firings to the channels that their triggers have now, newest first */
  deliveries: (DeliveryRow & { channel_name: string | null })[];
  /** whether deliveries may be missing: the lead has more merged leads, or its triggers more channels, than are searched */
  truncated: boolean;
};

/**
 * The newest firings of a lead with their deliveries, which are kept for 30 days. A delivery's id derives from its firing, so no index keeps
 * which deliveries are about a lead: at most 5,000 ids are derived. Three D1 round trips, two without firings. Throws not_found, LeadMerged.
 */
export async function firingsOfLead(ctx: Ctx, leadId: string): Promise<FiringsOfLead> {
  const id = namedLead(leadId);
  const [[found], rows, merged] = await ctx.db.batch([
    selectLeadExists(ctx.db, id),
    selectFiringsOfLead(ctx.db, id, FIRINGS_MAX + 1),
    selectMergedIds(ctx.db, id, MERGED_LEADS_MAX + 1),
  ]);
  if (!found) throw await absence(ctx, id);
  const shown = rows.slice(0, FIRINGS_MAX);
  const channels = await listNotificationChannels(ctx);
  const names = new Map(channels.map(({ channel_id, name }) => [channel_id, name]));
  // a firing that came with a merged lead was notified under that lead's id
  const leadIds = [id, ...merged.slice(0, MERGED_LEADS_MAX).map(({ lead_id }) => lead_id)];
  const ids = deliveryIdsOf(shown, leadIds, DELIVERY_IDS_MAX + 1);
  const deliveries = await listDeliveriesById(ctx, ids.slice(0, DELIVERY_IDS_MAX));
  return {
    firings: shown.map(({ n, destination, ...row }) => ({ ...row, firing_id: firingId(row.trigger_id, row.lead_id, n) })),
    more: rows.length > FIRINGS_MAX,
    deliveries: deliveries.map((delivery) => ({ ...delivery, channel_name: names.get(delivery.channel_id) ?? null })),
    truncated: merged.length > MERGED_LEADS_MAX || ids.length > DELIVERY_IDS_MAX,
  };
}

/** At most `max` of the ids that deliveries of these firings may have, those under the first lead's id first. */
function deliveryIdsOf(
  firings: readonly { trigger_id: string; n: number; destination: string | null }[],
  leadIds: readonly string[],
  max: number,
): string[] {
  const sent = firings.flatMap(({ trigger_id, n, destination }) => {
    const channels = destination === null ? [] : channelsOf(JSON.parse(destination) as Trigger["destination"]);
    return [...channels].map((channel) => ({ trigger_id, n, channel }));
  });
  const ids: string[] = [];
  for (const lead_id of leadIds)
    for (const { trigger_id, n, channel } of sent) {
      if (ids.length === max) return ids;
      ids.push(deliveryId(trigger_id, lead_id, String(n), channel));
    }
  return ids;
}
