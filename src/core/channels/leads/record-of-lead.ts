/** What a partner channel keeps of a lead, as the people of the lead's own org unit see it. */
import type { Ctx } from "../../../context";
import { absence, namedLead, selectLeadExists } from "../../leads";
import type { Channel, ChannelStatus } from "../channel";
import { type Purchase, selectPurchases } from "../rewards/record-store";
import { findChannel } from "../store";
import { readState, selectState } from "./lead-store";

const PURCHASES_MAX = 100;

export type ChannelRecord = {
  channel: Pick<Channel, "channel_id" | "title" | "currency" | "archived_at">;
  /** null: the channel no longer has it */
  status: ChannelStatus | null;
  /** by the order of their definitions */
  values: { name: string; value: string }[];
  /** the newest 100, newest first */
  purchases: Purchase[];
  /** whether older purchases are left out */
  more: boolean;
};

/** Null for a lead that is in no channel. Two D1 round trips, one without a channel. Throws not_found, LeadMerged. */
export async function channelRecordOf(ctx: Ctx, leadId: string): Promise<ChannelRecord | null> {
  const id = namedLead(leadId);
  const [[found], [row], purchases] = await ctx.db.batch([
    selectLeadExists(ctx.db, id),
    selectState(ctx.db, id),
    selectPurchases(ctx.db, id, PURCHASES_MAX + 1),
  ]);
  if (!found) throw await absence(ctx, id);
  const at = row && (await findChannel(ctx.directory, row.channel_id, ctx.unit.organization_id));
  if (!row || !at) return null;
  const { channel_id, title, currency, archived_at, statuses, definitions } = at.channel;
  const { status_id, properties } = readState(row);
  return {
    channel: { channel_id, title, currency, archived_at },
    status: statuses.find((status) => status.id === status_id) ?? null,
    values: definitions.flatMap((definition) => {
      const value = properties[definition.id];
      return value === undefined ? [] : [{ name: definition.name, value }];
    }),
    purchases: purchases.slice(0, PURCHASES_MAX),
    more: purchases.length > PURCHASES_MAX,
  };
}
