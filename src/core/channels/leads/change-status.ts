import type { z } from "zod";
import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import type { Remember } from "../../idempotency";
import { updateLead } from "../../leads";
import type { Channel, ChannelStatus } from "../channel";
import { insertEvent, insertRewards } from "../rewards/record-store";
import { rewardsFor } from "../rewards/rewards";
import { StatusChoice } from "../schemas";
import { type ChannelLead, statusOf } from "./channel-lead";
import { selectState, updateStatus } from "./lead-store";
import { requireState } from "./update-channel-lead";
import { deliveryStatements, planDelivery, sendOut } from "./webhooks";

const NAME_CHARS_SHOWN = 200;

/** Throws not_found. */
function requireStatus({ statuses }: Channel, by: z.output<typeof StatusChoice>): ChannelStatus {
  const found = statuses.find((status) => ("name" in by ? status.status === by.name : status.id === by.id.toLowerCase()));
  if (found) return found;
  if ("id" in by) throw new AppError("not_found", "Status ID not found");
  throw new AppError("not_found", `Status "${by.name.slice(0, NAME_CHARS_SHOWN)}" not found for this channel`);
}

/**
 * Puts a channel's lead in a status, in the context of the channel's home unit. A change records an event, pays the `status_change`
 * rewards of the new status and notifies the channel's webhook, each once however many callers change it at once; a lead that has the status
 * already is left alone. Needs the role editor. Two D1 round trips, one when nothing changes. Throws forbidden, not_found.
 */
export async function changeStatus(
  ctx: Ctx,
  channel: Channel,
  leadId: string,
  to: z.input<typeof StatusChoice>,
  remember: Remember<ChannelLead> = () => [],
): Promise<ChannelLead> {
  requireRole(ctx, "editor");
  const status = requireStatus(channel, parseInput(StatusChoice, to));
  const { lead, result } = await updateLead(
    ctx,
    leadId,
    (lead, [rows]) => {
      const state = requireState(channel, rows[0]);
      if (state.status_id === status.id) return { change: null, result: { state, delivery: null } };
      const now = ctx.now();
      const after = { ...state, status_id: status.id };
      const delivery = planDelivery("webhook_status_update", { lead, channel, state: after }, String(lead.version + 1), now);
      const rewards = rewardsFor(channel.triggers, { kind: "status_change", status_id: status.id }, channel.currency);
      return {
        change: {},
        alsoChanged: ["lead_status"],
        alsoWrite: [
          updateStatus(ctx.db, leadId, status.id),
          insertEvent(ctx.db, channel, leadId, statusEvent({ lead, channel, state }, status), now),
          ...insertRewards(ctx.db, channel, { lead_id: leadId, purchase_id: null }, rewards, now),
          ...deliveryStatements(ctx, delivery, now),
          ...remember({ lead, channel, state: after }),
        ],
        result: { state: after, delivery },
      };
    },
    { onConflict: "record", source: "partner", alsoRead: [selectState(ctx.db, leadId)] },
  );
  await sendOut(ctx, result.delivery);
  return { lead, channel, state: result.state };
}

const statusEvent = (before: ChannelLead, { id, status }: ChannelStatus) => {
  const old = statusOf(before)?.status ?? null;
  return { category: "status" as const, data: { status_id: id, status, old_status_id: before.state.status_id, old_status: old } };
};
