/** The actions of a partner key (seed 002). Each translates: shape in, core verb, shape out. */
import {
  type Channel,
  changeStatus,
  createChannelLead,
  createPurchase,
  findChannelLead,
  flatLead,
  listAccessibleChannels,
  listChannelLeads,
  requireAccessibleChannel,
  requireChannelLead,
  requireChannelOfLead,
  requireChannelsByLegacyId,
  requireStatus,
  updateChannelLead,
  wholeLead,
} from "../../core/channels";
import { type Action, action, enterHome } from "./action";
import { PartnerError } from "./errors";
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
import { channelView, hexOf, movedLead, purchaseView } from "./views";

const getChannels = action("viewer", GetChannels, async (_, caller) => ({
  channels: (await listAccessibleChannels(caller)).map(channelView),
}));

const getLeads = action("viewer", GetLeads, async (c, caller, { channel_id }) => {
  const at = await requireAccessibleChannel(caller, channel_id);
  return (await listChannelLeads(enterHome(c, caller, at, "read"), at.channel)).map(flatLead);
});

const getLeadById = action("viewer", GetLeadById, async (c, caller, { lead_id }) => {
  const at = await requireChannelOfLead(caller, hexOf(lead_id));
  return { lead: wholeLead(await requireChannelLead(enterHome(c, caller, at, "read"), at.channel, hexOf(lead_id))) };
});

const getLeadByLegacyId = action("viewer", GetLeadByLegacyId, async (c, caller, { legacy_id }) => {
  for (const { lead_id, ...at } of await requireChannelsByLegacyId(caller, legacy_id)) {
    const found = await findChannelLead(enterHome(c, caller, at, "read"), at.channel, lead_id);
    if (found?.state.legacy_id !== legacy_id) continue;
    const whole = wholeLead(found);
    return { lead: { ...whole, legacy_id, employee: whole.referring_employee } };
  }
  throw new PartnerError(404, "Lead not found");
});

const createLead = action("editor", CreateLead, async (c, caller, { channel_id, properties, ...body }) => {
  const at = await requireAccessibleChannel(caller, channel_id);
  const wanted = { fields: standardChange(body), properties: properties ?? [], tells: true };
  return { lead: wholeLead(await createChannelLead(enterHome(c, caller, at, "write"), at.channel, wanted)) };
});

const updateLead = action(
  "editor",
  UpdateLead,
  async (c, caller, { lead_id, properties, ...body }) => {
    const at = await requireChannelOfLead(caller, hexOf(lead_id));
    const change = { fields: standardChange(body), properties: properties ?? [] };
    return { lead: wholeLead(await updateChannelLead(enterHome(c, caller, at, "write"), at.channel, hexOf(lead_id), change)) };
  },
  requireUpdate,
);

type StatusBody = { lead_id: string };
const moveLead =
  <Body extends StatusBody>(statusOf: (channel: Channel, body: Body) => ReturnType<typeof requireStatus>) =>
  async (c: Parameters<typeof enterHome>[0], caller: Parameters<typeof enterHome>[1], body: Body) => {
    const at = await requireChannelOfLead(caller, hexOf(body.lead_id));
    const ctx = enterHome(c, caller, at, "write");
    return { lead: movedLead(await changeStatus(ctx, at.channel, hexOf(body.lead_id), statusOf(at.channel, body))) };
  };

const updateStatus = action(
  "editor",
  UpdateStatus,
  moveLead((channel, { status }) => requireStatus(channel, { name: status })),
);
const updateStatusId = action(
  "editor",
  UpdateStatusId,
  moveLead((channel, { status_id }) => requireStatus(channel, { id: status_id })),
);

const purchase = action("editor", CreatePurchase, async (c, caller, { lead_id, date, ...body }) => {
  const at = await requireChannelOfLead(caller, hexOf(lead_id));
  const wanted = {
    name: body.product_name ?? null,
    description: body.product_description ?? null,
    amount: body.purchase_amount ?? null,
    date: typeof date === "string" ? Date.parse(date) : (date ?? null),
    trigger_ids: body.trigger_ids ?? null,
  };
  return { purchase: purchaseView(await createPurchase(enterHome(c, caller, at, "write"), at.channel, hexOf(lead_id), wanted)) };
});

/** A map: an action called `constructor` is none. */
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
