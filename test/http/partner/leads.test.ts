/** The partner dialect's leads: who may see them, what each action makes happen, and that it happens once. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Channel,
  getLead,
  type Lead,
  mintChannel,
  mintChannelLead,
  mintPartner,
  mintScene,
  ok,
  type Partner,
  partnerWith,
  refused,
  type Scene,
} from "../../support/channels";
import { tracesOf, unitKeyOf } from "../../support/context";
import { heldDeliveries } from "../../support/deliveries";
import { CONTACTS_MAPPING, importCsv } from "../../support/imports";
import { adminDelete, adminPost, mintClient, mintCredential, mintTenant, mintUnit, type Tenant } from "../../support/tenant";
import { countingD1, request } from "../../support/worker";
import { mintWorkspace } from "../../support/workspace";

const UNKNOWN = "0193f3a2-c7b0-7aa1-8000-c0ffee123456";
const HOOKS = {
  webhook_new_lead: "https://hooks.example.com/new",
  webhook_status_update: "https://hooks.example.com/status",
};
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const idOf = (channel: Channel, status: string): string => channel.lead_status.find((found) => found.status === status)?.id ?? "";
const trigger = (channel: Channel, json: Record<string, unknown>) =>
  adminPost<{ trigger_id: string }>(`/admin/channels/${channel.channel_id}/reward-triggers`, json);
const ADMIN = { Authorization: "Bearer test-admin-token" };
const adminGet = async <Answer>(path: string): Promise<Answer> => ok<Answer>(request(path, { headers: ADMIN }));
const rewardsOf = async ({ channel_id }: Channel) =>
  (
    await adminGet<{ reward_events: { amount: number; kind: string; lead_id: string; trigger_id: string; currency: string }[] }>(
      `/admin/channels/${channel_id}/reward-events`,
    )
  ).reward_events;
const eventsOf = async ({ channel_id }: Channel) =>
  (
    await adminGet<{ events: { category: string; lead_id: string; data: Record<string, unknown> }[] }>(
      `/admin/channels/${channel_id}/events`,
    )
  ).events;
const deliveriesOf = async ({ tenant }: Pick<Scene, "tenant">) => {
  const rows = await env.DB.prepare("SELECT event_type, payload FROM deliveries WHERE unit = ?1 ORDER BY created_at")
    .bind(await unitKeyOf(tenant))
    .all<{ event_type: string; payload: string }>();
  return rows.results.map(({ event_type, payload }) => ({
    event_type,
    data: (JSON.parse(payload) as { data: Record<string, unknown> }).data,
  }));
};

describe("access", () => {
  let home: Tenant;
  let channel: Channel;
  let lead: Lead;
  const companies = new Map<string, Tenant>();

  beforeAll(async () => {
    home = await mintTenant();
    for (const role of ["creator", "partner", "referring", "receiving"]) companies.set(role, await mintTenant());
    channel = await mintChannel(home, Object.fromEntries([...companies].map(([role, { company_id }]) => [role, company_id])));
    await trigger(channel, { kind: "purchase", amount_type: "fixed", amount: 1 });
    const creator = await mintPartner(companies.get("creator") as Tenant);
    lead = await mintChannelLead({ call: creator, channel }, { email: "seen@example.com" });
    await adminPost2(`/admin/channels/${channel.channel_id}/leads`, { lead_ids: [lead.id], legacy_id: 77_001 });
  });

  const adminPost2 = (path: string, json: unknown) =>
    ok(request(path, { method: "POST", headers: { ...ADMIN, "Content-Type": "application/json" }, body: JSON.stringify(json) }));

  /** Every action on this channel or its lead. */
  const actions = (): [string, Record<string, unknown>, "channel" | "lead"][] => [
    ["get_leads", { channel_id: channel.channel_id }, "channel"],
    ["create_lead", { channel_id: channel.channel_id, notes: "made" }, "channel"],
    ["get_lead_by_id", { lead_id: lead.id }, "lead"],
    ["get_lead_by_legacy_id", { legacy_id: 77_001 }, "lead"],
    ["update_lead", { lead_id: lead.id, notes: crypto.randomUUID() }, "lead"],
    ["update_status", { lead_id: lead.id, status: "Qualified" }, "lead"],
    ["update_status_id", { lead_id: lead.id, status_id: idOf(channel, "Won") }, "lead"],
    ["create_purchase", { lead_id: lead.id, purchase_amount: 5 }, "lead"],
  ];
  const WRITES = ["create_lead", "update_lead", "update_status", "update_status_id", "create_purchase"];

  it.each(["creator", "partner", "referring", "receiving"])("a company that is %s may do everything", async (role) => {
    const call = await mintPartner(companies.get(role) as Tenant);
    for (const [action, fields] of actions()) await ok(call(action, fields));
    const { channels } = await ok<{ channels: { id: string }[] }>(call("get_channels"));
    expect(channels.map(({ id }) => id)).toEqual([channel.channel_id]);
  });

  it("a key's home unit plays no part", async () => {
    const partner = companies.get("partner") as Tenant;
    const unit_id = await mintUnit(partner, "Elsewhere");
    const { api_key } = await mintCredential(partner.organization_id, { kind: "partner_key", unit_id });
    await ok(partnerWith(api_key)("get_lead_by_id", { lead_id: lead.id }));
  });

  it("a company without a role gets 403 for each, and sees no channel; so does the home organization", async () => {
    for (const tenant of [await mintTenant(), home]) {
      const call = await mintPartner(tenant);
      const before = await getLead({ call: await mintPartner(companies.get("creator") as Tenant) }, lead.id);
      for (const [action, fields, what] of actions()) {
        expect(await refused(call(action, fields), 403), action).toEqual({
          error: what === "lead" ? "Lead not accessible" : "Channel not accessible",
        });
      }
      expect(await ok(call("get_channels"))).toEqual({ channels: [] });
      expect(await getLead({ call: await mintPartner(companies.get("creator") as Tenant) }, lead.id)).toEqual(before);
    }
  });

  it("a viewer's key may read and nothing else", async () => {
    const call = await mintPartner(companies.get("partner") as Tenant, "viewer");
    for (const [action, fields] of actions()) {
      if (WRITES.includes(action))
        expect(await refused(call(action, fields), 403), action).toEqual({ error: "This API key may only read" });
      else await ok(call(action, fields));
    }
  });

  it("an editor's key may do everything", async () => {
    const call = await mintPartner(companies.get("partner") as Tenant, "editor");
    for (const [action, fields] of actions()) await ok(call(action, fields));
  });

  it("a revoked key may do nothing", async () => {
    const { organization_id } = companies.get("partner") as Tenant;
    const { api_key, credential_id } = await mintCredential(organization_id, { kind: "partner_key" });
    await adminDelete(`/admin/organizations/${organization_id}/credentials/${credential_id}`);
    for (const [action, fields] of actions())
      expect(await refused(partnerWith(api_key)(action, fields), 401)).toEqual({ error: "Invalid API key" });
  });

  it("ids that are malformed or nobody's get the contract's words", async () => {
    const call = await mintPartner(companies.get("creator") as Tenant);
    for (const bad of [undefined, null, "", "x", 5, [], {}]) {
      for (const action of ["get_leads", "create_lead", "lead_external"]) {
        expect(await refused(call(action, { channel_id: bad }), 400), action).toEqual({ error: "channel_id required" });
      }
      expect(await refused(call("get_lead_by_id", { lead_id: bad }), 400)).toEqual({ error: "lead_id (uuid) required" });
      expect(await refused(call("update_status", { lead_id: bad, status: "Won" }), 400)).toEqual({ error: "lead_id and status required" });
      expect(await refused(call("update_status_id", { lead_id: lead.id, status_id: bad }), 400)).toEqual({
        error: "lead_id and status_id required",
      });
      expect(await refused(call("create_purchase", { lead_id: bad }), 400)).toEqual({ error: "lead_id required" });
    }
    for (const bad of [undefined, null, "12345", 1.5, {}, 1e300]) {
      expect(await refused(call("get_lead_by_legacy_id", { legacy_id: bad }), 400)).toEqual({ error: "legacy_id (number) required" });
    }
    for (const action of ["get_leads", "create_lead"]) {
      expect(await refused(call(action, { channel_id: UNKNOWN }), 403)).toEqual({ error: "Channel not accessible" });
    }
    for (const [action, fields] of actions()) {
      if (fields.lead_id)
        expect(await refused(call(action, { ...fields, lead_id: UNKNOWN }), 404), action).toEqual({ error: "Lead not found" });
    }
    expect(await refused(call("get_lead_by_legacy_id", { legacy_id: 1 }), 404)).toEqual({ error: "Lead not found" });
  });

  it("a lead without a channel does not exist here, nor does a deleted one, which leaves no trace in its unit", async () => {
    const call = await mintPartner(home);
    const own = await mintChannel(home, HOOKS);
    await home.client.post("/leads/import/preview");
    await importCsv(home.client, "Email\nfree@example.com\n", { primary_identifier: { column: "Email", kind: "email" } });
    const found = await (await home.client.get("/lead/by-alias?value=free@example.com")).json<{ lead_id: string }>();
    const hex = found.lead_id.replace("ld_", "");
    const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    expect(await refused(call("get_lead_by_id", { lead_id: uuid }), 404)).toEqual({ error: "Lead not found" });
    await trigger(own, { kind: "new_lead", amount_type: "fixed", amount: 1 });
    const made = await mintChannelLead({ call, channel: own }, { email: "made@example.com" });
    await ok(call("update_status", { lead_id: made.id, status: "Won" }));
    await ok(call("create_purchase", { lead_id: made.id, purchase_amount: 5 }));
    const unit = await unitKeyOf(home);
    const traces = await tracesOf(unit, made.id.replaceAll("-", ""));
    expect(traces).toMatchObject({ channel_leads: 1, purchases: 1, channel_events: 2, reward_events: 1 });
    const { deleteLead } = await import("../../../src/core/erasure");
    const { openSystem } = await import("../../../src/open-context");
    await deleteLead(await openSystem(env, unit, "req_test"), made.id.replaceAll("-", ""));
    expect(await tracesOf(unit, made.id.replaceAll("-", ""))).toEqual({ change_log: 3 });
    for (const action of ["get_lead_by_id", "update_lead", "update_status", "create_purchase"]) {
      expect(await refused(call(action, { lead_id: made.id, notes: "x", status: "Qualified" }), 404), action).toEqual({
        error: "Lead not found",
      });
    }
    expect(await rewardsOf(own)).toEqual([]);
  });

  it("an archived channel is no longer accessible, until it is taken back", async () => {
    const tenant = await mintTenant();
    const call = await mintPartner(tenant);
    const own = await mintChannel(tenant, { no_auth_api: true });
    const made = await mintChannelLead({ call, channel: own });
    expect(await adminDelete(`/admin/channels/${own.channel_id}`)).toBe(204);
    expect(await refused(call("get_lead_by_id", { lead_id: made.id }), 403)).toEqual({ error: "Lead not accessible" });
    expect(await refused(call("get_leads", { channel_id: own.channel_id }), 403)).toEqual({ error: "Channel not accessible" });
    expect(await refused(partnerWith(null)("lead_external", { channel_id: own.channel_id }), 404)).toEqual({ error: "Channel not found" });
    expect(await ok(call("get_channels"))).toEqual({ channels: [] });
    const back = { method: "PUT", headers: { ...ADMIN, "Content-Type": "application/json" }, body: '{"archived":false}' };
    await ok(request(`/admin/channels/${own.channel_id}`, back));
    expect(await getLead({ call }, made.id)).toEqual(made);
  });
});

describe("get_channels", () => {
  it("shows a channel as the contract has it: active definitions, statuses by order", async () => {
    const { call, channel, tenant } = await mintScene({
      currency: "EUR",
      property_definitions: [
        { name: "B", order: 2, visible: false },
        { name: "A", type: "number", order: 1 },
        { name: "Off", active: false },
      ],
      lead_status: [
        { status: "Second", order: 2, visible: false },
        { status: "First", order: 1, color: "#F59E0B" },
      ],
    });
    const { channels } = await ok<{ channels: unknown[] }>(call("get_channels"));
    expect(channels).toEqual([
      {
        id: channel.channel_id,
        title: "Referrals",
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        creator: tenant.company_id,
        partner_companies_id: null,
        referring_id: null,
        receiving_id: null,
        currency: "EUR",
        no_auth_api: false,
        property_definitions: [
          { id: expect.any(String), name: "A", type: "number", order: 1, visible: true },
          { id: expect.any(String), name: "B", type: "text", order: 2, visible: false },
        ],
        lead_status: [
          { id: expect.any(String), status: "First", order: 1, visible: true, color: "#F59E0B" },
          { id: expect.any(String), status: "Second", order: 2, visible: false, color: "#3B82F6" },
        ],
      },
    ]);
    const { lead_status } = await mintChannelLead({ call, channel });
    expect(lead_status.status).toBe("First");
  });
});

describe("get_leads", () => {
  it("is the newest hundred, newest first, values by their definitions' names, in two round trips", async () => {
    const scene = await mintScene({
      property_definitions: [{ name: "Deal size" }, { name: "email" }, { name: "status" }, { name: "__proto__" }, { name: "1" }],
    });
    const { call, channel } = scene;
    const [size, email, status, proto] = channel.property_definitions.map(({ id }) => id);
    const made: Lead[] = [];
    for (let n = 0; n < 103; n++) {
      const properties = [size, email, status, proto].map((property_definitions_id) => ({ property_definitions_id, value: n }));
      made.push(await mintChannelLead(scene, { email: `p${n}@example.com`, properties: n % 2 ? properties : [] }));
    }
    const { DB, count } = countingD1();
    const leads = await ok<Record<string, unknown>[]>(call("get_leads", { channel_id: channel.channel_id }, { DB }));
    expect([leads.length, count.trips]).toEqual([100, 2]);
    expect(count.rowsRead).toBeLessThan(230);
    expect(leads.map(({ id }) => id)).toEqual(
      made
        .map(({ id }) => id)
        .reverse()
        .slice(0, 100),
    );
    const [newest, before] = leads;
    expect(newest).toEqual({
      id: made[102]?.id,
      email: "p102@example.com",
      first_name: null,
      last_name: null,
      phone: null,
      company_name: null,
      source: null,
      referring_employee: null,
      business_id: null,
      notes: null,
      created_at: made[102]?.created_at,
      status: "New lead",
      "Deal size": null,
      1: null,
      ["__proto__"]: null,
    });
    expect([before?.email, before?.status, before?.["Deal size"], Object.getOwnPropertyDescriptor(before, "__proto__")?.value]).toEqual([
      "p101@example.com",
      "New lead",
      "101",
      "101",
    ]);
  });

  it("a definition that is switched off shows the values it has, and no column where it has none", async () => {
    const scene = await mintScene();
    const [size] = scene.channel.property_definitions;
    await mintChannelLead(scene, { notes: "without" });
    await mintChannelLead(scene, { notes: "with", properties: [{ property_definitions_id: size?.id, value: 5 }] });
    const body = JSON.stringify({ property_definitions: [{ id: size?.id, active: false }] });
    await ok(
      request(`/admin/channels/${scene.channel.channel_id}`, {
        method: "PUT",
        headers: { ...ADMIN, "Content-Type": "application/json" },
        body,
      }),
    );
    const leads = await ok<Record<string, unknown>[]>(scene.call("get_leads", { channel_id: scene.channel.channel_id }));
    expect(leads.map((lead) => [lead.notes, "Deal size" in lead])).toEqual([
      ["with", true],
      ["without", false],
    ]);
  });
});

describe("legacy ids", () => {
  it("a lead that was imported comes into a channel with the id that its profile holds, and is found by it", async () => {
    const scene = await mintScene();
    const { client, call, channel } = scene;
    await client.post("/profile-fields", { name: "legacy_id" });
    await importCsv(client, "Email,First Name,Phone,Old\na@example.com,Ann,,12345\nb@example.com,Bob,,x-1\nc@example.com,Cy,,12345\n", {
      ...CONTACTS_MAPPING,
      field_mappings: { "First Name": "first_name", Old: "legacy_id" },
    });
    const aliases = ["a", "b", "c", "nobody"].map((name) => ({ kind: "email", value: `${name}@example.com` }));
    const add = async () =>
      ok<{ leads: { id: string; legacy_id: number | null; added: boolean }[]; refused: { named: string; reason: string }[] }>(
        request(`/admin/channels/${channel.channel_id}/leads`, {
          method: "POST",
          headers: { ...ADMIN, "Content-Type": "application/json" },
          body: JSON.stringify({ aliases }),
        }),
      );
    const first = await add();
    expect(first.leads.map(({ legacy_id, added }) => [legacy_id, added])).toEqual([
      [12345, true],
      [null, true],
    ]);
    expect(first.refused.map(({ reason }) => reason)).toEqual([
      "no lead of the home unit",
      "another lead of the home unit has the legacy id 12345",
    ]);
    expect((await add()).leads.map(({ added }) => added)).toEqual([false, false]);
    const { lead } = await ok<{ lead: Lead & { legacy_id: number; employee: null } }>(call("get_lead_by_legacy_id", { legacy_id: 12345 }));
    expect(lead).toMatchObject({
      id: first.leads[0]?.id,
      legacy_id: 12345,
      email: "a@example.com",
      first_name: "Ann",
      employee: null,
      status: "New lead",
    });
    expect(await getLead(scene, lead.id)).toMatchObject({ email: "a@example.com" });
    expect((await deliveriesOf(scene)).length).toBe(0);
  });

  describe("of a lead that is in its channel already", () => {
    const find = ({ call }: Scene, legacy_id: number) => call("get_lead_by_legacy_id", { legacy_id });
    const idUnder = async (scene: Scene, legacy_id: number) => (await ok<{ lead: Lead }>(find(scene, legacy_id))).lead.id;
    const importId = async ({ client }: Scene, id: string) => {
      await client.post("/profile-fields", { name: "legacy_id" });
      await importCsv(client, `Email,Old\nold@example.com,${id}\n`, {
        primary_identifier: { column: "Email", kind: "email" },
        field_mappings: { Old: "legacy_id" },
      });
    };
    const patch = ({ client }: Scene, legacy_id: unknown) =>
      client.patch("/lead/by-alias/metadata", { alias_value: "old@example.com", attributes: { legacy_id } });
    const putInWorkspace = async ({ tenant }: Scene, lead: Lead, legacy_id: unknown) => {
      const workspace = await mintWorkspace({ unit_id: "unit_default" }, tenant);
      await workspace.put(`lead_${lead.id.replaceAll("-", "")}`, { metadata: { legacy_id } });
    };

    it.each([
      ["an import", (scene: Scene) => importId(scene, "20501")],
      ["a patch", (scene: Scene) => patch(scene, 20501)],
      ["a patch with a text", (scene: Scene) => patch(scene, " 20501 ")],
      ["a workspace PUT", (scene: Scene, lead: Lead) => putInWorkspace(scene, lead, "20501")],
    ])("%s gives it at once, and a correction replaces it", async (_, give) => {
      const scene = await mintScene();
      const lead = await mintChannelLead(scene, { email: "old@example.com" });
      expect(await refused(find(scene, 20501), 404)).toEqual({ error: "Lead not found" });
      await give(scene, lead);
      expect(await idUnder(scene, 20501)).toBe(lead.id);
      await importId(scene, "20502");
      expect(await idUnder(scene, 20502)).toBe(lead.id);
      await putInWorkspace(scene, lead, 20503);
      expect(await idUnder(scene, 20503)).toBe(lead.id);
      for (const former of [20501, 20502]) expect(await refused(find(scene, former), 404)).toEqual({ error: "Lead not found" });
      const stranger = await mintScene();
      expect(await refused(find(stranger, 20503), 404)).toEqual({ error: "Lead not found" });
    });

    it("never takes it from another lead, nor from what is no whole number", async () => {
      const scene = await mintScene();
      const owner = await mintChannelLead(scene, { email: "owner@example.com" });
      await scene.client.patch("/lead/by-alias/metadata", { alias_value: "owner@example.com", attributes: { legacy_id: 20601 } });
      const lead = await mintChannelLead(scene, { email: "old@example.com" });
      for (const value of [20601, "20601", "x20602", 1.5, null, { id: 20602 }, "", "99999999999999999"]) {
        expect((await patch(scene, value)).status).toBe(200);
        expect(await idUnder(scene, 20601)).toBe(owner.id);
        expect(await refused(find(scene, 20602), 404)).toEqual({ error: "Lead not found" });
      }
      await patch(scene, 20602);
      expect(await idUnder(scene, 20602)).toBe(lead.id);
    });

    it("costs no written row where a profile is written without one", async () => {
      const scene = await mintScene();
      await mintChannelLead(scene, { email: "old@example.com" });
      const { DB, count } = countingD1();
      const written = async (attributes: Record<string, unknown>) => {
        count.rowsWritten = 0;
        await scene.client.patch("/lead/by-alias/metadata", { alias_value: "old@example.com", attributes }, { bindings: { DB } });
        return count.rowsWritten;
      };
      const plain = await written({ a: 1 });
      expect(await written({ legacy_id: 20701 })).toBeLessThanOrEqual(plain + 3);
      expect(await written({ legacy_id: 20701, a: 2 })).toBe(plain);
    });
  });

  it("is found however many others' leads have the id, and older", async () => {
    const stranger = await mintScene();
    await env.DB.prepare(
      `INSERT INTO lead_directory (lead_id, channel_id, legacy_id)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150) SELECT printf('%032x', i), ?1, 31337 FROM n`,
    )
      .bind(stranger.channel.channel_id)
      .run();
    const scene = await mintScene();
    expect(await refused(scene.call("get_lead_by_legacy_id", { legacy_id: 31337 }), 403)).toEqual({ error: "Lead not accessible" });
    const own = await mintChannelLead(scene);
    await ok(
      request(`/admin/channels/${scene.channel.channel_id}/leads`, {
        method: "POST",
        headers: { ...ADMIN, "Content-Type": "application/json" },
        body: JSON.stringify({ lead_ids: [own.id], legacy_id: 31337 }),
      }),
    );
    expect(await ok(scene.call("get_lead_by_legacy_id", { legacy_id: 31337 }))).toMatchObject({ lead: { id: own.id } });
  });

  it("are each unit's own: of two that a company may see, the oldest is returned, and another company sees its own", async () => {
    const a = await mintScene();
    const b = await mintScene({ partner: a.tenant.company_id });
    const leads = [];
    for (const scene of [b, a]) {
      const lead = await mintChannelLead(scene, { email: "x@example.com" });
      const body = JSON.stringify({ lead_ids: [lead.id], legacy_id: 9 });
      await ok(
        request(`/admin/channels/${scene.channel.channel_id}/leads`, {
          method: "POST",
          headers: { ...ADMIN, "Content-Type": "application/json" },
          body,
        }),
      );
      leads.push(lead.id);
    }
    const find = async ({ call }: Scene) => (await ok<{ lead: Lead }>(call("get_lead_by_legacy_id", { legacy_id: 9 }))).lead.id;
    expect([await find(a), await find(b)]).toEqual([leads[0], leads[0]]);
    const stranger = await mintScene();
    expect(await refused(stranger.call("get_lead_by_legacy_id", { legacy_id: 9 }), 403)).toEqual({ error: "Lead not accessible" });
  });
});

describe("what happens beside", () => {
  let scene: Scene;
  let fixed: string;
  let percentage: string;
  beforeAll(async () => {
    scene = await mintScene({ ...HOOKS, no_auth_api: true, currency: "EUR" });
    const { channel } = scene;
    await trigger(channel, { kind: "new_lead", amount_type: "fixed", amount: 10 });
    await trigger(channel, { kind: "new_lead", amount_type: "fixed", amount: 0 });
    await trigger(channel, { kind: "new_lead", amount_type: "fixed", amount: 99, active: false });
    await trigger(channel, { kind: "status_change", amount_type: "fixed", amount: 20, status_id: idOf(channel, "Won") });
    await trigger(channel, { kind: "status_change", amount_type: "fixed", amount: 1 });
    fixed = (await trigger(channel, { kind: "purchase", amount_type: "fixed", amount: 5 })).trigger_id;
    percentage = (await trigger(channel, { kind: "purchase", amount_type: "percentage", amount: 12.5 })).trigger_id;
  });

  /** What an action leaves behind: kinds of rewards with their amounts, categories of events, types of deliveries. */
  async function beside(act: () => Promise<unknown>) {
    const state = async () => ({
      rewards: (await rewardsOf(scene.channel)).map(({ kind, amount }) => `${kind} ${amount}`).reverse(),
      events: (await eventsOf(scene.channel)).map(({ category }) => category).reverse(),
      deliveries: (await deliveriesOf(scene)).map(({ event_type }) => event_type),
    });
    const before = await state();
    await act();
    const after = await state();
    return {
      rewards: after.rewards.slice(before.rewards.length).sort(),
      events: after.events.slice(before.events.length),
      deliveries: after.deliveries.slice(before.deliveries.length),
    };
  }
  const NOTHING = { rewards: [], events: [], deliveries: [] };

  it("create_lead: the reward and the webhook of a new lead, and its message at once", async () => {
    const queue = heldDeliveries();
    const made = await beside(async () => {
      const { channel_id } = scene.channel;
      await ok(scene.call("create_lead", { channel_id, email: "n1@example.com" }, { DELIVERY_QUEUE: queue.DELIVERY_QUEUE }));
    });
    expect(made).toEqual({ rewards: ["new_lead 10"], events: [], deliveries: ["channel.new_lead"] });
    expect(queue.sent.length).toBe(1);
    expect((await deliveriesOf(scene)).at(-1)?.data).toMatchObject({
      channel_id: scene.channel.channel_id,
      channel_title: "Referrals",
      status: "New lead",
      lead: { email: "n1@example.com", status: "New lead", property_values: [] },
    });
    expect((await rewardsOf(scene.channel))[0]).toMatchObject({ kind: "new_lead", amount: 10, currency: "EUR" });
  });

  it("lead_external: the reward, no webhook", async () => {
    const made = await beside(() => ok(partnerWith(null)("lead_external", { channel_id: scene.channel.channel_id, first_name: "Form" })));
    expect(made).toEqual({ rewards: ["new_lead 10"], events: [], deliveries: [] });
  });

  it("update_lead: nothing, whatever it changes", async () => {
    const lead = await mintChannelLead(scene);
    const properties = scene.channel.property_definitions.map(({ id }) => ({ property_definitions_id: id, value: 1 }));
    const made = await beside(async () => {
      await ok(scene.call("update_lead", { lead_id: lead.id, email: "u@example.com", notes: "x", status: "Won", properties }));
    });
    expect(made).toEqual(NOTHING);
    expect(await getLead(scene, lead.id)).toMatchObject({ status: "New lead" });
    const tables = await tracesOf(await unitKeyOf(scene.tenant), lead.id.replaceAll("-", ""));
    expect(Object.keys(tables)).not.toContain("events");
  });

  it("reading: nothing", async () => {
    const lead = await mintChannelLead(scene);
    const made = await beside(async () => {
      await ok(scene.call("get_channels"));
      await ok(scene.call("get_leads", { channel_id: scene.channel.channel_id }));
      await getLead(scene, lead.id);
    });
    expect(made).toEqual(NOTHING);
  });

  it.each(["update_status", "update_status_id"])(
    "%s: the event, the rewards of the new status, the webhook; nothing when it stands there",
    async (action) => {
      const lead = await mintChannelLead(scene);
      const to = (status: string) => ({
        lead_id: lead.id,
        ...(action === "update_status"
          ? { status, old_status_id: lead.lead_status_id }
          : { status_id: idOf(scene.channel, status).toUpperCase() }),
      });
      const won = await beside(async () => {
        const { lead: moved } = await ok<{ lead: Lead }>(scene.call(action, to("Won")));
        expect(moved).toEqual({
          id: lead.id,
          created_at: lead.created_at,
          email: null,
          first_name: null,
          last_name: null,
          status: "Won",
          lead_status_id: idOf(scene.channel, "Won"),
          channels_id: scene.channel.channel_id,
        });
      });
      expect(won).toEqual({ rewards: ["status_change 1", "status_change 20"], events: ["status"], deliveries: ["channel.status_update"] });
      expect((await deliveriesOf(scene)).at(-1)?.data).toMatchObject({ status: "Won", lead: { id: lead.id, status: "Won" } });
      expect((await eventsOf(scene.channel))[0]).toMatchObject({ lead_id: lead.id, data: { status: "Won", old_status: "New lead" } });
      expect(await beside(() => ok(scene.call(action, to("Won"))))).toEqual(NOTHING);
      expect(await beside(() => ok(scene.call(action, to("Qualified"))))).toMatchObject({
        rewards: ["status_change 1"],
        events: ["status"],
      });
      expect(await getLead(scene, lead.id)).toMatchObject({
        status: "Qualified",
        lead_status: { id: idOf(scene.channel, "Qualified"), status: "Qualified" },
      });
    },
  );

  it("a status is found by its exact name and on its own channel only", async () => {
    const lead = await mintChannelLead(scene);
    const elsewhere = await mintChannel(scene.tenant);
    for (const status of ["won", "Won ", "nothing", 'a "quoted" one']) {
      expect(await refused(scene.call("update_status", { lead_id: lead.id, status }), 404)).toEqual({
        error: `Status "${status}" not found for this channel`,
      });
    }
    for (const status_id of [UNKNOWN, idOf(elsewhere, "Won")]) {
      expect(await refused(scene.call("update_status_id", { lead_id: lead.id, status_id }), 404)).toEqual({ error: "Status ID not found" });
    }
    expect(await getLead(scene, lead.id)).toEqual(lead);
  });

  it("many who ask for one change at once make it once", async () => {
    const lead = await mintChannelLead(scene);
    const made = await beside(() =>
      Promise.all(Array.from({ length: 8 }, () => ok(scene.call("update_status", { lead_id: lead.id, status: "Won" })))),
    );
    expect(made).toEqual({ rewards: ["status_change 1", "status_change 20"], events: ["status"], deliveries: ["channel.status_update"] });
  });

  it("create_purchase: the event and the rewards of the purchase", async () => {
    const lead = await mintChannelLead(scene);
    const fields = {
      lead_id: lead.id,
      purchase_amount: 99.99,
      product_name: "Plan",
      product_description: "A year",
      date: "2026-01-02T03:04:05Z",
    };
    let purchase: Record<string, unknown> = {};
    const made = await beside(async () => {
      ({ purchase } = await ok<{ purchase: Record<string, unknown> }>(scene.call("create_purchase", fields)));
    });
    expect(purchase).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      created_at: expect.any(String),
      leads_id: lead.id,
      purchase_amount: 99.99,
      name: "Plan",
      description: "A year",
      date: "2026-01-02T03:04:05.000Z",
    });
    expect(made).toEqual({ rewards: ["purchase 12.5", "purchase 5"], events: ["purchase"], deliveries: [] });
    expect(await beside(() => ok(scene.call("create_purchase", { lead_id: lead.id })))).toMatchObject({ rewards: ["purchase 5"] });
    const named = { lead_id: lead.id, purchase_amount: 80, trigger_ids: [percentage] };
    expect(await beside(() => ok(scene.call("create_purchase", named)))).toMatchObject({ rewards: ["purchase 10"] });
    expect(await beside(() => ok(scene.call("create_purchase", { ...named, trigger_ids: [] })))).toMatchObject({
      rewards: [],
      events: ["purchase"],
    });
    expect(await beside(() => ok(scene.call("create_purchase", { ...named, purchase_amount: -80 })))).toMatchObject({ rewards: [] });
    const { DB, count } = countingD1();
    await ok(scene.call("create_purchase", fields, { DB }));
    expect(count.trips).toBe(2);
  });

  it("a purchase that is wrong records nothing", async () => {
    const lead = await mintChannelLead(scene);
    const other = await mintChannel(scene.tenant);
    const foreign = await trigger(other, { kind: "purchase", amount_type: "fixed", amount: 5 });
    const off = await trigger(scene.channel, { kind: "purchase", amount_type: "fixed", amount: 5, active: false });
    const made = await beside(async () => {
      for (const id of [foreign.trigger_id, off.trigger_id, UNKNOWN, "x"]) {
        const { error } = await refused(scene.call("create_purchase", { lead_id: lead.id, trigger_ids: [fixed, id] }), 400);
        expect(error).toBe(`trigger_ids: not an active purchase trigger of this channel: ${id}`);
      }
      for (const fields of [
        { purchase_amount: "5" },
        { purchase_amount: 1e308 },
        { purchase_amount: -1e308 },
        { product_name: "x".repeat(1001) },
        { product_description: "x".repeat(100_001) },
        { date: "yesterday" },
        { date: {} },
        { trigger_ids: "x" },
        { trigger_ids: [5] },
        { product_name: 5 },
      ]) {
        const { error } = await refused(scene.call("create_purchase", { lead_id: lead.id, ...fields }), 400);
        expect(error).toMatch(new RegExp(`^${Object.keys(fields)[0]}(\\.0)?: must be`));
      }
    });
    expect(made).toEqual(NOTHING);
  });

  it("the webhook arrives signed with the secret that was shown once", async () => {
    const { Webhook } = await import("standardwebhooks");
    const { nudge, receiver } = await import("../../support/deliveries");
    const queue = heldDeliveries();
    const { channel_id } = scene.channel;
    await ok(scene.call("create_lead", { channel_id, email: "hook@example.com" }, { DELIVERY_QUEUE: queue.DELIVERY_QUEUE }));
    const received = receiver();
    await nudge(queue.sent);
    vi.unstubAllGlobals();
    expect(received.map(({ url }) => url)).toEqual([HOOKS.webhook_new_lead]);
    const secret = scene.channel.signing_secrets.webhook_new_lead ?? "";
    const headers = Object.fromEntries(received[0]?.headers ?? []);
    expect(new Webhook(secret).verify(received[0]?.body ?? "", headers)).toMatchObject({ type: "channel.new_lead" });
  });
});

describe("create_lead", () => {
  it("a second lead with an email that another has is created; the email stays where it is, and every dialect says so", async () => {
    const scene = await mintScene();
    const first = await mintChannelLead(scene, { email: "same@example.com", phone: "+15550100999", employee: "Old Name" });
    const second = await mintChannelLead(scene, { email: "Same@example.com", employee: "Old", referring_employee: "New" });
    expect([first.id === second.id, second.email, (first as unknown as Record<string, unknown>).referring_employee]).toEqual([
      false,
      "Same@example.com",
      "Old Name",
    ]);
    expect((second as unknown as Record<string, unknown>).referring_employee).toBe("New");
    for (const query of ["value=same@example.com", "kind=phone&value=%2B15550100999"]) {
      const found = await scene.client.get(`/lead/by-alias?${query}`);
      expect(await found.json()).toMatchObject({
        lead_id: `ld_${first.id.replaceAll("-", "")}`,
        metadata: { referring_employee: "Old Name" },
      });
    }
    const conflicts = await env.DB.prepare("SELECT value, source FROM alias_conflicts WHERE unit = ?1")
      .bind(await unitKeyOf(scene.tenant))
      .all();
    expect(conflicts.results).toEqual([{ value: "same@example.com", source: "partner" }]);
  });

  it("needs no field, takes an empty email as missing, and leaves nothing when it is refused", async () => {
    const scene = await mintScene();
    await mintChannelLead(scene);
    expect(await mintChannelLead(scene, { email: "", phone: " ", notes: null })).toMatchObject({ email: null, phone: null, notes: null });
    const bad = [
      { email: "nonsense" },
      { phone: "abc" },
      { email: 5 },
      { properties: [{ property_definitions_id: UNKNOWN, value: 1 }] },
      { properties: "x" },
    ];
    for (const fields of bad) await refused(scene.call("create_lead", { channel_id: scene.channel.channel_id, ...fields }), 400);
    await refused(scene.call("create_lead", { channel_id: scene.channel.channel_id, notes: "x".repeat(300_000) }), 413);
    expect((await ok<unknown[]>(scene.call("get_leads", { channel_id: scene.channel.channel_id }))).length).toBe(2);
    const rows = await env.DB.prepare("SELECT count(*) AS n FROM lead_directory WHERE channel_id = ?1")
      .bind(scene.channel.channel_id)
      .first("n");
    expect(rows).toBe(2);
  });

  it("takes three round trips", async () => {
    const scene = await mintScene();
    await ok(scene.call("get_channels"));
    const { DB, count } = countingD1();
    await ok(scene.call("create_lead", { channel_id: scene.channel.channel_id, email: "cost@example.com" }, { DB }));
    // in the directory one; lead, alias, a word of its email, the count, the log; what the channel knows of it and the index of that
    expect([count.trips, count.rowsWritten]).toEqual([3, 8]);
  });

  it("what another dialect writes is seen at once", async () => {
    const scene = await mintScene();
    const lead = await mintChannelLead(scene, { email: "parity@example.com" });
    await scene.client.patch("/lead/by-alias/metadata", {
      alias_value: "parity@example.com",
      attributes: { company: "Acme", source: 5, notes: { a: 1 }, business_id: true },
    });
    expect(await getLead(scene, lead.id)).toMatchObject({ company_name: "Acme", source: "5", notes: '{"a":1}', business_id: "true" });
  });
});

describe("lead_external", () => {
  const external = partnerWith(null);
  /** Its own address for each test, as each is limited. */
  const from =
    (address: string, headers: Record<string, string> = {}) =>
    (fields: Record<string, unknown>, bindings: Partial<Env> = {}) =>
      request(
        "/partner",
        {
          method: "POST",
          headers: { "CF-Connecting-IP": address, ...headers },
          body: JSON.stringify({ action: "lead_external", ...fields }),
        },
        bindings,
      );

  it("creates a lead by either id of the channel, without a key, and tells nothing of the channel", async () => {
    const scene = await mintScene({ no_auth_api: true });
    const [size] = scene.channel.property_definitions;
    for (const channel_id of [scene.channel.channel_id, scene.channel.public_id, scene.channel.public_id.toUpperCase()]) {
      const fields = {
        channel_id,
        email: `e${Math.random()}@example.com`,
        employee: "Sam",
        properties: [{ property_definitions_id: size?.id, value: 7 }],
      };
      const { lead } = await ok<{ lead: Lead }>(external("lead_external", fields));
      expect(lead).toMatchObject({ email: fields.email, referring_employee: "Sam", status: "New lead" });
      expect(JSON.stringify(lead)).not.toContain(scene.channel.channel_id);
      expect(await getLead(scene, lead.id)).toMatchObject({ email: fields.email, property_values: [{ value: "7" }], status: "New lead" });
    }
    // a key that is wrong is none
    await ok(partnerWith("wrong")("lead_external", { channel_id: scene.channel.channel_id }));
  });

  it("a channel that does not allow it is 403, an unknown one is 404", async () => {
    const scene = await mintScene();
    for (const channel_id of [scene.channel.channel_id, scene.channel.public_id]) {
      expect(await refused(external("lead_external", { channel_id }), 403)).toEqual({ error: "Public API not enabled for this channel" });
    }
    expect(await refused(external("lead_external", { channel_id: UNKNOWN }), 404)).toEqual({ error: "Channel not found" });
    expect(await refused(external("lead_external"), 400)).toEqual({ error: "channel_id required" });
    expect(await ok(scene.call("get_leads", { channel_id: scene.channel.channel_id }))).toEqual([]);
  });

  it("an address may send so many to a channel in a minute, another address and another channel are not slowed", async () => {
    const { channel } = await mintScene({ no_auth_api: true });
    const send = from("192.0.2.1");
    const answers: Response[] = [];
    // windows are the clock's: at most two of them are met
    while (answers.length < 61 && answers.at(-1)?.status !== 429) answers.push(await send({ channel_id: channel.channel_id }));
    const last = answers.at(-1) as Response;
    expect(last.headers.get("Retry-After")).toBe("60");
    expect(await refused(last, 429)).toEqual({ error: "Rate limit exceeded" });
    expect(answers.length).toBeGreaterThan(30);
    await ok(from("192.0.2.2")({ channel_id: channel.channel_id }));
    const other = await mintScene({ no_auth_api: true });
    await ok(send({ channel_id: other.channel.channel_id }));
  });

  it("addresses of one IPv6 /64 are one address", async () => {
    const { channel } = await mintScene({ no_auth_api: true });
    const keys = new Set<string>();
    const limit = async ({ key }: { key: string }) => ({ success: Boolean(keys.add(key)) });
    const PUBLIC_LEADS_LIMIT = { limit } as unknown as RateLimit;
    for (const address of ["2001:db8:1:2::7", "2001:DB8:1:2:ffff::1", "2001:db8:1:3::7"]) {
      await ok(from(address)({ channel_id: channel.channel_id }, { PUBLIC_LEADS_LIMIT }));
    }
    expect(keys.size).toBe(2);
  });

  it("a channel's two ids have one limit", async () => {
    const { channel } = await mintScene({ no_auth_api: true });
    const taken = new Map<string, number>();
    const limit = async ({ key }: { key: string }) => {
      taken.set(key, (taken.get(key) ?? 0) + 1);
      return { success: (taken.get(key) ?? 0) <= 2 };
    };
    const PUBLIC_LEADS_LIMIT = { limit } as unknown as RateLimit;
    const send = (channel_id: string) => from("192.0.2.7")({ channel_id }, { PUBLIC_LEADS_LIMIT });
    await ok(send(channel.channel_id));
    await ok(send(channel.public_id));
    expect(await refused(send(channel.public_id.toUpperCase()), 429)).toEqual({ error: "Rate limit exceeded" });
  });

  it("a limit that is unavailable stops nobody", async () => {
    const { channel } = await mintScene({ no_auth_api: true });
    const PUBLIC_LEADS_LIMIT = { limit: () => Promise.reject(new Error("away")) } as unknown as RateLimit;
    vi.spyOn(console, "error").mockImplementation(() => {});
    await ok(from("192.0.2.9")({ channel_id: channel.channel_id }, { PUBLIC_LEADS_LIMIT }));
  });

  it("a body over 8 KB is 413, with a key and without", async () => {
    const { channel, call } = await mintScene({ no_auth_api: true });
    const fields = { channel_id: channel.channel_id, notes: "x".repeat(8 * 1024) };
    for (const send of [external, call])
      expect(await refused(send("lead_external", fields), 413)).toEqual({ error: "Request body over 8 KB" });
  });

  it("any page's form may send it, none may send a key", async () => {
    const { channel } = await mintScene({ no_auth_api: true });
    const Origin = "https://somebody.example.net";
    for (const path of ["/partner", "/functions/v1/keen-api"]) {
      const preflight = await request(path, {
        method: "OPTIONS",
        headers: { Origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type" },
      });
      const allowed = ["Origin", "Methods", "Headers", "Credentials"].map((name) => preflight.headers.get(`Access-Control-Allow-${name}`));
      expect([preflight.status, ...allowed]).toEqual([204, "*", "POST", "Content-Type, Idempotency-Key", null]);
    }
    const answer = await from("192.0.2.3", { Origin, "Content-Type": "text/plain" })({ channel_id: channel.channel_id });
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([200, "*"]);
    const refusal = await from("192.0.2.3", { Origin })({ channel_id: UNKNOWN });
    expect([refusal.status, refusal.headers.get("Access-Control-Allow-Origin")]).toEqual([404, "*"]);
    const listed = await from("192.0.2.3", { Origin: "https://app.example.com" })({ channel_id: channel.channel_id });
    expect([listed.headers.get("Access-Control-Allow-Origin"), listed.headers.get("Access-Control-Allow-Credentials")]).toEqual([
      "https://app.example.com",
      "true",
    ]);
    const keyed = await request("/partner", { method: "POST", headers: { Origin, "X-Api-Key": "x" }, body: '{"action":"get_channels"}' });
    expect([keyed.status, keyed.headers.get("Access-Control-Allow-Origin")]).toEqual([401, null]);
  });
});

describe("a home unit in the second database", () => {
  it("has its channels in the directory and their leads where its leads are", async () => {
    const tenant = await mintTenant();
    await env.DB.prepare("UPDATE org_units SET shard = 1 WHERE workspace_id = ?1").bind(tenant.workspace_id).run();
    const channel = await mintChannel(tenant, HOOKS);
    const call: Partner = await mintPartner(tenant);
    const client = await mintClient(tenant.organization_id, { unit_id: "unit_default" });
    const [size] = channel.property_definitions;
    const lead = await mintChannelLead(
      { call, channel },
      { email: "far@example.com", properties: [{ property_definitions_id: size?.id, value: 1 }] },
    );
    await ok(call("update_lead", { lead_id: lead.id, notes: "x", properties: [{ property_definitions_id: size?.id, value: 2 }] }));
    await ok(call("update_status", { lead_id: lead.id, status: "Won" }));
    await ok(call("create_purchase", { lead_id: lead.id }));
    expect(await getLead({ call }, lead.id)).toMatchObject({ status: "Won", notes: "x", property_values: [{ value: "2" }] });
    expect(await (await client.get("/lead/by-alias?value=far@example.com")).json()).toMatchObject({ metadata: { notes: "x" } });
    const unit = await unitKeyOf(tenant);
    for (const table of ["leads", "channel_leads", "purchases", "channel_events", "deliveries"]) {
      const rows = async (database: D1Database) =>
        database.prepare(`SELECT count(*) AS n FROM ${table} WHERE unit = ?1`).bind(unit).first<number>("n");
      expect([table, await rows(env.DB), await rows(env.DB_1)]).toEqual([table, 0, expect.any(Number)]);
      expect(await rows(env.DB_1), table).toBeGreaterThan(0);
    }
  });
});
