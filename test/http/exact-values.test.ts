/** What every dialect keeps is what was sent: an integer is not rounded, a text is not cut, and an address finds its own lead alone. */
import { beforeAll, describe, expect, it } from "vitest";
import { mintChannelLead, mintScene, ok, refused, type Scene } from "../support/channels";
import { asEmail, deliverEvents, heldEvents } from "../support/events";
import { mintLead } from "../support/tenant";
import { readProblem, request } from "../support/worker";
import { dataOf, mintWorkspace, readError, type Workspace } from "../support/workspace";

const ROUNDED = "9007199254740993";
const JSON_TYPE = { "Content-Type": "application/json" };

let scene: Scene;
let ws: Workspace;
beforeAll(async () => {
  scene = await mintScene();
  ws = await mintWorkspace({ unit_id: "unit_default" }, scene.tenant);
  await mintLead(scene.client, { email: "exact@example.com" });
});

/** The engagement dialect's patch of attributes, its JSON as it is. */
const patchAttributes = (attributes: string) =>
  scene.client.call("PATCH", "/lead/by-alias/metadata", {
    body: `{"alias_value":"exact@example.com","attributes":${attributes}}`,
    headers: JSON_TYPE,
  });
const metadata = async () =>
  (await (await scene.client.get("/lead/by-alias?value=exact@example.com")).json<{ metadata: Record<string, unknown> }>()).metadata;
const createInWorkspace = (fields: string) =>
  ws.client.call("POST", "/api/v1/leads", {
    body: `{"name":"John","email":"p${crypto.randomUUID()}@example.com",${fields}}`,
    headers: JSON_TYPE,
  });

describe("an integer that a double would round", () => {
  it.each([
    ["9007199254740993", ""],
    ["-9007199254740993", ""],
    ["12345678901234567890", ""],
    ['{"a":[1,{"id":9007199254740993}]}', ".a.1.id"],
  ])("is a 400 that names it in an attribute, and nothing is written: %s", async (value, at) => {
    const before = await metadata();
    const { errors, detail } = await readProblem(await patchAttributes(`{"fine":1,"order":${value}}`), 400);
    expect(errors).toEqual([{ path: `attributes.order${at}`, message: expect.stringContaining("send it as a string") }]);
    expect(detail).toContain(`order${at}`);
    expect(await metadata()).toEqual(before);
  });

  it("is the only one refused: exact integers, fractions, and digits in a text are kept as they are", async () => {
    const values = `{"safe":9007199254740991,"even":9007199254740992,"round":10000000000000000,"far":1e300,"text":"a: 9007199254740993, b","long":"9007199254740993"}`;
    expect((await patchAttributes(values)).status).toBe(200);
    const text = await (await scene.client.get("/lead/by-alias?value=exact@example.com")).text();
    for (const kept of ['"safe":9007199254740991', '"even":9007199254740992', '"round":10000000000000000', '"long":"9007199254740993"']) {
      expect(text).toContain(kept);
    }
  });

  it("is a 400 in a lead's metadata by its id", async () => {
    const lead_id = await mintLead(scene.client, { email: "by-id@example.com" });
    for (const [method, path, body, named] of [
      ["PATCH", `/lead/${lead_id}/metadata`, `{"order":${ROUNDED}}`, "order"],
      ["PUT", `/lead/${lead_id}`, `{"metadata":{"order":${ROUNDED}}}`, "metadata.order"],
    ] as const) {
      const { errors } = await readProblem(await scene.client.call(method, path, { body, headers: JSON_TYPE }), 400);
      expect(errors?.map(({ path: at }) => at)).toEqual([named]);
    }
  });

  it("is a 400 in the workspace API", async () => {
    const { code, details } = await readError(await createInWorkspace(`"metadata":{"order":{"id":${ROUNDED}}}`), 400);
    expect([code, details?.field]).toEqual(["VALIDATION_ERROR", "metadata.order.id"]);
  });

  it("is an invalid property in the partner API, and no amount of a purchase", async () => {
    const lead = await mintChannelLead(scene);
    const [definition] = scene.channel.property_definitions;
    const send = (body: string) =>
      request("/partner", { method: "POST", headers: { "X-Api-Key": scene.key }, body: body.replaceAll("LEAD", lead.id) });
    const { invalid } = await refused(
      send(`{"action":"update_lead","lead_id":"LEAD","properties":[{"property_definitions_id":"${definition?.id}","value":${ROUNDED}}]}`),
      400,
    );
    expect(invalid).toEqual([
      { index: 0, property_definitions_id: definition?.id, value: ROUNDED, reason: expect.stringContaining("send it as a string") },
    ]);
    const { error } = await refused(send(`{"action":"create_purchase","lead_id":"LEAD","purchase_amount":${ROUNDED}}`), 400);
    expect(error).toContain("purchase_amount");
    // what an action does not know is passed over, whatever it is
    await ok(send(`{"action":"get_lead_by_id","lead_id":"LEAD","trace":${ROUNDED}}`));
  });

  it("refuses its event and not the others of the batch", async () => {
    const event = (value: string) => `{"alias_kind":"email","alias":"a@example.com","event_type":"x","metadata":{"order":{"id":${value}}}}`;
    const { errors } = await readProblem(await scene.client.call("POST", "/ingest", { body: event(ROUNDED), headers: JSON_TYPE }), 400);
    expect(errors?.map(({ path }) => path)).toEqual(["metadata.order.id"]);
    const { sent, EVENT_QUEUE } = heldEvents();
    const batch = await scene.client.call("POST", "/ingest/batch", {
      body: `{"events":[${event(ROUNDED)},${event("1")}]}`,
      headers: JSON_TYPE,
      bindings: { EVENT_QUEUE },
    });
    const { results } = await batch.json<{ results: { status: string; error?: string }[] }>();
    expect(results.map(({ status }) => status)).toEqual(["rejected", "queued"]);
    expect(results[0]?.error).toContain("metadata.order.id");
    expect(sent).toHaveLength(1);
  });
});

describe.each([
  ["NUL", "a\\u0000b"],
  ["half a surrogate pair", "a\\ud83d"],
])("%s", (_, text) => {
  it("is a 400 in an attribute, at any depth, as its value and as its key", async () => {
    for (const [value, at] of [
      [`"${text}"`, ""],
      [`{"list":["${text}"]}`, ".list.0"],
    ]) {
      const { errors } = await readProblem(await patchAttributes(`{"note":${value}}`), 400);
      expect(errors).toEqual([{ path: `attributes.note${at}`, message: expect.stringContaining("half a surrogate pair") }]);
    }
    await readProblem(await patchAttributes(`{"note":{"${text}":1}}`), 400);
  });

  it.each(["name", "source"])("is a 400 in a workspace lead's %s", async (field) => {
    const { details } = await readError(await createInWorkspace(`"${field}":"${text}"`), 400);
    expect(details?.field).toBe(field);
  });

  it("is a 400 in a workspace lead's metadata", async () => {
    const { details } = await readError(await createInWorkspace(`"metadata":{"note":"${text}"}`), 400);
    expect(details?.field).toBe("metadata.note");
  });

  it("is a 400 in a partner's field, property and purchase", async () => {
    const lead = await mintChannelLead(scene);
    const value = JSON.parse(`"${text}"`) as string;
    for (const field of ["first_name", "company_name", "source", "notes"]) {
      const { error } = await refused(scene.call("create_lead", { channel_id: scene.channel.channel_id, [field]: value }), 400);
      expect(error).toContain(`${field}: must not hold`);
    }
    const [definition] = scene.channel.property_definitions;
    const properties = [{ property_definitions_id: definition?.id, value }];
    const { invalid } = await refused(scene.call("update_lead", { lead_id: lead.id, properties }), 400);
    expect(invalid?.[0]?.reason).toContain("must not hold");
    for (const field of ["product_name", "product_description"]) {
      const { error } = await refused(scene.call("create_purchase", { lead_id: lead.id, [field]: value }), 400);
      expect(error).toContain(`${field}: must not hold`);
    }
  });

  it("is a 400 in an alias, and no lead has it", async () => {
    const lead_id = await mintLead(scene.client, { external_id: `x${crypto.randomUUID()}` });
    const value = JSON.parse(`"${text}"`) as string;
    await readProblem(await scene.client.post(`/lead/${lead_id}/aliases`, { kind: "external_id", value }), 400);
    await readProblem(await scene.client.post("/ingest", { alias_kind: "cookie", alias: value, event_type: "x" }), 400);
  });
});

describe("an address", () => {
  const ADDRESSES = [
    ["o'brien@example.ie", "O'Brien@Example.ie"],
    ["r&d@example.com", "R&D@example.com"],
    ["x=y@example.com", "X=Y@example.com"],
    ["kasper@münchen.de", "KASPER@xn--mnchen-3ya.de"],
    ["иван@почта.рф", "иван@xn--80a1acny.xn--p1ai"],
  ] as const;

  it.each(ADDRESSES)("%s is one lead's, however it is spelt and whichever dialect writes it", async (address, spelling) => {
    const { client, call, channel, tenant } = await mintScene();
    const workspace = await mintWorkspace({ unit_id: "unit_default" }, tenant);
    const lead_id = await mintLead(client, { email: address });
    const found = async (email: string) => (await client.get(`/lead/by-alias?value=${encodeURIComponent(email)}`)).json();
    expect(await found(spelling)).toMatchObject({ lead_id });
    const { details } = await readError(await workspace.client.post("/api/v1/leads", { name: "Other", email: spelling }), 409);
    expect(details?.existingLeadId).toBe(lead_id.replace("ld_", "lead_"));
    const shown = await mintChannelLead({ call, channel }, { email: spelling });
    expect(shown.email).toBe(spelling);
    expect(await found(address)).toMatchObject({ lead_id });
    const { sent, EVENT_QUEUE } = heldEvents();
    expect((await client.post("/ingest", asEmail(spelling), { bindings: { EVENT_QUEUE } })).status).toBe(202);
    await deliverEvents(sent);
    const { events } = await (await client.get(`/events?lead_id=${lead_id}`)).json<{ events: unknown[] }>();
    expect(events).toHaveLength(1);
  });

  it("with the Kelvin sign for a K is nobody's", async () => {
    const { client, call, channel, tenant } = await mintScene();
    const workspace = await mintWorkspace({ unit_id: "unit_default" }, tenant);
    const lead_id = await mintLead(client, { email: "kate@example.com" });
    const kelvin = "\u212aate@example.com";
    await readProblem(await client.get(`/lead/by-alias?value=${encodeURIComponent(kelvin)}`), 404);
    const { errors } = await readProblem(await client.post(`/lead/${lead_id}/aliases`, { kind: "email", value: kelvin }), 400);
    expect(errors?.[0]?.path).toBe("email");
    await readProblem(await client.post("/ingest", asEmail(kelvin)), 400);
    const { details } = await readError(await workspace.client.post("/api/v1/leads", { name: "Kate", email: kelvin }), 400);
    expect(details?.field).toBe("email");
    expect((await refused(call("create_lead", { channel_id: channel.channel_id, email: kelvin }), 400)).error).toContain("email");
    expect(await dataOf(await workspace.client.get("/api/v1/leads?search=kate"))).toMatchObject({ pagination: { total: 1 } });
  });
});
