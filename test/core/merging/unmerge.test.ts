/** Unmerging: the leads are what they were, byte for byte; what came after the merge stays with whom it named, and is listed. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { spillEvents } from "../../../src/core/events";
import { LEAD_ROW } from "../../../src/core/merging/store";
import { dashed } from "../../../src/ids";
import { openReplay } from "../../../src/queues/replay-unit";
import { getLead, mintChannel, mintChannelLead, mintScene, ok, refused } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import {
  asEmail,
  blockEndingIds,
  deliverEvents,
  getReceipt,
  heldEvents,
  ingest,
  insertTrigger,
  milestone,
  mintRule,
  mintUnitTenant,
  queueEvents,
  rowsOf,
  storedEvents,
} from "../../support/events";
import { heldQueue } from "../../support/imports";
import { leadIdOf, leadWith, type Merged, merge, snapshotOf } from "../../support/merges";
import { spilledIds } from "../../support/spill";
import { type Client, mintLead } from "../../support/tenant";
import { readProblem } from "../../support/worker";

type Unmerged = Merged & { kept: { kind: string; name: string; lead_id: string | null }[] };

const at = (minute: number) => new Date(Date.now() - 36_000_000 + minute * 60_000).toISOString();
const view = (minute: number, more: object = {}) => ({ event_type: "Page View", timestamp: at(minute), ...more });
const bare = (leadId: string) => leadId.slice(3);

async function unmerge(client: Client, leadId: string): Promise<Unmerged> {
  const answer = await client.post(`/leads/${leadId}/unmerge`);
  expect([200, 202], await answer.clone().text()).toContain(answer.status);
  return answer.json<Unmerged>();
}

async function mintScored() {
  const tenant = await mintUnitTenant();
  await mintRule(tenant.client, { event_type: "Page View", weight: 10, half_life_days: 0.3 });
  await mintRule(tenant.client, { event_type: "page_view", weight: -3 });
  await insertTrigger(tenant.unit, "milestone", milestone(15, { fire_mode: "always" }));
  return tenant;
}

describe("an unmerge with nothing between", () => {
  it("returns the same bytes of every table, whichever lead it names", async () => {
    const { client, unit } = await mintScored();
    const [closing = ""] = blockEndingIds(1);
    const target = await leadWith(client, "t@example.com", [view(0), view(20, { event_id: closing }), view(40)]);
    const source = await leadWith(client, "s@example.com", [view(10), view(30), view(50)]);
    const third = await leadWith(client, "o@example.com", [view(5)]);
    await client.patch("/lead/by-alias/metadata", {
      alias_value: "s@example.com",
      attributes: { city: "Rome", "10": 1, "2": { a: [1.5] } },
    });
    await client.call("PUT", `/lead/${source}`, { json: { status: "qualified", owner_id: "u1", owner_name: "Sam" } });
    const named = (lead_id: string, raw_value: string) => ({ lead_id, aliases: [{ alias_kind: "email", raw_value }], event_type: "x" });
    await ingest(
      client,
      named(source, "t@example.com"),
      named(source, "o@example.com"),
      named(third, "s@example.com"),
      named(target, "o@example.com"),
    );
    for (const watched of [target, source, third]) expect((await client.post(`/leads/${watched}/watch`)).status).toBe(201);
    const before = await snapshotOf(unit);
    expect(before.alias_conflicts).toHaveLength(4);
    expect(before.score_blocks).not.toHaveLength(0);
    for (const name of [target, source]) {
      await merge(client, target, [source]);
      expect(await snapshotOf(unit)).not.toEqual(before);
      expect(await unmerge(client, name)).toMatchObject({ status: "undone", target_lead_id: target, source_lead_ids: [source], kept: [] });
      expect(await snapshotOf(unit)).toEqual(before);
    }
    await merge(client, third, [target, source]);
    await unmerge(client, third);
    expect(await snapshotOf(unit)).toEqual(before);
  });

  it("goes through merges of merged leads, the newest first", async () => {
    const { client, unit } = await mintScored();
    const [a = "", b = "", c = ""] = await Promise.all(
      ["a", "b", "c"].map((name, n) => leadWith(client, `${name}@example.com`, [view(n), view(n + 10)])),
    );
    const first = await snapshotOf(unit);
    await merge(client, b, [a]);
    const second = await snapshotOf(unit);
    await merge(client, c, [b]);
    expect((await readProblem(await client.post(`/leads/${a}/unmerge`), 409)).detail).toContain(c);
    await unmerge(client, b);
    expect(await snapshotOf(unit)).toEqual(second);
    await unmerge(client, b);
    expect(await snapshotOf(unit)).toEqual(first);
  });

  it("moves a channel's membership, purchases and events to the target, and gives them back", async () => {
    const scene = await mintScene();
    const unit = await unitKeyOf(scene.tenant);
    const { client, call } = scene;
    const target = await mintLead(client, { email: "t@example.com" });
    const { id } = await mintChannelLead(scene, { email: "s@example.com", legacy_id: "77" });
    await ok(call("create_purchase", { lead_id: id, name: "Seat", amount: 10 }));
    await ok(call("update_status", { lead_id: id, status: "Qualified" }));
    const source = `ld_${id.replaceAll("-", "")}`;
    const before = await snapshotOf(unit);
    await merge(client, target, [source]);
    const [lead] = await rowsOf<{ lead_id: string }>(unit, "channel_leads");
    expect(lead?.lead_id).toBe(bare(target));
    expect(await getLead(scene, dashed(bare(target)))).toMatchObject({ email: "t@example.com", status: "Qualified" });
    expect(await rowsOf(unit, "purchases")).toMatchObject([{ lead_id: bare(target) }]);
    expect(await rowsOf(unit, "channel_events")).not.toContainEqual(expect.objectContaining({ lead_id: bare(source) }));
    await unmerge(client, target);
    expect(await snapshotOf(unit)).toEqual(before);
    await refused(call("get_lead_by_id", { lead_id: dashed(bare(target)) }), 404);
  });

  it("leads of two channels cannot be merged", async () => {
    const scene = await mintScene();
    const other = { ...scene, channel: await mintChannel(scene.tenant, { title: "Other" }) };
    const [one, two] = [await mintChannelLead(scene), await mintChannelLead(other)];
    await readProblem(await scene.client.post("/leads/merge", { targetLeadId: one.id, sourceLeadIds: [two.id] }), 409);
  });
});

it("the journal has every column of a lead", async () => {
  const { results } = await env.DB.prepare("SELECT name FROM pragma_table_xinfo('leads') WHERE hidden = 0").all<{ name: string }>();
  expect(results.map(({ name }) => name).sort()).toEqual(["unit", ...LEAD_ROW].sort());
});

describe("what came after the merge", () => {
  it("stays with the lead whose alias it named, else with the target, and is listed", async () => {
    const { client, unit } = await mintScored();
    const target = await leadWith(client, "t@example.com", [view(0)]);
    const source = await leadWith(client, "s@example.com", [view(10)]);
    await client.patch("/lead/by-alias/metadata", { alias_value: "s@example.com", attributes: { city: "Rome", plan: "free" } });
    await merge(client, target, [source]);
    await ingest(
      client,
      asEmail("s@example.com", "Page View", { event_id: "to-source" }),
      asEmail("t@example.com", "Page View", { event_id: "to-target" }),
      { lead_id: source, event_type: "Page View", event_id: "by-id" },
    );
    await client.patch("/lead/by-alias/metadata", { alias_value: "t@example.com", attributes: { plan: "paid", note: "later" } });
    await client.post(`/lead/${target}/aliases`, { kind: "cookie", value: "c1" });
    const { kept } = await unmerge(client, source);
    expect(kept).toEqual(
      expect.arrayContaining([
        { kind: "event", name: "to-source", lead_id: source },
        { kind: "event", name: "by-id", lead_id: source },
        { kind: "event", name: "to-target", lead_id: target },
        { kind: "metadata", name: "plan", lead_id: target },
        { kind: "metadata", name: "note", lead_id: target },
        { kind: "alias", name: "cookie:c1", lead_id: target },
      ]),
    );
    expect(kept).toHaveLength(6);
    const shown = async (id: string) => (await client.get(`/lead/${id}`)).json<{ metadata: object; aliases: { value: string }[] }>();
    expect(await shown(target)).toMatchObject({
      metadata: { plan: "paid", note: "later" },
      aliases: [{ value: "t@example.com" }, { value: "c1" }],
    });
    expect((await shown(target)).metadata).not.toHaveProperty("city");
    expect(await shown(source)).toMatchObject({ metadata: { city: "Rome", plan: "free" }, aliases: [{ value: "s@example.com" }] });
    expect(await rowsOf(unit, "events", "event_id")).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ event_id: "by-id", lead_id: bare(source), original_lead_id: null })]),
    );
    expect(await storedEvents(unit)).toMatchObject({ leads: 2, aliases: 3, events: 5, contributions: 10 });
    expect((await rowsOf<{ event_count: number }>(unit, "lead_scores", "event_count")).map(({ event_count }) => event_count)).toEqual([
      2, 3,
    ]);
  });

  it("an alias that another lead has by now stays there", async () => {
    const { client } = await mintUnitTenant();
    const target = await mintLead(client, { email: "t@example.com" });
    const source = await mintLead(client, { email: "s@example.com", phone: "+15551234567" });
    const other = await mintLead(client, { email: "o@example.com" });
    await merge(client, target, [source]);
    expect((await client.call("DELETE", `/lead/${target}/aliases/phone/${encodeURIComponent("+15551234567")}`)).status).toBe(204);
    await client.post(`/lead/${other}/aliases`, { kind: "phone", value: "+15551234567" });
    const { kept } = await unmerge(client, target);
    expect(kept).toContainEqual({ kind: "alias", name: "phone:+15551234567", lead_id: other });
    expect(await (await client.get(`/lead/${source}`)).json()).toMatchObject({ aliases: [{ value: "s@example.com" }] });
    expect(await leadIdOf(client, "s@example.com")).toBe(source);
  });

  it("no merge, and a second unmerge, are a 409; an unknown lead a 404", async () => {
    const { client } = await mintUnitTenant();
    const target = await mintLead(client, { email: "t@example.com" });
    const source = await mintLead(client, { email: "s@example.com" });
    await readProblem(await client.post(`/leads/${target}/unmerge`), 409);
    await readProblem(await client.post(`/leads/ld_${"0".repeat(32)}/unmerge`), 404);
    await merge(client, target, [source]);
    const answers = await Promise.all([client.post(`/leads/${target}/unmerge`), client.post(`/leads/${target}/unmerge`)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe("a merge of many events", () => {
  const MANY = 1_100;
  const held = () => ({ bindings: { IMPORT_QUEUE: heldQueue().IMPORT_QUEUE } });
  const nudge = (unit: number, job_id: string) => deliverEvents([{ unit, job_id }], {}, 1, "leadedge-imports");

  async function mintMany() {
    const { client, unit } = await mintScored();
    return { client, unit, ...(await sendMany(client)) };
  }

  async function sendMany(client: Client) {
    const target = await leadWith(client, "t@example.com", [view(0), view(40)]);
    const messages = await queueEvents(
      client,
      ...Array.from({ length: MANY }, (_, n) => asEmail("s@example.com", "Page View", view(n / 10, { event_id: `m-${n}` }))),
    );
    // in batches that the lane takes at once
    await deliverEvents(messages.slice(0, MANY / 2));
    await deliverEvents(messages.slice(MANY / 2));
    return { target, source: await leadIdOf(client, "s@example.com") };
  }

  it("moves slice by slice, each once, while new events come in; and returns so", async () => {
    const { client, unit, target, source } = await mintMany();
    const before = await snapshotOf(unit);
    const answer = await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [source] }, held());
    expect(answer.status).toBe(202);
    const running = await answer.json<Merged>();
    expect(running).toMatchObject({ status: "running", events_total: MANY, events_moved: 0 });
    await readProblem(await client.post(`/leads/${target}/unmerge`), 409);
    await readProblem(await client.call("DELETE", `/lead/${target}`), 409);
    await Promise.all([nudge(unit, running.merge_id), nudge(unit, running.merge_id)]);
    await nudge(unit, running.merge_id);
    expect(await (await client.get(`/identity/merges/${running.merge_id}`)).json()).toMatchObject({ status: "done", events_moved: MANY });
    expect(await storedEvents(unit)).toMatchObject({ leads: 1, events: MANY + 3, lead_scores: 1 });
    const back = await client.post(`/leads/${target}/unmerge`, undefined, held());
    expect(back.status).toBe(202);
    await Promise.all([nudge(unit, running.merge_id), nudge(unit, running.merge_id)]);
    expect(await (await client.get(`/identity/merges/${running.merge_id}`)).json()).toMatchObject({ status: "undone" });
    const after = await snapshotOf(unit);
    for (const [table, rows] of Object.entries(before)) expect(after[table], table).toEqual(rows);
  });

  it("lets events of its leads wait until theirs have returned, so that no trigger fires again", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintRule(client, { event_type: "Page View", weight: 10 });
    // beyond the first 500 events that return, which are 5,000 points
    await insertTrigger(unit, "milestone", milestone(5_005, { fire_mode: "always" }));
    const { target, source } = await sendMany(client);
    const fired = await rowsOf(unit, "firings");
    expect(fired).toHaveLength(1);
    const answer = await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [source] }, held());
    const { merge_id } = await answer.json<Merged>();
    await nudge(unit, merge_id);
    expect((await client.post(`/leads/${target}/unmerge`, undefined, held())).status).toBe(202);

    const { EVENT_QUEUE, sent } = heldEvents();
    const late = await queueEvents(client, asEmail("s@example.com", "Page View", { event_id: "late" }));
    expect(await deliverEvents(late, { EVENT_QUEUE })).toEqual({ acked: [0], retried: [] });
    expect(sent).toEqual(late);
    await spillEvents(env.FILES, unit, sent[0]?.events as unknown as Parameters<typeof spillEvents>[2]);
    expect(await openReplay(env, unit)()).toBe("end");
    expect(await spilledIds(unit)).toEqual(["late"]);
    expect(await rowsOf(unit, "events", "event_id")).not.toContainEqual(expect.objectContaining({ event_id: "late" }));
    await nudge(unit, merge_id);
    await deliverEvents(sent);
    expect(await getReceipt(client, "late")).toMatchObject({ status: "processed", lead_id: source, triggers_fired: [] });
    expect(await rowsOf(unit, "firings")).toEqual(fired);
  });

  it("goes on after a crash, nudged by the sweep", async () => {
    const { client, unit, target, source } = await mintMany();
    const { merge_id } = await (
      await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [source] }, held())
    ).json<Merged>();
    await env.DB.prepare("UPDATE merges SET run_at = 0 WHERE unit = ?1").bind(unit).run();
    const { findStuckMerges } = await import("../../../src/core/merging");
    const { openShardDb } = await import("../../../src/db/client");
    const stuck = await findStuckMerges(openShardDb(env.DB), Date.now());
    expect(stuck).toContainEqual({ unit, job_id: merge_id });
  });
});
