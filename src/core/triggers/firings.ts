/** What has fired, and the deliveries that notify of it. */

import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { sha256Hex } from "../../hash";
import type { TriggerKind } from "../../vocabulary";
import { publicLeadId } from "../leads";
import { deliveryId, type NewDelivery } from "../notifications";
import type { PlannedFirings } from "./plan-firings";
import { countFirings, selectFiringPage } from "./store";
import type { Condition, Trigger } from "./trigger";

export type ShownFiring = {
  firing_id: string;
  kind: TriggerKind;
  trigger_id: string;
  trigger_name: string;
  lead_id: string;
  score: number;
  event_id: string;
  event_type: string;
  fired_at: number;
};

/** Newest first. One D1 round trip. */
export async function listFirings(
  ctx: Ctx,
  filter: { trigger_id?: string | undefined; kind?: TriggerKind | undefined },
  page: number,
  limit: number,
): Promise<{ firings: ShownFiring[]; total: number }> {
  const [trigger, kind] = [filter.trigger_id ?? null, filter.kind ?? null];
  const rows = await queryGroups(ctx.db, {
    firings: [selectFiringPage(ctx.db, trigger, kind, limit, (page - 1) * limit)],
    count: [countFirings(ctx.db, trigger, kind)],
  });
  const firings = rows.firings.map(({ n, ...row }) => ({
    ...row,
    firing_id: firingId(row.trigger_id, row.lead_id, n),
  }));
  return { firings, total: rows.count[0]?.total ?? 0 };
}

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
