/** The actions of a partner key. Each translates: the body, a verb of the core, the response. */
import {
  type ChannelLead,
  changeStatus,
  createChannelLead,
  createPurchase,
  flatLead,
  listAccessibleChannels,
  listChannelLeads,
  type Purchase,
  requireChannelLead,
  updateChannelLead,
  wholeLead,
} from "../../core/channels";
import { type Action, action } from "./action";
import { enterChannel, enterChannelOfLead } from "./adapter";
import { requireLeadByLegacyId } from "./legacy-lead";
import { once } from "./once";
import {
  CreateLead,
  CreatePurchase,
  GetChannels,
  GetLeadById,
  GetLeadByLegacyId,
  GetLeads,
  requireUpdate,
  standardChange,
  UpdateLead,
  UpdateStatus,
  UpdateStatusId,
} from "./schemas";
import { channelView, movedLead, purchaseView } from "./views";

const getChannels = action("viewer", GetChannels, async ({ caller }) => ({
  channels: (await listAccessibleChannels(caller)).map(({ channel }) => channelView(channel)),
}));

const getLeads = action("viewer", GetLeads, async (call, { channel_id }) => {
  const { ctx, channel } = await enterChannel(call, channel_id);
  return (await listChannelLeads(ctx, channel)).map(flatLead);
});

const getLeadById = action("viewer", GetLeadById, async (call, { lead_id }) => {
  const { ctx, channel, leadId } = await enterChannelOfLead(call, lead_id);
  return { lead: wholeLead(await requireChannelLead(ctx, channel, leadId)) };
});

const getLeadByLegacyId = action("viewer", GetLeadByLegacyId, async (call, { legacy_id }) => {
  const whole = wholeLead(await requireLeadByLegacyId(call, legacy_id));
  return { lead: { ...whole, legacy_id, employee: whole.referring_employee } };
});

const createLead = action("editor", CreateLead, async (call, { channel_id, properties, ...body }) => {
  const { ctx, channel } = await enterChannel(call, channel_id);
  const wanted = { fields: standardChange(body), properties: properties ?? [], notify: true };
  return once(
    call,
    ctx,
    (lead: ChannelLead) => ({ lead: wholeLead(lead) }),
    (remember) => createChannelLead(ctx, channel, wanted, remember),
  );
});

const updateLead = action(
  "editor",
  UpdateLead,
  async (call, { lead_id, properties, ...body }) => {
    const { ctx, channel, leadId } = await enterChannelOfLead(call, lead_id);
    const change = { fields: standardChange(body), properties: properties ?? [] };
    return { lead: wholeLead(await updateChannelLead(ctx, channel, leadId, change)) };
  },
  requireUpdate,
);

const movedView = (lead: ChannelLead) => ({ lead: movedLead(lead) });

const updateStatus = action("editor", UpdateStatus, async (call, { lead_id, status }) => {
  const { ctx, channel, leadId } = await enterChannelOfLead(call, lead_id);
  return once(call, ctx, movedView, (remember) => changeStatus(ctx, channel, leadId, { name: status }, remember));
});

const updateStatusId = action("editor", UpdateStatusId, async (call, { lead_id, status_id }) => {
  const { ctx, channel, leadId } = await enterChannelOfLead(call, lead_id);
  return once(call, ctx, movedView, (remember) => changeStatus(ctx, channel, leadId, { id: status_id }, remember));
});

const purchase = action("editor", CreatePurchase, async (call, { lead_id, date, ...body }) => {
  const { ctx, channel, leadId } = await enterChannelOfLead(call, lead_id);
  const wanted = {
    name: body.product_name,
    description: body.product_description,
    amount: body.purchase_amount,
    date: typeof date === "string" ? Date.parse(date) : date,
    trigger_ids: body.trigger_ids,
  };
  return once(
    call,
    ctx,
    (made: Purchase) => ({ purchase: purchaseView(made) }),
    (remember) => createPurchase(ctx, channel, leadId, wanted, remember),
  );
});

/** A map and not an object, where an action called `constructor` would exist. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ["get_channels", getChannels],
  ["get_leads", getLeads],
  ["get_lead_by_id", getLeadById],
  ["get_lead_by_legacy_id", getLeadByLegacyId],
  ["create_lead", createLead],
  ["update_lead", updateLead],
  ["update_status", updateStatus],
  ["update_status_id", updateStatusId],
  ["create_purchase", purchase],
]);
