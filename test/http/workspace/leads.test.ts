/** The workspace dialect to the letter of its contract: what is sent changes, everything else stays, and errors say which field. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { tracesOf, unitKeyOf } from "../../support/context";
import { asEmail, deliverEvents, getReceipt, heldEvents, ingest, mintRule, post } from "../../support/events";
import { importCsv } from "../../support/imports";
import { bearerClient, clientWith, mintLead, mintUnit } from "../../support/tenant";
import { countingD1, failingD1, logged, request } from "../../support/worker";
import { dataOf, mintWorkspace, readError, type WireLead, type Workspace } from "../../support/workspace";

let ws: Workspace;
beforeAll(async () => {
  ws = await mintWorkspace();
});
const uniqueEmail = () => `p${crypto.randomUUID()}@example.com`;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const STATUS_MESSAGE = "Status must be one of: new, contacted, qualified, converted, lost, follow_up";

describe("creating", () => {
  it("returns 201 with the whole lead; what was not sent has its default", async () => {
    const email = uniqueEmail();
    const lead = await dataOf<WireLead>(await ws.client.post("/api/v1/leads", { name: "John Doe", email }), 201);
    expect(lead).toEqual({
      id: expect.stringMatching(/^lead_[0-9a-f]{32}$/),
      name: "John Doe",
      email,
      phone: null,
      source: null,
      status: "new",
      metadata: {},
      createdAt: expect.stringMatching(ISO),
      updatedAt: lead.createdAt,
      workspaceId: ws.tenant.workspace_id,
    });
    expect(await ws.get(lead.id)).toEqual(lead);
  });

  it("keeps all that is sent, and the chatbot of its path", async () => {
    const json = {
      name: "Jane",
      email: uniqueEmail(),
      phone: "+1-555-123-4567",
      source: "website",
      status: "qualified",
      metadata: { utm_source: "google", deep: { a: [1, { b: null }] } },
    };
    const lead = await dataOf<WireLead>(await ws.client.post("/api/v1/chatbots/cb_1234567890abcdef/leads", json), 201);
    expect(lead).toMatchObject({ ...json, metadata: { ...json.metadata, chatbot_id: "cb_1234567890abcdef" } });
    expect(await dataOf(await ws.client.get(`/api/v1/chatbots/cb_other/leads/${lead.id}`))).toEqual(lead);
  });

  it("of two clients with one email exactly one wins, and the other learns whose it is", async () => {
    const email = uniqueEmail();
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => ws.client.post("/api/v1/leads", { name: `R ${n}`, email: n % 2 ? email : email.toUpperCase() })),
    );
    const [winner] = answers.filter(({ status }) => status === 201);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const { id } = await dataOf<WireLead>(winner as Response, 201);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      const { error, details } = await readError(answer, 409, "DUPLICATE_EMAIL");
      expect(error).toBe("Email already exists");
      expect(details).toEqual({
        email: expect.stringMatching(new RegExp(email, "i")),
        existingLeadId: id,
        message: "A lead with this email already exists in your workspace",
      });
    }
  });

  it("a phone that another lead has is shown and found where it was", async () => {
    const phone = "+1-555-987-0001";
    const first = await ws.create({ phone });
    const second = await ws.create({ phone });
    expect((await ws.get(second.id)).phone).toBe(phone);
    const byPhone = await ws.tenant.client.get(`/lead/by-alias?kind=phone&value=${encodeURIComponent(phone)}`);
    expect(await byPhone.json()).toMatchObject({ lead_id: first.id.replace("lead_", "ld_") });
  });
});

describe("updating, by the seed's own examples", () => {
  const BEFORE = {
    name: "John Doe",
    email: "john.doe@example.com",
    phone: "+1-555-123-4567",
    source: "website",
    metadata: {
      utm_source: "google",
      utm_campaign: "spring_2024",
      company: "Tech Corp",
      job_title: "Manager",
      interests: ["chatbot", "automation"],
    },
  };

  it("the sample request turns the sample lead into the sample answer", async () => {
    const own = await mintWorkspace();
    const before = await own.create(BEFORE);
    const after = await own.put(before.id, {
      name: "John Smith",
      phone: "+1-555-456-7890",
      status: "qualified",
      source: "webinar",
      metadata: {
        company: "New Tech Corp",
        job_title: "Senior Manager",
        budget: "$50k-100k",
        timeline: "Q2 2024",
        interests: ["enterprise_solution", "support_package"],
      },
    });
    expect(after).toEqual({
      id: before.id,
      name: "John Smith",
      email: "john.doe@example.com",
      phone: "+1-555-456-7890",
      source: "webinar",
      status: "qualified",
      metadata: {
        utm_source: "google",
        utm_campaign: "spring_2024",
        company: "New Tech Corp",
        job_title: "Senior Manager",
        budget: "$50k-100k",
        timeline: "Q2 2024",
        interests: ["enterprise_solution", "support_package"],
      },
      createdAt: before.createdAt,
      updatedAt: expect.stringMatching(ISO),
      workspaceId: own.tenant.workspace_id,
    });
    expect(Date.parse(after.updatedAt)).toBeGreaterThan(Date.parse(before.updatedAt));
    expect(await own.get(before.id)).toEqual(after);
  });

  it.each([
    ["status and phone", { status: "contacted", phone: "+1-555-123-9999" }],
    [
      "metadata",
      {
        metadata: {
          last_interaction: "2024-01-16T14:30:00.000Z",
          notes: "Interested in premium package",
          follow_up_date: "2024-01-20",
          lead_score: 85,
        },
      },
    ],
    [
      "curl",
      { status: "contacted", metadata: { notes: "Follow up scheduled for next week", last_interaction: "2024-01-16T14:30:00.000Z" } },
    ],
    ["JavaScript, status", { status: "contacted" }],
    ["JavaScript, metadata", { metadata: { notes: "Very interested in our services", lead_score: 90, follow_up_date: "2024-01-25" } }],
    [
      "JavaScript, fields",
      { phone: "+1-555-999-8888", status: "qualified", source: "referral", metadata: { referrer: "Jane Smith", budget_range: "$10k-25k" } },
    ],
    ["Python", { metadata: { notes: "Interested in enterprise solution", follow_up_date: "2024-01-25", priority: "high" } }],
    ["Python, helper", { status: "qualified", metadata: { notes: "Ready for sales team" } }],
  ])("%s: only what is sent changes", async (_, body: Record<string, unknown>) => {
    const before = await ws.create({ ...BEFORE, email: uniqueEmail(), phone: `+1-555-200-${Math.floor(Math.random() * 9000) + 1000}` });
    const after = await ws.put(before.id, body);
    const { metadata, ...fields } = body;
    expect(after).toEqual({
      ...before,
      ...fields,
      metadata: { ...before.metadata, ...(metadata as object | undefined) },
      updatedAt: after.updatedAt,
    });
    expect(after.updatedAt > before.updatedAt).toBe(true);
  });

  it("its error samples, to the letter", async () => {
    const { id } = await ws.create();
    const wrong = await ws.client.call("PUT", `/api/v1/leads/${id}`, { json: { status: "invalid_status" } });
    expect(await readError(wrong, 400)).toMatchObject({
      success: false,
      error: "Validation failed",
      code: "VALIDATION_ERROR",
      details: { field: "status", value: "invalid_status", message: STATUS_MESSAGE },
    });
    const existing = await ws.create({ email: uniqueEmail() });
    const taken = await ws.client.call("PUT", `/api/v1/leads/${id}`, { json: { email: existing.email } });
    expect(await readError(taken, 409)).toMatchObject({
      error: "Email already exists",
      code: "DUPLICATE_EMAIL",
      details: {
        email: existing.email,
        existingLeadId: existing.id,
        message: "A different lead with this email already exists in your workspace",
      },
    });
  });
});

describe("updating", () => {
  it("null clears a field or a metadata key; nested values are replaced whole", async () => {
    const lead = await ws.create({ phone: "+1-555-300-0001", source: "fair", metadata: { a: { x: 1, y: 2 }, b: [1, 2], c: 1 } });
    const after = await ws.put(lead.id, { phone: null, source: null, metadata: { a: { x: 3 }, b: [], c: null, d: null } });
    expect(after).toMatchObject({ phone: null, source: null, metadata: { a: { x: 3 }, b: [] } });
    expect(Object.keys(after.metadata)).toEqual(["a", "b"]);
    expect((await ws.put(lead.id, { metadata: null })).metadata).toEqual({});
  });

  it("ids and times in the body are ignored: a lead that was read may be sent back", async () => {
    const lead = await ws.create({ metadata: { a: 1 } });
    const { phone, source, ...sent } = lead;
    const after = await ws.put(lead.id, { ...sent, id: "lead_x", createdAt: 5, updatedAt: null, workspaceId: "ws_x", status: "lost" });
    expect(after).toEqual({ ...lead, status: "lost", updatedAt: expect.stringMatching(ISO) });
    expect([phone, source]).toEqual([null, null]);
  });

  it("its own email is no duplicate; a new one takes the old one's place, which is free again", async () => {
    const lead = await ws.create();
    expect((await ws.put(lead.id, { email: lead.email?.toUpperCase() })).email).toBe(lead.email?.toUpperCase());
    const email = uniqueEmail();
    expect((await ws.put(lead.id, { email })).email).toBe(email);
    expect((await ws.create({ email: lead.email })).id).not.toBe(lead.id);
  });

  it("metadata keys called as fields are, or __proto__, are keys like others and change no field", async () => {
    const metadata = JSON.parse(
      '{"name":"N","source":"S","first_name":"F","email":"e","__proto__":{"x":1},"constructor":2,"":3,"a.b $[0]\\"":4}',
    );
    const lead = await ws.create({ name: "John Doe", source: "fair", metadata });
    expect(lead).toMatchObject({ name: "John Doe", source: "fair" });
    expect(JSON.stringify((await ws.get(lead.id)).metadata)).toBe(JSON.stringify(metadata));
    const after = await ws.put(lead.id, { metadata: { first_name: "G", source: null, name: "M" } });
    expect([after.name, after.source, after.metadata.first_name, after.metadata.name, after.metadata.source]).toEqual([
      "John Doe",
      "fair",
      "G",
      "M",
      undefined,
    ]);
  });

  it("two at once both land", async () => {
    const { id } = await ws.create();
    await Promise.all([1, 2, 3, 4, 5].map((n) => ws.put(id, { metadata: { [`k${n}`]: n } })));
    expect((await ws.get(id)).metadata).toEqual({ k1: 1, k2: 2, k3: 3, k4: 4, k5: 5 });
  });

  it("metadata may grow to 256 KB, and not by one byte more", async () => {
    const { id } = await ws.create({ name: "N", metadata: {} });
    const used = new TextEncoder().encode(JSON.stringify({ name: "N", a: "", b: "", c: "" })).length;
    const part = 87_000;
    await ws.put(id, { metadata: { a: "x".repeat(part) } });
    await ws.put(id, { metadata: { b: "x".repeat(part) } });
    const left = 256 * 1024 - used - 2 * part;
    const tooMuch = await ws.client.call("PUT", `/api/v1/leads/${id}`, { json: { metadata: { c: "x".repeat(left + 1) } } });
    await readError(tooMuch, 413, "PAYLOAD_TOO_LARGE");
    expect((await ws.put(id, { metadata: { c: "x".repeat(left) } })).metadata.c).toHaveLength(left);
  });
});

describe("errors name the field", () => {
  it.each([
    ["name", undefined, "Name is required"],
    ["name", 5, "Must be a string"],
    ["name", "  ", "Name must not be empty"],
    ["email", undefined, "Email is required"],
    ["email", "nonsense", "Must be a valid email address"],
    ["email", 5, "Must be a valid email address"],
    ["phone", "call me", expect.stringContaining("Must be a valid phone number")],
    ["phone", 5550100, expect.stringContaining("Must be a valid phone number")],
    ["source", 5, "Must be a string"],
    ["status", "NEW", STATUS_MESSAGE],
    ["status", null, STATUS_MESSAGE],
    ["metadata", [], "Must be an object"],
    ["metadata", "text", "Must be an object"],
    ["nickname", "Jo", "Unknown field"],
  ])("POST %s = %j", async (field, value, message) => {
    const answer = await ws.client.post("/api/v1/leads", { name: "John", email: uniqueEmail(), [field]: value });
    const { error, details } = await readError(answer, 400, "VALIDATION_ERROR");
    expect(error).toBe("Validation failed");
    expect(details).toEqual({ field, value: typeof value === "object" ? null : (value ?? null), message });
  });

  it.each([
    ["name", null, "Name cannot be cleared"],
    ["email", null, "Email cannot be cleared"],
    ["email", "a@b", "Must be a valid email address"],
    ["status", null, STATUS_MESSAGE],
    ["nickname", 1, "Unknown field"],
  ])("PUT %s = %j", async (field, value, message) => {
    const { id } = await ws.create();
    const answer = await ws.client.call("PUT", `/api/v1/leads/${id}`, { json: { [field]: value } });
    expect((await readError(answer, 400, "VALIDATION_ERROR")).details).toEqual({ field, value, message });
  });

  it.each(["{}", '{"id":"x","createdAt":1}', "[]", "null", '"text"', "5"])("PUT %s has nothing to update", async (body) => {
    const { id } = await ws.create();
    const answer = await ws.client.call("PUT", `/api/v1/leads/${id}`, { body, headers: { "Content-Type": "application/json" } });
    expect((await readError(answer, 400, "VALIDATION_ERROR")).details).toMatchObject({ field: "body" });
  });

  it("values that no reader could take back are refused by their key", async () => {
    const deep = JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`);
    const answer = await ws.client.post("/api/v1/leads", { name: "J", email: uniqueEmail(), metadata: { deep } });
    expect((await readError(answer, 400, "VALIDATION_ERROR")).details).toMatchObject({ field: "metadata.deep" });
    const huge = `{"name":"J","email":"${uniqueEmail()}","metadata":{"n":1e999}}`;
    const number = await ws.client.call("POST", "/api/v1/leads", { body: huge, headers: { "Content-Type": "application/json" } });
    expect((await readError(number, 400, "VALIDATION_ERROR")).details).toMatchObject({ field: "metadata.n" });
  });

  it.each(["page=0", "page=x", "limit=0", "limit=101", "limit=1.5", "status=open", "status=new&status=lost", `search=${"x".repeat(1001)}`])(
    "GET ?%s",
    async (query) => {
      const { details } = await readError(await ws.client.get(`/api/v1/leads?${query}`), 400, "VALIDATION_ERROR");
      expect(details?.field).toBe(query.split("=")[0]);
    },
  );

  it("bodies that are no JSON, of another type or too large, wrong methods, unknown paths", async () => {
    const send = (body: string, type: string) => ws.client.call("POST", "/api/v1/leads", { body, headers: { "Content-Type": type } });
    for (const body of ["{", "", "nonsense", "[".repeat(50_000)])
      await readError(await send(body, "application/json"), 400, "INVALID_JSON");
    await readError(await send("{}", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE");
    await readError(await send(JSON.stringify({ name: "x".repeat(100 * 1024) }), "application/json"), 413, "PAYLOAD_TOO_LARGE");
    const patched = await ws.client.patch("/api/v1/leads", {});
    expect(patched.headers.get("Allow")).toBe("POST, GET, HEAD");
    await readError(patched, 405, "METHOD_NOT_ALLOWED");
    for (const path of ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/leads/", "/api/v1/leads/a/b", "/api/v1/chatbots/x"]) {
      await readError(await ws.client.get(path), 404, "NOT_FOUND");
    }
  });
});

describe("a lead that is not there", () => {
  const IDS = ["lead_1234567890abcdef", `lead_${"0".repeat(32)}`, `lead_${"0".repeat(33)}`, "x", "%00", "lead_%27%20OR%201=1", "undefined"];

  it.each(IDS)("%s is not found, on every route", async (id) => {
    for (const base of ["/api/v1/leads", "/api/v1/chatbots/cb_1/leads"]) {
      for (const [method, options] of [
        ["GET", {}],
        ["PUT", { json: { status: "lost" } }],
        ["DELETE", {}],
      ] as const) {
        const { error, details } = await readError(await ws.client.call(method, `${base}/${id}`, options), 404, "LEAD_NOT_FOUND");
        expect(error).toBe("Lead not found");
        expect(details).toEqual({ leadId: expect.any(String), message: "No lead found with this ID in your workspace" });
      }
    }
  });

  it("its id is known however another API has written it, and answered as this one writes it", async () => {
    const { id } = await ws.create({});
    const hex = id.slice(5);
    const dashed = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    for (const written of [hex, `ld_${hex}`, dashed]) expect((await ws.get(written)).id).toBe(id);
    const removed = await ws.client.call("DELETE", `/api/v1/leads/ld_${hex}`);
    expect(await removed.json()).toMatchObject({ data: { id } });
  });

  it("deleting is once and for good: no table remembers the lead but the log of changes", async () => {
    const lead = await ws.create({ name: "Gone Soon", phone: "+1-555-400-0001", source: "fair", status: "lost", metadata: { a: 1 } });
    await ws.create({ phone: "+1-555-400-0001" });
    const unit = await unitKeyOf(ws.tenant);
    expect(Object.keys(await tracesOf(unit, lead.id.slice(5))).sort()).toEqual([
      "alias_conflicts",
      "aliases",
      "change_log",
      "lead_terms",
      "leads",
    ]);
    const answer = await ws.client.call("DELETE", `/api/v1/leads/${lead.id}`);
    expect(await answer.json()).toEqual({
      success: true,
      message: "Lead deleted successfully",
      data: { id: lead.id, deletedAt: expect.stringMatching(ISO) },
    });
    // its changes are names of fields, and that it is gone
    expect(await tracesOf(unit, lead.id.slice(5))).toEqual({ change_log: expect.any(Number) });
    for (const method of ["DELETE", "GET"])
      await readError(await ws.client.call(method, `/api/v1/leads/${lead.id}`), 404, "LEAD_NOT_FOUND");
    expect((await ws.create({ email: lead.email })).id).not.toBe(lead.id);
  });

  it("deleting takes the lead's events, scores and firings along, and the counts know", async () => {
    const own = await mintWorkspace();
    const { client } = own.tenant;
    const unit = await unitKeyOf(own.tenant);
    await mintRule(client, { event_type: "Page View", weight: 10 });
    await post(client, "/triggers", { name: "Hot", score_threshold: 10 });
    const lead = await own.create({ name: "Gone With Events" });
    const kept = await own.create({ name: "Kept" });
    const view = (email: string | null, event_id: string) => asEmail(email ?? "", "Page View", { event_id });
    await ingest(client, view(lead.email, "gone-1"), view(lead.email, "gone-2"), view(kept.email, "kept-1"));
    const keyed = heldEvents();
    const headers = { "Idempotency-Key": "gone-key" };
    for (const event_id of ["gone-3", "gone-4"]) await client.post("/ingest", view(lead.email, event_id), { headers, bindings: keyed });
    await deliverEvents(keyed.sent);
    expect(await getReceipt(client, "gone-4")).toMatchObject({ status: "duplicate", duplicate_of: "gone-3" });
    expect(Object.keys(await tracesOf(unit, lead.id.slice(5)))).toEqual(
      expect.arrayContaining(["events", "contributions", "lead_scores", "firings"]),
    );
    expect((await own.client.call("DELETE", `/api/v1/leads/${lead.id}`)).status).toBe(200);
    expect(await tracesOf(unit, lead.id.slice(5))).toEqual({ change_log: 2 });
    expect(await tracesOf(unit, "gone-")).toEqual({});
    expect(await (await client.get("/events")).json()).toMatchObject({ total: 1, events: [{ id: "kept-1" }] });
    expect(await (await client.get("/event-stats")).json()).toMatchObject({ total_events: 1, total_leads: 1 });
  });
});

describe("keys", () => {
  it.each([
    [undefined, "MISSING_AUTH_HEADER", "Missing authorization header"],
    ["", "MISSING_AUTH_HEADER", "Missing authorization header"],
    ["sk-workspace_x", "MALFORMED_AUTH_HEADER", "Malformed authorization header. Expected format: Bearer <token>"],
    ["Basic abc", "MALFORMED_AUTH_HEADER", "Malformed authorization header. Expected format: Bearer <token>"],
    ["Bearer", "MALFORMED_AUTH_HEADER", "Malformed authorization header. Expected format: Bearer <token>"],
    ["Bearer a b", "MALFORMED_AUTH_HEADER", "Malformed authorization header. Expected format: Bearer <token>"],
    ["Bearer nonsense", "INVALID_API_KEY", "Invalid API key"],
    [`Bearer sk-workspace_${"x".repeat(51)}`, "INVALID_API_KEY", "Invalid API key"],
  ])("Authorization: %s", async (header, code, error) => {
    for (const path of ["/api/v1/leads", "/api/v1/nothing"]) {
      const answer = await request(path, header === undefined ? {} : { headers: { Authorization: header } });
      expect(answer.headers.get("X-RateLimit-Limit")).toBe(null);
      expect(await readError(answer, 401)).toEqual({ success: false, error, code, requestId: expect.any(String) });
    }
  });

  it("only workspace keys open this dialect, and they open no other", async () => {
    await readError(await ws.tenant.client.get("/api/v1/leads"), 401, "MALFORMED_AUTH_HEADER");
    expect((await bearerClient(ws.key).get("/profile-fields")).status).toBe(401);
  });

  it("a viewer's key reads and does not write", async () => {
    const lead = await ws.create();
    const { client } = await mintWorkspace({ unit_id: "unit_default", role: "viewer" }, ws.tenant);
    expect(await dataOf(await client.get(`/api/v1/leads/${lead.id}`))).toEqual(lead);
    await readError(await client.post("/api/v1/leads", { name: "J", email: uniqueEmail() }), 403, "FORBIDDEN");
    await readError(await client.call("PUT", `/api/v1/leads/${lead.id}`, { json: { status: "lost" } }), 403, "FORBIDDEN");
    await readError(await client.call("DELETE", `/api/v1/leads/${lead.id}`), 403, "FORBIDDEN");
    expect(await ws.get(lead.id)).toEqual(lead);
  });

  it("a key without a home opens the organization's default unit", async () => {
    const lead = await ws.create();
    expect(await (await mintWorkspace({}, ws.tenant)).get(lead.id)).toEqual(lead);
    const elsewhere = await mintWorkspace({ unit_id: await mintUnit(ws.tenant, `U ${crypto.randomUUID()}`) }, ws.tenant);
    await readError(await elsewhere.client.get(`/api/v1/leads/${lead.id}`), 404, "LEAD_NOT_FOUND");
    expect((await elsewhere.create({ email: lead.email })).workspaceId).not.toBe(lead.workspaceId);
  });

  it("the caller's request id is echoed, in the header and in the body", async () => {
    const answer = await clientWith({ Authorization: `Bearer ${ws.key}` }).get("/api/v1/leads/x", {
      headers: { "X-Request-Id": "my-request-1" },
    });
    expect((await readError(answer, 404)).requestId).toBe("my-request-1");
  });
});

describe("one core", () => {
  it("what an import wrote is read, searched and updated here; what is written here is found by alias there", async () => {
    const own = await mintWorkspace();
    const engagement = own.tenant.client;
    await importCsv(engagement, "Email,First,Last,Company,Source,Phone\nJane@Example.com,Jane,Doe,Acme,fair,+1 555 010 0100\n", {
      primary_identifier: { column: "Email", kind: "email" },
      field_mappings: { First: "first_name", Last: "last_name", Company: "company", Source: "source" },
      alias_mappings: { Phone: "_alias_phone" },
    });
    const { leads } = await own.list("?search=doe&source=fair");
    expect(leads).toEqual([
      expect.objectContaining({
        name: "Jane Doe",
        email: "Jane@Example.com",
        phone: "+1 555 010 0100",
        source: "fair",
        metadata: { company: "Acme" },
      }),
    ]);
    const id = leads[0]?.id ?? "";
    const after = await own.put(id, { name: "Jane Smith", email: "jane.smith@example.com", metadata: { seat: "12A" } });
    const alias = await engagement.get("/lead/by-alias?value=jane.smith@example.com");
    expect(await alias.json()).toEqual({
      lead_id: id.replace("lead_", "ld_"),
      email: "jane.smith@example.com",
      metadata: { name: "Jane Smith", company: "Acme", source: "fair", seat: "12A" },
    });
    expect((await engagement.get("/lead/by-alias?value=jane@example.com")).status).toBe(404);
    await engagement.patch("/lead/by-alias/metadata", {
      alias_value: "jane.smith@example.com",
      attributes: { first_name: "Janet", last_name: "Roe" },
    });
    expect(await own.get(id)).toMatchObject({ name: "Janet Roe", createdAt: after.createdAt });
    expect((await own.list("?search=roe")).pagination.total).toBe(1);
    expect((await own.list("?search=smith")).leads.map(({ email }) => email)).toEqual(["jane.smith@example.com"]);
    expect((await own.list("?search=doe")).pagination.total).toBe(0);
  });

  it("a lead known by other aliases only has no email here and may be given one", async () => {
    const own = await mintWorkspace();
    const leadId = await mintLead(own.tenant.client, { cookie: "c-1" }, { company: "Acme" });
    const id = leadId.replace("ld_", "lead_");
    expect(await own.get(id)).toMatchObject({ name: null, email: null, phone: null, metadata: { company: "Acme" } });
    expect(await own.put(id, { email: "c@example.com" })).toMatchObject({ email: "c@example.com", metadata: { company: "Acme" } });
  });
});

describe("what it costs", () => {
  it("round trips to D1 and rows written", async () => {
    const own = await mintWorkspace();
    const lead = await own.create({ name: "Jane Doe", email: "jane@example.com", phone: "+1-555-500-0001" });
    const cost = async (method: string, path: string, json?: unknown) => {
      const { DB, count } = countingD1();
      const answer = await own.client.call(method, path, { bindings: { DB }, ...(json === undefined ? {} : { json }) });
      expect(answer.status, await answer.text()).toBeLessThan(300);
      return { trips: count.trips, written: count.rowsWritten };
    };
    expect(await cost("GET", `/api/v1/leads/${lead.id}`)).toEqual({ trips: 1, written: 0 });
    expect(await cost("GET", "/api/v1/leads?search=jane%20doe&status=new&source=x")).toEqual({ trips: 1, written: 0 });
    // the row, two aliases, `doe` and `example.com`, the count, the log's entry
    expect(await cost("POST", "/api/v1/leads", { name: "Mia Doe", email: "mia@example.com", phone: "+1-555-500-0002" })).toEqual({
      trips: 1,
      written: 7,
    });
    expect(await cost("PUT", `/api/v1/leads/${lead.id}`, { metadata: { a: 1 } })).toEqual({ trips: 2, written: 2 });
    // the row, the status's entry, a count down and a count up, the log's entry
    expect(await cost("PUT", `/api/v1/leads/${lead.id}`, { status: "lost" })).toEqual({ trips: 2, written: 5 });
    expect((await cost("PUT", `/api/v1/leads/${lead.id}`, { email: "jane@other.com" })).trips).toBe(2);
    expect((await cost("DELETE", `/api/v1/leads/${lead.id}`)).trips).toBe(1);
  });
});

describe("what went wrong on our side", () => {
  it("is a 500 that tells the log, or a 503 that may be tried again", async () => {
    const { id } = await ws.create();
    const lines = await logged(async () => {
      const failed = await ws.client.get(`/api/v1/leads/${id}`, { bindings: failingD1("secret internal detail") });
      expect(await readError(failed, 500, "INTERNAL_ERROR")).toMatchObject({ error: "Internal server error" });
      const busy = await ws.client.call("PUT", `/api/v1/leads/${id}`, {
        json: { status: "lost" },
        bindings: failingD1("D1 DB is overloaded"),
      });
      expect(busy.headers.get("Retry-After")).toBe("1");
      await readError(busy, 503, "SERVICE_UNAVAILABLE");
    });
    expect(lines.join()).toContain("secret internal detail");
    expect(env.LOG_LEVEL).toBe("info");
  });
});
