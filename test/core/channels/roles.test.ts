/** Every verb of channels that writes refuses who may not, and what cannot be stored, whichever door it is called through. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Actor, Ctx } from "../../../src/context";
import {
  addLeads,
  type Channel,
  changeChannel,
  changeRewardTrigger,
  changeStatus,
  createChannel,
  createChannelLead,
  createPurchase,
  createRewardTrigger,
  deleteRewardTrigger,
  listChannels,
  listEvents,
  listRewards,
  requireChannelAtHome,
  updateChannelLead,
} from "../../../src/core/channels";
import { mintCtx } from "../../support/context";

const UNKNOWN = "0193f3a2-c7b0-4aa1-8000-c0ffee123456";
const PAYS = { kind: "new_lead", amount_type: "fixed", amount: 1 } as const;

type Given = { ctx: Ctx; channel: Channel; lead: string; trigger: string };

async function mintGiven(): Promise<Given> {
  const ctx = await mintCtx();
  const { channel } = await createChannel(ctx, { title: "Referrals", creator: ctx.tenant.company_id });
  const { id } = await createRewardTrigger(ctx, channel, PAYS);
  const { lead } = await createChannelLead(ctx, channel, { fields: { notes: "a" }, properties: [], notify: false });
  return { ctx, channel: (await requireChannelAtHome(ctx, channel.channel_id)).channel, lead: lead.lead_id, trigger: id };
}

const as = ({ ctx, ...given }: Given, who: "viewer" | "editor" | "admin" | "operator"): Given => {
  const actor: Actor =
    who === "operator"
      ? { kind: "operator" }
      : { kind: "credential", credential_id: "cred_1", organization_id: ctx.unit.organization_id, role: who, home: null };
  return { ...given, ctx: { ...ctx, actor } };
};

const UNIT_TABLES = ["leads", "channel_leads", "channel_events", "purchases", "reward_events", "notification_channels", "deliveries"];
const CHANNEL_TABLES = ["channels", "property_definitions", "channel_statuses", "reward_triggers", "lead_directory"];

/** All that is stored of the unit and of the channel. */
async function stored({ ctx, channel }: Given): Promise<unknown[]> {
  const rows: unknown[] = [await env.DB.prepare("SELECT count(*) AS n FROM channels WHERE unit = ?1").bind(ctx.unit.unit).first("n")];
  for (const table of UNIT_TABLES) {
    rows.push((await env.DB.prepare(`SELECT * FROM ${table} WHERE unit = ?1`).bind(ctx.unit.unit).all()).results);
  }
  for (const table of CHANNEL_TABLES) {
    rows.push((await env.DB.prepare(`SELECT * FROM ${table} WHERE channel_id = ?1`).bind(channel.channel_id).all()).results);
  }
  return rows;
}

const EDITOR_VERBS: [string, (given: Given, input?: unknown) => Promise<unknown>][] = [
  [
    "createChannelLead",
    ({ ctx, channel }, input = { fields: {}, properties: [], notify: true }) =>
      createChannelLead(ctx, channel, input as Parameters<typeof createChannelLead>[2]),
  ],
  [
    "updateChannelLead",
    ({ ctx, channel, lead }, input = { fields: { notes: "b" }, properties: [] }) =>
      updateChannelLead(ctx, channel, lead, input as Parameters<typeof updateChannelLead>[3]),
  ],
  [
    "changeStatus",
    ({ ctx, channel, lead }, input = { name: "New lead" }) => changeStatus(ctx, channel, lead, input as Parameters<typeof changeStatus>[3]),
  ],
  [
    "createPurchase",
    ({ ctx, channel, lead }, input = { amount: 5 }) => createPurchase(ctx, channel, lead, input as Parameters<typeof createPurchase>[3]),
  ],
];

const OPERATOR_VERBS: [string, (given: Given, input?: unknown) => Promise<unknown>][] = [
  [
    "createChannel",
    ({ ctx, channel }, input = { title: "Second", creator: channel.roles.creator }) =>
      createChannel(ctx, input as Parameters<typeof createChannel>[1]),
  ],
  ["changeChannel", ({ ctx, channel }, input = { title: "Renamed" }) => changeChannel(ctx, channel, input as { title: string })],
  ["addLeads", ({ ctx, channel, lead }, input = { lead_ids: [lead] }) => addLeads(ctx, channel, input as { lead_ids: string[] })],
  ["createRewardTrigger", ({ ctx, channel }, input = PAYS) => createRewardTrigger(ctx, channel, input as typeof PAYS)],
  [
    "changeRewardTrigger",
    ({ ctx, channel, trigger }, input = { amount: 2 }) => changeRewardTrigger(ctx, channel, trigger, input as { amount: number }),
  ],
  ["deleteRewardTrigger", ({ ctx, channel, trigger }) => deleteRewardTrigger(ctx, channel, trigger)],
  ["requireChannelAtHome", ({ ctx, channel }) => requireChannelAtHome(ctx, channel.channel_id)],
  ["listChannels", ({ ctx }) => listChannels(ctx, 1, 1)],
  ["listRewards", ({ ctx, channel }) => listRewards(ctx, channel, 1, null)],
  ["listEvents", ({ ctx, channel }) => listEvents(ctx, channel, 1, null)],
];

it.each(EDITOR_VERBS)("%s: a viewer is refused and nothing changes, an editor may", async (_, call) => {
  const given = await mintGiven();
  const before = await stored(given);
  await expect(call(as(given, "viewer"))).rejects.toMatchObject({ code: "forbidden" });
  expect(await stored(given)).toEqual(before);
  await call(as(given, "editor"));
});

it.each(OPERATOR_VERBS)("%s: an admin of an organization is refused and nothing changes, the operator may", async (_, call) => {
  const given = await mintGiven();
  const before = await stored(given);
  await expect(call(as(given, "admin"))).rejects.toMatchObject({ code: "forbidden" });
  expect(await stored(given)).toEqual(before);
  await call(as(given, "operator"));
});

const TITLE = { title: "T", creator: "org_1" };
const HOSTILE: [string, unknown, string][] = [
  ["createChannelLead", { fields: { notes: 5 }, properties: [], notify: true }, "fields.notes"],
  ["createChannelLead", { fields: { email: "not an address" }, properties: [], notify: true }, "email"],
  ["createChannelLead", { fields: {}, properties: "none", notify: true }, "properties"],
  ["updateChannelLead", { fields: { owner_id: "me" }, properties: [] }, "fields.owner_id"],
  ["updateChannelLead", { fields: {}, properties: Array.from({ length: 10_001 }, () => 1) }, "properties"],
  ["changeStatus", { name: 5 }, ""],
  ["changeStatus", {}, ""],
  ["createPurchase", { amount: Number.POSITIVE_INFINITY }, "amount"],
  ["createPurchase", { amount: -1.5e12 }, "amount"],
  ["createPurchase", { name: "x".repeat(1001) }, "name"],
  ["createPurchase", { date: -1 }, "date"],
  ["createPurchase", { trigger_ids: [5] }, "trigger_ids.0"],
  ["createPurchase", { trigger_ids: [UNKNOWN] }, "trigger_ids"],
  ["createChannel", { ...TITLE, title: "x".repeat(201) }, "title"],
  ["createChannel", { ...TITLE, currency: "euro" }, "currency"],
  ["createChannel", TITLE, "creator"],
  ["createChannel", [], ""],
  ["changeChannel", {}, ""],
  ["changeChannel", { lead_status: [{ status: "A", order: -1 }] }, "lead_status.0.order"],
  ["changeChannel", { webhook_new_lead: "http://10.0.0.1/" }, "webhook_new_lead"],
  ["addLeads", {}, ""],
  ["addLeads", { lead_ids: ["a", "b"], legacy_id: 5 }, "legacy_id"],
  ["addLeads", { aliases: [{ kind: "fax", value: "1" }] }, "aliases.0.kind"],
  ["createRewardTrigger", { ...PAYS, amount: -3 }, "amount"],
  ["createRewardTrigger", { ...PAYS, amount: 1.5e308 }, "amount"],
  ["createRewardTrigger", { ...PAYS, amount_type: "percentage" }, "amount_type"],
  ["createRewardTrigger", { ...PAYS, status_id: UNKNOWN }, "status_id"],
  ["changeRewardTrigger", {}, ""],
  ["changeRewardTrigger", { active: "yes" }, "active"],
];
const VERBS = new Map([...EDITOR_VERBS, ...OPERATOR_VERBS]);

it.each(HOSTILE)("%s of %j is invalid_request, and nothing is stored", async (verb, input, path) => {
  const given = await mintGiven();
  const before = await stored(given);
  const error = await VERBS.get(verb)?.(given, input).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "invalid_request" });
  const { problems } = error as { problems: { path: string }[] };
  expect(problems.map((problem) => problem.path)).toContain(path);
  expect(await stored(given)).toEqual(before);
});
