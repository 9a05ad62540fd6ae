/** Triggers of segments fire exactly once when a lead enters or leaves, whatever changed it and however often that is processed. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Ctx } from "../../../src/context";
import { processEvents } from "../../../src/core/events";
import { settleMemberships } from "../../../src/core/memberships";
import { openSystem } from "../../../src/open-context";
import {
  asEmail,
  deliverEvents,
  heldEvents,
  ingest,
  mintRule,
  mintRuleset,
  mintUnitTenant,
  post,
  queueEvents,
  rowsOf,
} from "../../support/events";
import { heldQueue } from "../../support/imports";
import { leadIdOf, merge } from "../../support/merges";
import { type Client, mintLead } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

const DAY_MS = 86_400_000;
const THRICE = { type: "event_count", event_type: "Page View", operator: "greater_or_equal", value: 3, within_days: 7 };
const PRO = { type: "lead_metadata", field: "plan", operator: "equals", value: "pro" };

/** Whoever changes leads nudges nobody: the test settles by hand. */
const NO_LANES = { getByName: () => ({ followChanges: async () => {} }) } as unknown as Env["UNIT_LANES"];

type Fired = { trigger_id: string; lead_id: string; n: number; event_type: string; kind: string; score: number };

let client: Client;
let unit: number;
beforeEach(async () => {
  ({ client, unit } = await mintUnitTenant());
});

const mintSegment = async (rules: object) => (await post<{ id: string }>(client, "/segments", { name: "S", rules })).id;
const mintTrigger = async (segment_id: string, on: "entered" | "left", more: object = {}) =>
  (await post<{ id: string }>(client, "/segment-triggers", { name: on, segment_id, on, ...more })).id;

async function watched(rules: object): Promise<{ segment: string; entered: string; left: string }> {
  const segment = await mintSegment(rules);
  return { segment, entered: await mintTrigger(segment, "entered"), left: await mintTrigger(segment, "left") };
}

/** As the lane does it, at a time of the test's own. */
async function settle(at = Date.now()): Promise<void> {
  const system = await openSystem(env, unit, "req_test");
  const ctx: Ctx = { ...system, outbox: { ...system.outbox, deliveries: async () => {} }, now: () => at };
  expect((await settleMemberships(ctx, () => true)).outcome).toBe("idle");
}

const fired = async (): Promise<Fired[]> => rowsOf<Fired>(unit, "firings", "fired_at, n");
const moves = async () => (await fired()).map(({ event_type, n }) => `${event_type} ${n}`);
const view = (ageDays = 0, more: object = {}) =>
  asEmail("ada@example.com", "Page View", { timestamp: new Date(Date.now() - ageDays * DAY_MS).toISOString(), ...more });

describe("a trigger of a segment", () => {
  it("fires when an event lets a lead enter, through the unit's lane and without a message of its own", async () => {
    const { entered } = await watched(THRICE);
    await ingest(client, view(), view());
    await settle();
    expect(await moves()).toEqual([]);
    await ingest(client, view());
    await vi.waitFor(async () => expect(await moves()).toEqual(["Segment Entered 1"]), { timeout: 20_000, interval: 50 });
    const answer = await (await client.get("/milestone-events?kind=segment")).json<{ events: object[] }>();
    expect(answer.events).toMatchObject([{ kind: "segment", trigger_id: entered, event_type: "Segment Entered" }]);
  });

  it("is one message and one run of the consumer away from an event, and none from a change by request", async () => {
    await watched(PRO);
    const { EVENT_QUEUE, sent } = heldEvents();
    const imports = heldQueue();
    const bindings = { EVENT_QUEUE, IMPORT_QUEUE: imports.IMPORT_QUEUE };
    expect((await client.post("/ingest", view(), { bindings })).status).toBe(202);
    expect((await client.post("/leads", { email: "bob@example.com", metadata: { plan: "pro" } }, { bindings })).status).toBe(201);
    await vi.waitFor(async () => expect(await moves()).toEqual(["Segment Entered 1"]), { timeout: 20_000, interval: 50 });
    expect(sent).toHaveLength(1);
    // the consumer hands the event to the lane, which checks the lead after its commit
    expect(await deliverEvents(sent, bindings)).toEqual({ acked: [0], retried: [] });
    const ada = await leadIdOf(client, "ada@example.com");
    expect((await client.patch(`/lead/${ada}/metadata`, { plan: "pro" }, { bindings })).status).toBe(200);
    await vi.waitFor(async () => expect(await moves()).toHaveLength(2), { timeout: 20_000, interval: 50 });
    expect([sent.length, imports.sent.length]).toEqual([1, 0]);
  });

  it("fires once, whoever checks at the same time and however often events are delivered, in any order", async () => {
    const channel = await post<{ id: string }>(client, "/notification-channels", {
      name: "Hook",
      type: "webhook",
      config: { url: "https://hooks.example.com/x" },
    });
    await mintTrigger(await mintSegment(THRICE), "entered", { channel_ids: [channel.id] });
    const messages = await queueEvents(client, view(3), view(0), view(1), view(2));
    const [a, b, c, d] = messages.flatMap(({ events }) => events);
    const ctx = await openSystem({ ...env, UNIT_LANES: NO_LANES }, unit, "req_test");
    for (const delivered of [
      [d, b],
      [a, c, b],
      [a, b, c, d],
    ])
      await processEvents(ctx, delivered as never, { silent: false });
    await Promise.all([settle(), settle(), settle()]);
    expect(await moves()).toEqual(["Segment Entered 1"]);
    const deliveries = await rowsOf<{ event_type: string }>(unit, "deliveries");
    expect(deliveries.map(({ event_type }) => event_type)).toEqual(["segment.entered"]);
    expect(await rowsOf(unit, "segment_queue")).toEqual([]);
  });

  it("fires when time alone takes events out of the window, and again when new ones bring the lead back", async () => {
    await watched(THRICE);
    await ingest(client, view(6), view(5), view(4));
    await settle();
    await settle(Date.now() + 0.9 * DAY_MS);
    expect(await moves()).toEqual(["Segment Entered 1"]);
    await settle(Date.now() + 1.1 * DAY_MS);
    expect(await moves()).toEqual(["Segment Entered 1", "Segment Left 1"]);
    await ingest(client, view());
    await settle();
    expect(await moves()).toContain("Segment Entered 2");
  });

  it("fires when a score decays below a bound", async () => {
    await mintRule(client, { event_type: "Page View", weight: 40, half_life_days: 1 }, await mintRuleset(client));
    await watched({ type: "score", operator: "greater_or_equal", value: 10 });
    await ingest(client, view());
    await settle();
    await settle(Date.now() + 1.99 * DAY_MS);
    expect(await moves()).toEqual(["Segment Entered 1"]);
    await settle(Date.now() + 2.01 * DAY_MS);
    expect(await moves()).toEqual(["Segment Entered 1", "Segment Left 1"]);
  });

  it("fires for a change by any dialect: here one lead is created, one changed and changed back", async () => {
    const bob = await mintLead(client, { email: "bob@example.com" }, { plan: "free" });
    await watched(PRO);
    await mintLead(client, { email: "ada@example.com" }, { plan: "pro" });
    await client.patch(`/lead/${bob}/metadata`, { plan: "pro" });
    await settle();
    const bobs = { alias_kind: "email", alias_value: "bob@example.com" };
    expect((await client.patch("/lead/by-alias/metadata", { ...bobs, attributes: { plan: "free" } })).status).toBe(200);
    await settle();
    expect((await fired()).map(({ event_type }) => event_type).sort()).toEqual(["Segment Entered", "Segment Entered", "Segment Left"]);
  });

  it("does not fire for who is a member already, nor for what other rules make a member", async () => {
    const bob = await mintLead(client, { email: "bob@example.com" }, { plan: "pro" });
    await mintLead(client, { email: "cy@example.com" }, { plan: "free" });
    const { segment } = await watched(PRO);
    await client.patch(`/lead/${bob}/metadata`, { title: "CTO" });
    await settle();
    const answer = await client.call("PUT", `/segments/${segment}`, { json: { rules: { ...PRO, value: "free" } } });
    expect(answer.status).toBe(200);
    await settle();
    expect(await moves()).toEqual([]);
    expect(await rowsOf(unit, "segment_members")).toHaveLength(1);
    await client.patch(`/lead/${bob}/metadata`, { plan: "free" });
    await settle();
    expect(await moves()).toEqual(["Segment Entered 1"]);
  });

  it("does not fire again for a person whose leads are merged, and says nothing of a lead that is deleted", async () => {
    await watched(PRO);
    const [ada, bob] = [
      await mintLead(client, { email: "ada@example.com" }),
      await mintLead(client, { email: "bob@example.com" }, { plan: "pro" }),
    ];
    await settle();
    await merge(client, ada, [bob]);
    await settle();
    expect(await moves()).toEqual(["Segment Entered 1"]);
    await client.call("DELETE", `/lead/${ada}`);
    await settle();
    expect(await rowsOf(unit, "segment_members")).toEqual([]);
    expect(await moves()).toEqual([]);
  });

  it("does not fire while more events move than one commit takes, neither after a merge nor when it is taken back", async () => {
    await mintRule(client, { event_type: "Page View", weight: 10 });
    const target = await mintLead(client, { email: "ada@example.com" });
    await watched({ type: "score", operator: "greater_or_equal", value: 6_000 });
    const bobs = Array.from({ length: 700 }, (_, n) => ({ ...asEmail("bob@example.com"), event_id: `b-${n}` }));
    await deliverEvents(await queueEvents(client, ...bobs));
    await settle();
    expect(await moves()).toEqual(["Segment Entered 1"]);
    const held = { bindings: { IMPORT_QUEUE: heldQueue().IMPORT_QUEUE } };
    const source = await leadIdOf(client, "bob@example.com");
    const answer = await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [source] }, held);
    const { merge_id } = await answer.json<{ merge_id: string }>();
    const move = () => deliverEvents([{ unit, job_id: merge_id }], {}, 1, "leadedge-imports");
    // what a lead has is not whole before, and whole after
    await settle();
    await move();
    await settle();
    expect((await client.post(`/leads/${target}/unmerge`, undefined, held)).status).toBe(202);
    await settle();
    await move();
    await settle();
    expect(await (await client.get(`/identity/merges/${merge_id}`)).json()).toMatchObject({ status: "undone" });
    expect(await moves()).toEqual(["Segment Entered 1"]);
    expect(await rowsOf(unit, "segment_queue")).toEqual([]);
    expect(await rowsOf<{ lead_id: string; member: number }>(unit, "segment_members")).toMatchObject([
      { lead_id: source.slice(3), member: 1 },
    ]);
  });

  it("follows a changed account: its leads enter without a change of their own", async () => {
    const { account_id } = await post<{ account_id: string }>(client, "/accounts", { name: "Acme", domain: "acme.example" });
    const ada = await mintLead(client, { email: "ada@example.com" });
    await client.call("PUT", `/lead/${ada}`, { json: { account_id } });
    await watched({ type: "account_metadata", field: "name", operator: "contains", value: "global" });
    await client.call("PUT", `/accounts/${account_id}`, { json: { name: "Acme Global" } });
    await settle();
    expect(await moves()).toEqual(["Segment Entered 1"]);
  });

  it("follows an account's score: an event of one lead brings all leads of the account in, and decay takes them out", async () => {
    await mintRule(client, { event_type: "Page View", weight: 40, half_life_days: 1 });
    const { account_id } = await post<{ account_id: string }>(client, "/accounts", { name: "Acme", domain: "acme.example" });
    const [ada, bob] = [await mintLead(client, { email: "ada@example.com" }), await mintLead(client, { email: "bob@example.com" })];
    for (const lead of [ada, bob]) await client.call("PUT", `/lead/${lead}`, { json: { account_id } });
    await mintLead(client, { email: "cy@example.com" });
    await watched({ type: "account_score", operator: "greater_or_equal", value: 50 });
    await settle();
    await ingest(client, view());
    await settle();
    expect(await moves()).toEqual([]);
    await ingest(client, asEmail("bob@example.com"));
    await settle();
    expect(await moves()).toEqual(["Segment Entered 1", "Segment Entered 1"]);
    expect(new Set((await fired()).map(({ lead_id }) => `ld_${lead_id}`))).toEqual(new Set([ada, bob]));
    // another event changes the account, and what no rule says of it
    await ingest(client, asEmail("bob@example.com"));
    await settle();
    expect(await rowsOf(unit, "segment_accounts")).toEqual([]);
    expect(await fired()).toHaveLength(2);
    // 120 points are 50 after 1.27 days
    await settle(Date.now() + 1.2 * DAY_MS);
    expect(await fired()).toHaveLength(2);
    await settle(Date.now() + 1.3 * DAY_MS);
    expect((await moves()).slice(2)).toEqual(["Segment Left 1", "Segment Left 1"]);
  });

  it("follows the leads that join and leave an account whose level a rule names", async () => {
    await mintRule(client, { event_type: "Page View", weight: 40 });
    await post(client, "/account-levels", { name: "Hot", min_score: 60, max_score: null });
    const { account_id } = await post<{ account_id: string }>(client, "/accounts", { name: "Acme", domain: "acme.example" });
    await ingest(client, view(), asEmail("bob@example.com"));
    const [ada, bob] = [await leadIdOf(client, "ada@example.com"), await leadIdOf(client, "bob@example.com")];
    await client.call("PUT", `/lead/${ada}`, { json: { account_id } });
    const { segment, entered, left } = await watched({ type: "account_level", operator: "equals", value: "Hot" });
    await settle();
    await client.call("PUT", `/lead/${bob}`, { json: { account_id } });
    await settle();
    expect(await moves()).toEqual(["Segment Entered 1", "Segment Entered 1"]);
    await client.call("PUT", `/lead/${bob}`, { json: { account_id: null } });
    await settle();
    expect((await moves()).slice(2)).toEqual(["Segment Left 1", "Segment Left 1"]);
    expect(await rowsOf(unit, "segment_account_scores")).toMatchObject([{ account_id, score: 40 }]);
    for (const id of [entered, left]) await client.call("PUT", `/segment-triggers/${id}`, { json: { active: false } });
    expect((await client.call("DELETE", `/segments/${segment}`)).status).toBe(204);
    await settle();
    expect(await rowsOf(unit, "segment_account_scores")).toEqual([]);
  });

  it("stops when it is switched off or its segment is deleted: nothing is stored for it any more", async () => {
    const { segment, entered, left } = await watched(PRO);
    await mintLead(client, { email: "ada@example.com" }, { plan: "pro" });
    await settle();
    for (const id of [entered, left]) await client.call("PUT", `/segment-triggers/${id}`, { json: { active: false } });
    await settle();
    expect([await rowsOf(unit, "segment_members"), await rowsOf(unit, "segment_watches")]).toEqual([[], []]);
    await client.call("PUT", `/segment-triggers/${entered}`, { json: { active: true } });
    expect((await client.call("DELETE", `/segments/${segment}`)).status).toBe(204);
    await settle();
    await mintLead(client, { email: "bob@example.com" }, { plan: "pro" });
    expect([await rowsOf(unit, "segment_queue"), await rowsOf(unit, "segment_watches")]).toEqual([[], []]);
    expect(await moves()).toEqual(["Segment Entered 1"]);
    await readProblem(await client.get(`/segment-triggers/${entered}`), 404);
  });

  it("watches no segment of another tenant, and is not touched by another tenant's leads", async () => {
    const segment = await mintSegment(PRO);
    const stranger = await mintUnitTenant();
    const problem = await readProblem(
      await stranger.client.post("/segment-triggers", { name: "x", segment_id: segment, on: "entered" }),
      400,
    );
    expect(problem.errors?.[0]?.path).toBe("segment_id");
    await mintTrigger(segment, "entered");
    await mintLead(stranger.client, { email: "ada@example.com" }, { plan: "pro" });
    await settle();
    expect(await moves()).toEqual([]);
    expect(await rowsOf(stranger.unit, "segment_queue")).toEqual([]);
  });
});

describe("cost", () => {
  it("an event costs a unit without such triggers no statement and no row more than before, one with them no statement either", async () => {
    const cost = async (sender: Client) => {
      const messages = await queueEvents(sender, view());
      const { DB, count } = countingD1();
      const ctx = await openSystem({ ...env, DB, UNIT_LANES: NO_LANES }, messages[0]?.unit ?? 0, "req_test");
      count.statements.length = count.rowsWritten = 0;
      await processEvents(ctx, (messages[0]?.events ?? []) as never, { silent: false });
      return { statements: count.statements.length, written: count.rowsWritten };
    };
    const plain = await mintUnitTenant();
    await watched(THRICE);
    for (const sender of [client, plain.client]) await ingest(sender, view());
    await settle();
    const [without, within] = [await cost(plain.client), await cost(client)];
    expect(within.statements).toBe(without.statements);
    expect(within.written - without.written).toBe(1);
    for (const table of ["segment_queue", "segment_lanes", "segment_members"]) expect(await rowsOf(plain.unit, table)).toEqual([]);
  });

  it("200 leads take four round trips and three rows for each that enters, and nothing is looked at again", async () => {
    await mintTrigger(await mintSegment(PRO), "entered");
    const leads = Array.from({ length: 200 }, (_, at) => ({
      aliases: [{ kind: "email", value: `m${at}@example.com` }],
      metadata: { plan: at % 2 === 0 ? "pro" : "free" },
    }));
    await settle();
    const created = await client.post("/leads/batch", { leads }, { bindings: { UNIT_LANES: NO_LANES } });
    expect(created.status, await created.clone().text()).toBe(200);
    const { DB, count } = countingD1();
    const ctx = await openSystem({ ...env, DB }, unit, "req_test");
    count.trips = count.rowsWritten = 0;
    await settleMemberships(ctx, () => true);
    expect(await fired()).toHaveLength(100);
    // the slice, one look for more, and the next due time
    expect(count.trips).toBe(4 + 1 + 1);
    // the queue's 200 rows, a member and a firing with its index for each that enters, and the lane
    expect(count.rowsWritten).toBe(200 + 100 * 3 + 1);
    count.trips = count.rowsWritten = 0;
    await settleMemberships(ctx, () => true);
    expect([count.trips, count.rowsWritten]).toEqual([2, 0]);
  });
});
