/** The deliveries that notify of what has fired. */

import { sha256Hex } from "../../hash";
import { publicLeadId } from "../leads";
import { deliveryId, type NewDelivery } from "../notifications";
import type { PlannedFirings } from "./plan-firings";
import type { Condition, Trigger } from "./trigger";

export const channelsOf = ({ channel_ids, webhook_channel_id, email_channel_id }: Trigger["destination"]): Set<string> =>
  new Set([...channel_ids, webhook_channel_id, email_channel_id].filter((id) => id !== null));

/** How many `deliveriesOf` returns. */
export const countDeliveries = ({ news }: { news: readonly { trigger: Trigger }[] }): number =>
  news.reduce((sum, { trigger }) => sum + channelsOf(trigger.destination).size, 0);

/** One delivery per channel of each new firing. Its id derives from the firing's number, so no number is notified twice. */
export function deliveriesOf({ lead_id, news }: Pick<PlannedFirings, "lead_id" | "news">): NewDelivery[] {
  return news.flatMap(({ trigger, n, at, score, event_id, event_type }) => {
    const data = {
      firing_id: firingId(trigger.trigger_id, lead_id, n),
      trigger_id: trigger.trigger_id,
      trigger_name: trigger.name,
      kind: trigger.condition.kind,
      lead_id: publicLeadId(lead_id),
      score: Math.round(score * 100) / 100,
      event_id,
      event_type,
      fired_at: new Date(at).toISOString(),
      ...(trigger.condition.kind === "segment" ? { segment_id: trigger.condition.segment_id } : {}),
    };
    return [...channelsOf(trigger.destination)].map((channel_id) => ({
      delivery_id: deliveryId(trigger.trigger_id, lead_id, String(n), channel_id),
      channel_id,
      event_type: notificationType(trigger.condition),
      data,
      occurred_at: at,
    }));
  });
}

/** `milestone.fired`, `segment.entered` … */
const notificationType = (condition: Condition): string =>
  condition.kind === "segment" ? `segment.${condition.on}` : `${condition.kind}.fired`;

export const firingId = (triggerId: string, leadId: string, n: number): string =>
  `fir_${sha256Hex(`${triggerId}:${leadId}:${n}`).slice(0, 32)}`;
