/** The partner dialect's update_lead, to the letter of its contract, and what every call of the dialect has in common. */
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
  partnerWith,
  refused,
  type Scene,
} from "../../support/channels";
import { adminDelete, mintCredential, mintTenant } from "../../support/tenant";
import { countingD1, failingD1, logged, request } from "../../support/worker";

const UNKNOWN = "0193f3a2-c7b0-7aa1-8000-c0ffee123456";
const NOTHING = "At least one updatable field or non-empty properties array required";
const KNOWN =
  "get_channels, get_leads, get_lead_by_id, get_lead_by_legacy_id, create_lead, update_lead, update_status, update_status_id, create_purchase, lead_external";

let scene: Scene;
let definition: string;
let other: string;
beforeAll(async () => {
  scene = await mintScene();
  [definition = "", other = ""] = scene.channel.property_definitions.map(({ id }) => id);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});
const mint = (fields: Record<string, unknown> = {}) => mintChannelLead(scene, fields);
const update = (fields: Record<string, unknown>) => scene.call("update_lead", fields);
const updated = async (fields: Record<string, unknown>) => (await ok<{ lead: Lead }>(update(fields))).lead;
const valuesOf = (lead: Lead) =>
  Object.fromEntries(lead.property_values.map(({ property_definitions_id, value }) => [property_definitions_id, value]));

describe("update_lead", () => {
  it("changes the fields that are sent and leaves the others", async () => {
    const fields = {
      email: "a@example.com",
      first_name: "Alex",
      last_name: "Johnson",
      phone: "+15550100999",
      company_name: "Acme",
      source: "Website",
      referring_employee: "Sam",
      notes: "first",
      business_id: "C-42",
    };
    const lead = await mint(fields);
    expect(lead).toMatchObject(fields);
    for (const [field, value] of Object.entries({
      ...fields,
      email: "b@example.com",
      phone: "+15550100111",
      notes: "second",
      first_name: "",
    })) {
      expect(await updated({ lead_id: lead.id, [field]: value })).toMatchObject({ [field]: value });
    }
    const after = { ...fields, email: "b@example.com", phone: "+15550100111", notes: "second", first_name: "" };
    expect(await getLead(scene, lead.id)).toMatchObject(after);
    const found = await scene.client.get("/lead/by-alias?value=b@example.com");
    expect(await found.json()).toMatchObject({
      lead_id: `ld_${lead.id.replaceAll("-", "")}`,
      metadata: { first_name: "", last_name: "Johnson", company: "Acme", business_id: "C-42", referring_employee: "Sam" },
    });
    expect((await scene.client.get("/lead/by-alias?value=a@example.com")).status).toBe(404);
  });

  it("null clears a field", async () => {
    const lead = await mint({ email: "gone@example.com", notes: "x", first_name: "A", last_name: "B" });
    expect(await updated({ lead_id: lead.id, email: null, notes: null, first_name: null })).toMatchObject({
      email: null,
      notes: null,
      first_name: null,
      last_name: "B",
    });
    expect((await scene.client.get("/lead/by-alias?value=gone@example.com")).status).toBe(404);
  });

  it("one part of a name that another dialect wrote whole is changed without the other", async () => {
    const lead = await mint({ email: "whole@example.com" });
    await scene.client.patch("/lead/by-alias/metadata", { alias_value: "whole@example.com", attributes: { name: "Mary Ann Smith" } });
    expect(await getLead(scene, lead.id)).toMatchObject({ first_name: "Mary", last_name: "Ann Smith" });
    expect(await updated({ lead_id: lead.id, first_name: "Jane" })).toMatchObject({ first_name: "Jane", last_name: "Ann Smith" });
  });

  it("returns the full lead with its status and all values", async () => {
    const lead = await mint({ properties: [{ property_definitions_id: other, value: "EMEA" }] });
    const { channel } = scene;
    const [status] = channel.lead_status;
    const answered = await updated({ lead_id: lead.id, properties: [{ property_definitions_id: definition, value: 50000 }] });
    expect(answered).toEqual({
      id: lead.id,
      email: null,
      first_name: null,
      last_name: null,
      phone: null,
      company_name: null,
      source: null,
      referring_employee: null,
      notes: null,
      business_id: null,
      channels_id: channel.channel_id,
      lead_status_id: status?.id,
      lead_status: { id: status?.id, status: "New lead" },
      status: "New lead",
      created_at: lead.created_at,
      property_values: [
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          value: "50000",
          property_definitions_id: definition,
          property_definitions: { id: definition, name: "Deal size", type: "number" },
        },
        {
          id: lead.property_values[0]?.id,
          value: "EMEA",
          property_definitions_id: other,
          property_definitions: { id: other, name: "Region", type: "select" },
        },
      ],
    });
    expect(await getLead(scene, lead.id)).toEqual(answered);
  });

  it.each([
    ["text", "text"],
    ["", ""],
    [50000, "50000"],
    [0, "0"],
    [-1.5, "-1.5"],
    [true, "true"],
    [false, "false"],
    [{ a: { b: [1] } }, '{"a":{"b":[1]}}'],
    [["x", 1, null], '["x",1,null]'],
    [[], "[]"],
    [{}, "{}"],
    ["null", "null"],
  ])("stores %j as the text %j", async (value, text) => {
    const lead = await mint();
    const { property_values } = await updated({ lead_id: lead.id, properties: [{ property_definitions_id: definition, value }] });
    expect(property_values.map((entry) => entry.value)).toEqual([text]);
  });

  it("updates a value in place: its id stays", async () => {
    const lead = await mint({ properties: [{ property_definitions_id: definition, value: 1 }] });
    const [before] = lead.property_values;
    const [after, ...rest] = (
      await updated({ lead_id: lead.id, properties: [{ property_definitions_id: definition.toUpperCase(), value: 2 }] })
    ).property_values;
    expect([after?.id, after?.value, rest]).toEqual([before?.id, "2", []]);
  });

  it("of two entries for one definition the last wins", async () => {
    const lead = await mint();
    const properties = [1, 2, 3].map((value) => ({ property_definitions_id: definition, value }));
    expect(valuesOf(await updated({ lead_id: lead.id, properties }))).toEqual({ [definition]: "3" });
  });

  describe("the errors of the contract, in its order", () => {
    it.each([
      [undefined],
      [null],
      [""],
      ["nonsense"],
      [5],
      ["0193f3a2c7b07aa18000c0ffee123456x"],
      [[]],
      [{}],
      ["lead_0193f3a2c7b07aa18000c0ffee123456"],
    ])("lead_id %j: lead_id (uuid) required, even when nothing else is right", async (lead_id) => {
      expect(await refused(update({ lead_id, email: 5 }), 400)).toEqual({ error: "lead_id (uuid) required" });
      expect(await refused(update({ lead_id }), 400)).toEqual({ error: "lead_id (uuid) required" });
    });

    it.each([
      [{}],
      [{ properties: [] }],
      [{ properties: null }],
      [{ properties: {} }],
      [{ properties: "x" }],
      [{ status: "Won", lead_status_id: "x", channels_id: "x", legacy_id: 1, employee: "x", id: "x", created_at: "x", name: "x" }],
    ])("nothing to update in %j", async (fields) => {
      expect(await refused(update({ lead_id: UNKNOWN, ...fields }), 400)).toEqual({ error: NOTHING });
    });

    it("__proto__ and constructor are no fields", async () => {
      const { api_key } = await mintCredential(scene.tenant.organization_id, { kind: "partner_key" });
      const lead = await mint({ notes: "kept" });
      const send = (text: string) => request("/partner", { method: "POST", headers: { "X-Api-Key": api_key }, body: text });
      const id = JSON.stringify(lead.id);
      expect(await refused(send(`{"action":"update_lead","lead_id":${id},"__proto__":{"email":"x@example.com"}}`), 400)).toEqual({
        error: NOTHING,
      });
      expect((await refused(send(`{"__proto__":{"action":"get_channels"}}`), 400)).error).toContain("action required");
      for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
        expect((await refused(send(JSON.stringify({ action: name })), 400)).error).toBe(`Unknown action; known actions: ${KNOWN}`);
      }
      const entry = `{"property_definitions_id":${JSON.stringify(definition)},"value":1,"__proto__":{"value":2}}`;
      await ok(
        send(
          `{"action":"update_lead","lead_id":${id},"properties":[${entry},{"property_definitions_id":"${other}","value":{"__proto__":1}}]}`,
        ),
      );
      expect(valuesOf(await getLead(scene, lead.id))).toEqual({ [definition]: "1", [other]: '{"__proto__":1}' });
      const hidden = await refused(
        send(`{"action":"update_lead","lead_id":${id},"properties":[{"__proto__":{"property_definitions_id":"${definition}","value":1}}]}`),
        400,
      );
      expect(hidden.error).toBe("Invalid properties");
    });

    it.each([
      ["email", 5],
      ["first_name", {}],
      ["notes", ["x"]],
      ["phone", true],
      ["business_id", 42],
    ])("a field that is no string is named with its value: %s %j", async (field, value) => {
      const { error } = await refused(update({ lead_id: UNKNOWN, [field]: value }), 400);
      expect(error).toContain(`${field}: must be a string`);
      if (typeof value !== "object") expect(error).toContain(`(got ${value})`);
    });

    it("properties that are no array beside a field that is fine", async () => {
      expect((await refused(update({ lead_id: UNKNOWN, notes: "x", properties: {} }), 400)).error).toBe("properties: must be an array");
    });

    it("a lead in nobody's channel is 404, one of another's is 403, whatever the properties are", async () => {
      const stranger = await mintScene();
      const theirs = await mintChannelLead(stranger);
      const bad = [{ property_definitions_id: "x", value: null }];
      expect(await refused(update({ lead_id: theirs.id, properties: bad }), 403)).toEqual({ error: "Lead not accessible" });
      expect(await refused(update({ lead_id: UNKNOWN, properties: bad }), 404)).toEqual({ error: "Lead not found" });
    });

    it("a lead that is gone after the access check is 404, before its properties are judged", async () => {
      const tenant = await mintTenant();
      const channel = await mintChannel(tenant);
      const call = await mintPartner(tenant);
      const lead = await mintChannelLead({ call, channel }, { email: "gone@example.com" });
      const { env } = await import("cloudflare:workers");
      await env.DB.prepare("DELETE FROM leads WHERE lead_id = ?1").bind(lead.id.replaceAll("-", "")).run();
      for (const fields of [{ notes: "x" }, { properties: [{ property_definitions_id: "x" }] }]) {
        expect(await refused(call("update_lead", { lead_id: lead.id, ...fields }), 404)).toEqual({ error: "Lead not found" });
      }
    });

    it("Invalid properties names every offending entry with its reason, and saves nothing at all", async () => {
      const elsewhere = await mintChannel(scene.tenant);
      const channel = await mintChannel(scene.tenant, {
        property_definitions: [{ name: "On" }, { name: "Off", active: false }],
      });
      const [on, off] = channel.property_definitions.map(({ id }) => id);
      const lead = await mintChannelLead(
        { call: scene.call, channel },
        { notes: "before", properties: [{ property_definitions_id: on, value: "before" }] },
      );
      const properties = [
        { property_definitions_id: on, value: "good" },
        { property_definitions_id: on, value: null },
        { property_definitions_id: on },
        { value: "x" },
        { property_definitions_id: null, value: "x" },
        { property_definitions_id: 5, value: "x" },
        { property_definitions_id: "nonsense", value: "x" },
        { property_definitions_id: off, value: "x" },
        { property_definitions_id: elsewhere.property_definitions[0]?.id, value: "x" },
        null,
        "text",
        [],
      ];
      const { error, invalid } = await refused(update({ lead_id: lead.id, notes: "after", email: "new@example.com", properties }), 400);
      expect(error).toBe("Invalid properties");
      expect(invalid?.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      expect(invalid?.every(({ reason }) => typeof reason === "string" && reason.length > 5)).toBe(true);
      expect(invalid?.[0]).toEqual({ index: 1, property_definitions_id: on, value: null, reason: "value must not be null" });
      expect(invalid?.[1]).toEqual({ index: 2, property_definitions_id: on, reason: "value is required" });
      expect(await getLead(scene, lead.id)).toEqual(lead);
      expect((await scene.client.get("/lead/by-alias?value=new@example.com")).status).toBe(404);
    });

    it("an invalid email refuses the call, its properties too", async () => {
      const lead = await mint({ email: "fine@example.com" });
      const properties = [{ property_definitions_id: definition, value: 1 }];
      expect((await refused(update({ lead_id: lead.id, email: "nonsense", properties }), 400)).error).toContain(
        "email: Must be a valid email",
      );
      expect((await refused(update({ lead_id: lead.id, phone: "abc", properties }), 400)).error).toContain("phone: Must be a valid phone");
      expect(await getLead(scene, lead.id)).toEqual(lead);
    });
  });

  it("1,000 properties in one call are one change", async () => {
    const names = Array.from({ length: 1000 }, (_, n) => ({ name: `Field ${n}` }));
    const channel: Channel = await mintChannel(scene.tenant, { property_definitions: names });
    const lead = await mintChannelLead({ call: scene.call, channel });
    const properties = channel.property_definitions.map(({ id }, n) => ({ property_definitions_id: id, value: n }));
    const { DB, count } = countingD1();
    const { lead: after } = await ok<{ lead: Lead }>(scene.call("update_lead", { lead_id: lead.id, properties }, { DB }));
    expect([
      after.property_values.length,
      after.property_values[999]?.value,
      after.property_values[999]?.property_definitions.name,
    ]).toEqual([1000, "999", "Field 999"]);
    expect([count.trips, count.rowsWritten]).toEqual([3, 3]);
    expect(await getLead(scene, lead.id)).toEqual(after);
  });

  it("values up to 256 KB a lead are kept, more is a 413 that changes nothing, however they come", async () => {
    const lead = await mint({ notes: "before" });
    const large = "x".repeat(200_000);
    expect(
      valuesOf(await updated({ lead_id: lead.id, properties: [{ property_definitions_id: definition, value: large }] }))[definition],
    ).toBe(large);
    const before = await getLead(scene, lead.id);
    for (const value of [large, "x".repeat(1024 * 1024), { deep: "é".repeat(500_000) }]) {
      const { error } = await refused(
        update({ lead_id: lead.id, notes: "after", properties: [{ property_definitions_id: other, value }] }),
        413,
      );
      expect(error).toMatch(/properties would be \d+ bytes; at most 262144 are kept/);
    }
    expect(await getLead(scene, lead.id)).toEqual(before);
  });

  it("more entries than anybody means are refused unread, and not one by one", async () => {
    const lead = await mint();
    for (const call of [
      scene.call("create_lead", { channel_id: scene.channel.channel_id, properties: Array(10_001).fill(1) }),
      update({ lead_id: lead.id, properties: Array(10_001).fill(1) }),
    ]) {
      expect(await refused(call, 400)).toEqual({ error: "properties: must be at most 10000" });
    }
    const { error } = await refused(scene.call("create_purchase", { lead_id: lead.id, trigger_ids: Array(500_000).fill(1) }), 400);
    expect(error).toBe("trigger_ids: must be at most 1,000");
  });

  it("a value nested beyond reason is invalid, not a crash", async () => {
    const lead = await mint();
    const { api_key } = await mintCredential(scene.tenant.organization_id, { kind: "partner_key" });
    const value = "[".repeat(100_000) + "]".repeat(100_000);
    const body = `{"action":"update_lead","lead_id":"${lead.id}","properties":[{"property_definitions_id":"${definition}","value":${value}},{"property_definitions_id":"${other}","value":1e999}]}`;
    const { error, invalid } = await refused(request("/partner", { method: "POST", headers: { "X-Api-Key": api_key }, body }), 400);
    expect([error, invalid?.length]).toEqual(["Invalid properties", 2]);
  });

  it("many at once all land", async () => {
    const channel = await mintChannel(scene.tenant, { property_definitions: Array.from({ length: 8 }, (_, n) => ({ name: `P${n}` })) });
    const lead = await mintChannelLead({ call: scene.call, channel });
    const fields = ["first_name", "last_name", "company_name", "source", "notes", "business_id", "referring_employee", "email"];
    await Promise.all(
      channel.property_definitions.map(({ id }, n) =>
        ok(update({ lead_id: lead.id, [fields[n] ?? ""]: `v${n}@example.com`, properties: [{ property_definitions_id: id, value: n }] })),
      ),
    );
    const after = await getLead(scene, lead.id);
    expect(after.property_values.map(({ value }) => value)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
    expect(fields.map((field) => after[field as keyof Lead])).toEqual(fields.map((_, n) => `v${n}@example.com`));
  });

  it("takes three round trips and, for a field and a value, three written rows; nothing when nothing changes", async () => {
    const lead = await mint({ notes: "a" });
    const change = { lead_id: lead.id, notes: "b", properties: [{ property_definitions_id: definition, value: 1 }] };
    const first = countingD1();
    await ok(scene.call("update_lead", change, { DB: first.DB }));
    expect([first.count.trips, first.count.rowsWritten]).toEqual([3, 3]);
    const second = countingD1();
    await ok(scene.call("update_lead", change, { DB: second.DB }));
    expect([second.count.trips, second.count.rowsWritten]).toEqual([2, 0]);
  });

  it("an email that is another lead's is shown, stays where it is, and is on record", async () => {
    const owner = await mint({ email: "shared@example.com" });
    const lead = await mint({ email: "own@example.com" });
    expect(await updated({ lead_id: lead.id, email: "shared@example.com" })).toMatchObject({ email: "shared@example.com" });
    const found = await scene.client.get("/lead/by-alias?value=shared@example.com");
    expect(await found.json()).toMatchObject({ lead_id: `ld_${owner.id.replaceAll("-", "")}` });
  });
});

describe("every call", () => {
  const post = (body: BodyInit, headers: Record<string, string> = {}, path = "/partner") =>
    request(path, { method: "POST", headers, body });

  it.each(["/partner", "/functions/v1/keen-api"])("%s returns the same", async (path) => {
    const { api_key } = await mintCredential(scene.tenant.organization_id, { kind: "partner_key" });
    expect(await ok(partnerWith(api_key, path)("get_channels"))).toEqual(await ok(scene.call("get_channels")));
    for (const method of ["GET", "PUT", "PATCH", "DELETE", "HEAD"]) {
      const answer = await request(path, { method });
      expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "POST, OPTIONS"]);
      if (method !== "HEAD") expect(await answer.json()).toEqual({ error: "Method not allowed: every call is a POST" });
    }
    for (const more of ["/", "/more", "/more/"]) {
      for (const method of ["GET", "POST"]) {
        expect(await refused(request(`${path}${more}`, { method }), 404)).toEqual({ error: "No such path" });
      }
    }
  });

  it("a key that is missing, wrong, of another kind, expired or revoked is 401, before anything else is said", async () => {
    const { organization_id } = scene.tenant;
    const revoked = await mintCredential(organization_id, { kind: "partner_key" });
    expect((await partnerWith(revoked.api_key)("get_channels")).status).toBe(200);
    await adminDelete(`/admin/organizations/${organization_id}/credentials/${revoked.credential_id}`);
    const workspace = await mintCredential(organization_id, { kind: "workspace_key" });
    const account = await mintCredential(organization_id, { kind: "service_account" });
    const expired = await mintCredential(organization_id, { kind: "partner_key", expires_at: new Date(Date.now() - 1000).toISOString() });
    for (const key of [null, "", "nonsense", revoked.api_key, workspace.api_key, account.client_secret, expired.api_key]) {
      for (const call of ["get_channels", "update_lead", "no_such_action"]) {
        expect(await refused(partnerWith(key)(call, {}), 401)).toEqual({ error: "Invalid API key" });
      }
      const headers = key ? { "X-Api-Key": key } : {};
      for (const body of ["{", "[]", ""]) expect(await refused(post(body, headers), 401)).toEqual({ error: "Invalid API key" });
    }
  });

  it("a body that is no JSON object is 400, whatever it says it is", async () => {
    const { api_key } = await mintCredential(scene.tenant.organization_id, { kind: "partner_key" });
    for (const body of ["{", "", "[]", "null", '"x"', "5", "nonsense", "\u0000", "[".repeat(50_000)]) {
      for (const type of ["application/json", "text/plain"]) {
        const answer = await post(body, { "X-Api-Key": api_key, "Content-Type": type });
        expect(answer.headers.get("X-Request-Id")).toBeTruthy();
        expect(await refused(answer, 400)).toEqual({ error: "Request body must be a JSON object" });
      }
    }
    expect((await post('{"action":"get_channels"}', { "X-Api-Key": api_key, "Content-Type": "text/plain" })).status).toBe(200);
    expect((await post('{"action":"get_channels"}', { "X-Api-Key": api_key })).status).toBe(200);
  });

  it("an unknown action gets the list of known ones", async () => {
    expect(await refused(scene.call("nothing"), 400)).toEqual({ error: `Unknown action; known actions: ${KNOWN}` });
    const { api_key } = await mintCredential(scene.tenant.organization_id, { kind: "partner_key" });
    expect(await refused(post("{}", { "X-Api-Key": api_key }), 400)).toEqual({ error: `action required; known actions: ${KNOWN}` });
    expect((await refused(post('{"action":null}', { "X-Api-Key": api_key }), 400)).error).toContain("known actions");
    expect((await refused(post('{"action":["get_leads"]}', { "X-Api-Key": api_key }), 400)).error).toContain("known actions");
  });

  it("a body over 2 MB is 413", async () => {
    const large = { lead_id: UNKNOWN, notes: "x".repeat(2 * 1024 * 1024) };
    expect(await refused(update(large), 413)).toEqual({ error: "Request body over 2048 KB" });
  });

  it("what goes wrong on our side is a 500 that reveals nothing, or a 503", async () => {
    await logged(async () => {
      const answer = await scene.call("get_channels", {}, failingD1("secret detail"));
      expect(await refused(answer, 500)).toEqual({ error: "Internal server error" });
      const busy = await scene.call("get_channels", {}, failingD1("D1_ERROR: D1 DB is overloaded."));
      expect(busy.headers.get("Retry-After")).toBe("1");
      expect((await refused(busy, 503)).error).toContain("busy");
    });
  });

  it("the log holds no key and nothing personal", async () => {
    const { api_key } = await mintCredential(scene.tenant.organization_id, { kind: "partner_key" });
    const lines = await logged(async () => {
      await partnerWith(api_key)("create_lead", { channel_id: scene.channel.channel_id, email: "private@example.com" });
      await partnerWith("pk_wrong_but_maybe_a_typo")("get_channels");
    });
    expect(lines.length).toBeGreaterThan(1);
    for (const secret of [api_key, "private@example.com", "wrong_but"]) expect(lines.join("\n")).not.toContain(secret);
  });
});
