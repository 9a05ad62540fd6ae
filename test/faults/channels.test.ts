/** What a failure half-way leaves of a channel's lead: nothing that anybody sees, and the same call again goes through. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { getLead, type Lead, mintChannel, mintChannelLead, mintPartner, mintScene, ok, refused, type Scene } from "../support/channels";
import { unitKeyOf } from "../support/context";
import { importCsv } from "../support/imports";
import { bearerClient, mintLead } from "../support/tenant";
import { mintWorkspace } from "../support/workspace";

const HOOKS = { webhook_new_lead: "https://hooks.example.com/a", webhook_status_update: "https://hooks.example.com/b" };
const operator = bearerClient("test-admin-token");
afterEach(() => {
  vi.restoreAllMocks();
});

/** A database that loses what its home unit writes: a session's batch fails, the directory works. */
function losing(after: "before the commit" | "after the commit"): { DB: D1Database } {
  const DB = new Proxy(env.DB, {
    get(target, key) {
      if (key !== "withSession") {
        const value = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return (constraint?: string) => {
        const session = target.withSession(constraint);
        let batches = 0;
        return {
          prepare: session.prepare.bind(session),
          getBookmark: session.getBookmark.bind(session),
          batch: async (statements: D1PreparedStatement[]) => {
            batches += 1;
            const isWrite = statements.length > 2 || batches > 1;
            if (isWrite && after === "after the commit") await session.batch(statements);
            if (isWrite) throw new Error("D1_ERROR: Network connection lost.");
            return session.batch(statements);
          },
        };
      };
    },
  });
  return { DB };
}

const countOf = async ({ tenant }: Scene, table: string) =>
  env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE unit = ?1`)
    .bind(await unitKeyOf(tenant))
    .first<number>("n");

describe("a commit that fails", () => {
  it("leaves a row in the directory and no lead: the id is not found, and the next call creates one", async () => {
    const scene = await mintScene(HOOKS);
    const { channel_id } = scene.channel;
    const answer = await scene.call("create_lead", { channel_id, email: "a@example.com" }, losing("before the commit"));
    expect(answer.status).toBe(503);
    const directory = await env.DB.prepare("SELECT lead_id FROM lead_directory WHERE channel_id = ?1")
      .bind(channel_id)
      .first<string>("lead_id");
    for (const action of ["get_lead_by_id", "update_lead", "create_purchase"]) {
      expect(await refused(scene.call(action, { lead_id: uuid(directory ?? ""), notes: "x" }), 404)).toEqual({ error: "Lead not found" });
    }
    expect(await ok(scene.call("get_leads", { channel_id }))).toEqual([]);
    for (const table of ["leads", "channel_leads", "deliveries"]) expect(await countOf(scene, table), table).toBe(0);
    await mintChannelLead(scene, { email: "a@example.com" });
    expect(await countOf(scene, "leads")).toBe(1);
  });

  it("a change of status is whole or is not, and asking again finishes it once", async () => {
    const scene = await mintScene(HOOKS);
    const path = `/admin/channels/${scene.channel.channel_id}/reward-triggers`;
    await operator.post(path, { kind: "status_change", amount_type: "fixed", amount: 1 });
    const lead = await mintChannelLead(scene);
    const move = (bindings: Partial<Env> = {}) => scene.call("update_status", { lead_id: lead.id, status: "Won" }, bindings);
    expect((await move(losing("before the commit"))).status).toBe(503);
    expect(await getLead(scene, lead.id)).toEqual(lead);
    for (const table of ["channel_events", "reward_events"]) expect(await countOf(scene, table), table).toBe(0);
    // the answer is lost, the change is not
    expect((await move(losing("after the commit"))).status).toBe(503);
    await ok(move());
    expect(await getLead(scene, lead.id)).toMatchObject({ status: "Won" });
    for (const table of ["channel_events", "reward_events"]) expect(await countOf(scene, table), table).toBe(1);
    expect(await countOf(scene, "deliveries")).toBe(2);
  });

  it("a message that is not sent does not fail the call: the delivery is there for the sweep", async () => {
    const scene = await mintScene(HOOKS);
    vi.spyOn(console, "error").mockImplementation(() => {});
    const DELIVERY_QUEUE = { sendBatch: () => Promise.reject(new Error("away")) } as unknown as Queue;
    await ok(scene.call("create_lead", { channel_id: scene.channel.channel_id }, { DELIVERY_QUEUE }));
    expect(await countOf(scene, "deliveries")).toBe(1);
  });
});

it("one lead, every dialect: what one writes, the others read at once", async () => {
  const scene = await mintScene();
  const lead = await mintChannelLead(scene, { email: "one@example.com", first_name: "Ann", last_name: "Lee", company_name: "Acme" });
  const workspace = await mintWorkspace({ unit_id: "unit_default" }, scene.tenant);
  const wire = `lead_${lead.id.replaceAll("-", "")}`;
  expect(await workspace.get(wire)).toMatchObject({ name: "Ann Lee", email: "one@example.com", metadata: { company: "Acme" } });
  await workspace.put(wire, { name: "Bo Ray", phone: "+15550100999", source: "Fair", status: "qualified" });
  const expected = { first_name: "Bo", last_name: "Ray", phone: "+15550100999", source: "Fair", company_name: "Acme", status: "New lead" };
  expect(await getLead(scene, lead.id)).toMatchObject(expected);
  await ok(scene.call("update_lead", { lead_id: lead.id, email: "two@example.com", last_name: "Roe" }));
  expect(await workspace.get(wire)).toMatchObject({ name: "Bo Roe", email: "two@example.com", status: "qualified" });
  await importCsv(scene.client, "Email,Company\ntwo@example.com,Globex\n", {
    primary_identifier: { column: "Email", kind: "email" },
    field_mappings: { Company: "company" },
  });
  const flat = await ok<Lead[]>(scene.call("get_leads", { channel_id: scene.channel.channel_id }));
  expect(flat).toMatchObject([{ email: "two@example.com", company_name: "Globex", first_name: "Bo", last_name: "Roe" }]);
  const by = await scene.client.get("/lead/by-alias?value=two@example.com");
  expect(await by.json()).toMatchObject({ lead_id: `ld_${lead.id.replaceAll("-", "")}` });
  // a lead that the workspace dialect deletes is gone here
  expect((await workspace.client.call("DELETE", `/api/v1/leads/${wire}`)).status).toBe(200);
  expect(await refused(scene.call("get_lead_by_id", { lead_id: lead.id }), 404)).toEqual({ error: "Lead not found" });
  expect(await ok(scene.call("get_leads", { channel_id: scene.channel.channel_id }))).toEqual([]);
});

it("two keys of two companies write one lead at once: both land", async () => {
  const rival = await mintScene();
  const scene = await mintScene({ receiving: rival.tenant.company_id });
  const lead = await mintChannelLead(scene);
  const [a, b] = scene.channel.property_definitions.map(({ id }) => id);
  const other = await mintPartner(rival.tenant);
  await Promise.all([
    ok(scene.call("update_lead", { lead_id: lead.id, notes: "ours", properties: [{ property_definitions_id: a, value: 1 }] })),
    ok(other("update_lead", { lead_id: lead.id, source: "theirs", properties: [{ property_definitions_id: b, value: 2 }] })),
    ok(other("update_status", { lead_id: lead.id, status: "Won" })),
  ]);
  expect(await getLead(scene, lead.id)).toMatchObject({
    notes: "ours",
    source: "theirs",
    status: "Won",
    property_values: [{ value: "1" }, { value: "2" }],
  });
});

/** A database whose home unit's next statement of a kind waits; the directory works. */
function holding(kind: "prepare" | "batch"): { bindings: { DB: D1Database }; held: Promise<void>; release: () => void } {
  const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const wait = async () => {
    held.resolve();
    await release.promise;
  };
  const slow = (statement: D1PreparedStatement) => ({
    bind: (...values: unknown[]) => {
      const bound = statement.bind(...values);
      const all = bound.all.bind(bound);
      return kind === "batch" ? bound : Object.assign(bound, { all: () => wait().then(() => all()) });
    },
  });
  const DB = new Proxy(env.DB, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (key !== "withSession") return typeof value === "function" ? value.bind(target) : value;
      return (constraint?: string) => {
        const session = target.withSession(constraint);
        return {
          prepare: (text: string) => slow(session.prepare(text)),
          getBookmark: session.getBookmark.bind(session),
          batch: async (statements: D1PreparedStatement[]) => {
            if (kind === "batch") await wait();
            return session.batch(statements);
          },
        };
      };
    },
  });
  return { bindings: { DB }, held: held.promise, release: () => release.resolve() };
}

describe("two who put one lead into a channel at once", () => {
  const add = (channel_id: string, json: unknown, bindings: Partial<Env> = {}) =>
    ok<{ leads: { legacy_id: number | null }[]; refused: { reason: string }[] }>(
      operator.call("POST", `/admin/channels/${channel_id}/leads`, { json, bindings }),
    );

  it("two channels: one has it, and what it says is what every action says", async () => {
    const scene = await mintScene();
    const other = await mintChannel(scene.tenant);
    const id = await mintLead(scene.client, { email: "both@example.com" });
    const [early, late] = [holding("prepare"), holding("batch")];
    const first = add(other.channel_id, { lead_ids: [id] }, early.bindings);
    await early.held;
    const second = add(scene.channel.channel_id, { lead_ids: [id] }, late.bindings);
    await late.held;
    early.release();
    expect((await first).refused.map(({ reason }) => reason)).toEqual(["another channel has this lead"]);
    late.release();
    expect((await second).leads).toHaveLength(1);
    expect(await getLead(scene, uuid(id.replace("ld_", "")))).toMatchObject({ channels_id: scene.channel.channel_id });
  });

  it("two legacy ids: it gets one, and both callers learn which", async () => {
    const scene = await mintScene();
    const lead = await mintChannelLead(scene);
    const slow = holding("batch");
    const first = add(scene.channel.channel_id, { lead_ids: [lead.id], legacy_id: 71 }, slow.bindings);
    await slow.held;
    const second = await add(scene.channel.channel_id, { lead_ids: [lead.id], legacy_id: 72 });
    slow.release();
    expect([await first, second].map(({ leads }) => leads[0]?.legacy_id)).toEqual([72, 72]);
    expect(await ok(scene.call("get_lead_by_legacy_id", { legacy_id: 72 }))).toMatchObject({ lead: { id: lead.id } });
    await refused(scene.call("get_lead_by_legacy_id", { legacy_id: 71 }), 404);
  });
});

const uuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
