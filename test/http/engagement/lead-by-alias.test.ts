/** Lead lookup and profile update by alias, and the accounts that leads link to: the contract's examples and its rules. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { deliver, getJob, heldQueue, importCsv, startImport } from "../../support/imports";
import { basicHeader, type Client, type Credential, clientWith, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem, request } from "../../support/worker";

const ALEX = "/lead/by-alias?kind=email&value=alex@example.com";
const PATCH = "/lead/by-alias/metadata";
const LEAD_ID = expect.stringMatching(/^ld_[0-9a-f]{32}$/);

type Lead = { lead_id: string; email: string | null; metadata: Record<string, unknown> };

/** A tenant that knows alex@example.com. */
async function mintAlex(metadata: Record<string, unknown> = {}): Promise<Tenant> {
  const tenant = await mintTenant();
  await mintLead(tenant.client, { email: "alex@example.com" }, metadata);
  return tenant;
}

const patchAlex = (client: Client, attributes: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  client.patch(PATCH, { alias_value: "alex@example.com", attributes }, { headers });

async function alex(client: Client): Promise<Lead & { etag: string }> {
  const answer = await client.get(ALEX);
  expect(answer.status).toBe(200);
  return { ...(await answer.json<Lead>()), etag: answer.headers.get("ETag") ?? "" };
}

/** What is stored of a tenant's only lead, seen past the API. */
const storedLead = ({ workspace_id }: Tenant) =>
  env.DB.prepare("SELECT l.* FROM leads l JOIN org_units u ON u.unit = l.unit WHERE u.workspace_id = ?1")
    .bind(workspace_id)
    .first<{ profile: string; account_id: string | null; version: number; updated_at: number }>();

async function mintAccount(client: Client, account: { name: string; domain?: string } = { name: "Acme Corp" }): Promise<string> {
  const answer = await client.post("/accounts", account);
  expect(answer.status).toBe(201);
  return (await answer.json<{ account_id: string }>()).account_id;
}

/** Runs a documented command against the worker. */
function curl(command: string, credential: Credential, ids: Record<string, string> = {}): Promise<Response> {
  const text = Object.entries(ids).reduce((filled, [documented, real]) => filled.replaceAll(documented, real), command);
  const data = /-d '([\s\S]*)'/.exec(text)?.[1];
  expect(text).toContain('-u "CLIENT_ID:CLIENT_SECRET"');
  return request(/"https:\/\/api\.kenbun\.io([^"]*)"/.exec(text)?.[1] ?? "", {
    method: /-X (\w+)/.exec(text)?.[1] ?? "",
    headers: {
      Authorization: basicHeader(credential),
      ...Object.fromEntries([...text.matchAll(/-H "([^:]+): ([^"]+)"/g)].map(([, name, value]) => [name, value])),
    },
    ...(data === undefined ? {} : { body: data }),
  });
}

it("a lead is found by its email as the contract shows", async () => {
  const { client } = await mintTenant();
  await importCsv(client, "Email,First Name,Company\nalex@example.com,Alex,Acme Corp\n", {
    primary_identifier: { column: "Email", kind: "email" },
    field_mappings: { "First Name": "first_name", Company: "company" },
  });
  const answer = await client.get("/lead/by-alias?kind=email&value=alex@example.com");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    lead_id: expect.stringMatching(/^ld_[0-9a-f]{32}$/),
    email: "alex@example.com",
    metadata: { first_name: "Alex", company: "Acme Corp" },
  });
});

describe("the contract's examples", () => {
  it("look-up", async () => {
    const { credential } = await mintAlex({ first_name: "Alex", company: "Acme Corp", quote_step: "Step 1" });
    const answer = await curl(
      `curl -X GET "https://api.kenbun.io/lead/by-alias?kind=email&value=alex@example.com" \\
-u "CLIENT_ID:CLIENT_SECRET"`,
      credential,
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toContain("application/json");
    expect(await answer.json()).toEqual({
      lead_id: LEAD_ID,
      email: "alex@example.com",
      metadata: { first_name: "Alex", company: "Acme Corp", quote_step: "Step 1" },
    });
  });

  it("update of metadata", async () => {
    const { credential, client } = await mintAlex({ kept: true });
    const answer = await curl(
      `curl -X PATCH "https://api.kenbun.io/lead/by-alias/metadata" \\
-u "CLIENT_ID:CLIENT_SECRET" \\
-H "Content-Type: application/json" \\
-d '{
"alias_kind": "email",
"alias_value": "alex@example.com",
"attributes": {
"quote_step": "Step 1",
"interest_level": "high"
}
}'`,
      credential,
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      lead_id: LEAD_ID,
      updated: 2,
      attributes: { quote_step: "Step 1", interest_level: "high" },
      account_linked: false,
    });
    expect((await alex(client)).metadata).toEqual({ kept: true, quote_step: "Step 1", interest_level: "high" });
  });

  it("link of an account", async () => {
    const tenant = await mintAlex();
    const account_id = await mintAccount(tenant.client);
    const answer = await curl(
      `curl -X PATCH "https://api.kenbun.io/lead/by-alias/metadata" \\
-u "CLIENT_ID:CLIENT_SECRET" \\
-H "Content-Type: application/json" \\
-d '{
"alias_kind": "email",
"alias_value": "alex@example.com",
"account_id": "acct_abc123"
}'`,
      tenant.credential,
      { acct_abc123: account_id },
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ lead_id: LEAD_ID, updated: 0, attributes: {}, account_linked: true });
    expect((await storedLead(tenant))?.account_id).toBe(account_id);
  });

  it("both in one request", async () => {
    const tenant = await mintAlex();
    const account_id = await mintAccount(tenant.client);
    const answer = await curl(
      `curl -X PATCH "https://api.kenbun.io/lead/by-alias/metadata" \\
-u "CLIENT_ID:CLIENT_SECRET" \\
-H "Content-Type: application/json" \\
-d '{
"alias_kind": "email",
"alias_value": "alex@example.com",
"attributes": {
"title": "VP Marketing",
"linkedin_url": "https://linkedin.com/in/alexjohnson"
},
"account_id": "acct_abc123"
}'`,
      tenant.credential,
      { acct_abc123: account_id },
    );
    const attributes = { title: "VP Marketing", linkedin_url: "https://linkedin.com/in/alexjohnson" };
    expect(await answer.json()).toEqual({ lead_id: LEAD_ID, updated: 2, attributes, account_linked: true });
    expect((await alex(tenant.client)).metadata).toEqual(attributes);
    expect((await storedLead(tenant))?.account_id).toBe(account_id);
  });
});

describe("the contract's errors", () => {
  it("look-up: 400 without a value, 401 without credentials, 404 for an alias that nobody has", async () => {
    const { client } = await mintAlex();
    for (const path of ["/lead/by-alias", "/lead/by-alias?kind=email", "/lead/by-alias?kind=email&value="]) {
      expect((await readProblem(await client.get(path), 400)).detail).toContain("Missing value parameter");
    }
    await readProblem(await clientWith({}).get(ALEX), 401);
    expect((await readProblem(await client.get("/lead/by-alias?value=nobody@example.com"), 404)).detail).toBe(
      "No lead found for this alias",
    );
  });

  it.each([
    ["alias_value is missing", { attributes: { a: 1 } }, "alias_value"],
    ["alias_value is empty", { alias_value: "", attributes: { a: 1 } }, "alias_value"],
    ["alias_value is blank", { alias_value: "  ", attributes: { a: 1 } }, "alias_value"],
    ["alias_value is no text", { alias_value: 5, attributes: { a: 1 } }, "alias_value"],
    ["neither attributes nor account_id came", { alias_value: "alex@example.com" }, "attributes or account_id"],
    ["attributes are no object", { alias_value: "alex@example.com", attributes: ["a"] }, "attributes"],
    ["attributes are null", { alias_value: "alex@example.com", attributes: null }, "attributes"],
    ["account_id is no text", { alias_value: "alex@example.com", account_id: 7 }, "account_id"],
  ])("update: 400 when %s", async (_, json, named) => {
    const { client } = await mintAlex();
    const before = await alex(client);
    expect((await readProblem(await client.patch(PATCH, json), 400)).detail).toContain(named);
    expect(await alex(client)).toEqual(before);
  });

  it("update: 401 without credentials, 404 for an alias that nobody has", async () => {
    const { client } = await mintTenant();
    await readProblem(await patchAlex(clientWith({}), { a: 1 }), 401);
    expect((await readProblem(await patchAlex(client, { a: 1 }), 404)).detail).toBe("No lead found for this alias");
  });

  it("update: 413 for a request over 100 KB, by its length or as it streams in, and nothing is written", async () => {
    const { client } = await mintAlex({ kept: true });
    const before = await alex(client);
    const body = JSON.stringify({ alias_value: "alex@example.com", attributes: { big: "x".repeat(100 * 1024) } });
    await readProblem(await client.call("PATCH", PATCH, { body, headers: { "Content-Type": "application/json" } }), 413);
    const length = { "Content-Type": "application/json", "Content-Length": String(body.length) };
    await readProblem(await client.call("PATCH", PATCH, { body, headers: length }), 413);
    const stream = new Response(body).body as ReadableStream;
    await readProblem(await client.call("PATCH", PATCH, { body: stream, headers: { "Content-Type": "application/json" } }), 413);
    expect(await alex(client)).toEqual(before);
  });

  it("a request of exactly 100 KB is taken", async () => {
    const { client } = await mintAlex();
    const frame = JSON.stringify({ alias_value: "alex@example.com", attributes: { big: "" } }).length;
    expect((await patchAlex(client, { big: "x".repeat(100 * 1024 - frame) })).status).toBe(200);
  });

  it("metadata may fill 256 KB to the last byte; one more is a 413 and nothing is written", async () => {
    const { client } = await mintAlex();
    const part = "x".repeat(90_000);
    expect((await patchAlex(client, { a: part, b: part })).status).toBe(413);
    expect((await patchAlex(client, { a: part })).status).toBe(200);
    expect((await patchAlex(client, { b: part })).status).toBe(200);
    const room = 256 * 1024 - JSON.stringify({ a: part, b: part, c: "" }).length;
    expect((await patchAlex(client, { c: "x".repeat(room) })).status).toBe(200);
    const full = await alex(client);
    await readProblem(await patchAlex(client, { c: `${"x".repeat(room)}x` }), 413);
    await readProblem(await patchAlex(client, { d: 1 }), 413);
    expect(await alex(client)).toEqual(full);
    expect((await patchAlex(client, { a: null })).status).toBe(200);
  });
});

describe("aliases", () => {
  it("any of the five kinds finds and updates the same lead", async () => {
    const { client } = await mintTenant();
    const aliases = {
      email: "alex@example.com",
      phone: "+15550100999",
      external_id: "CRM-42",
      cookie: "ck_AbC",
      social: "https://linkedin.com/in/alex",
    };
    const lead_id = await mintLead(client, aliases);
    for (const [kind, value] of Object.entries(aliases)) {
      const saved = await client.patch(PATCH, { alias_kind: kind, alias_value: value, attributes: { [kind]: true } });
      expect(await saved.json(), kind).toMatchObject({ lead_id, updated: 1 });
    }
    const metadata = { email: true, phone: true, external_id: true, cookie: true, social: true };
    for (const [kind, value] of Object.entries(aliases)) {
      const found = await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`);
      expect(await found.json(), kind).toEqual({ lead_id, email: "alex@example.com", metadata });
    }
    // one kind's value is not another's
    await readProblem(await client.get("/lead/by-alias?kind=cookie&value=CRM-42"), 404);
    await readProblem(await client.get("/lead/by-alias?kind=external_id&value=crm-42"), 404);
  });

  it("the kind is email unless said otherwise", async () => {
    const { client } = await mintAlex();
    expect((await client.get("/lead/by-alias?value=alex@example.com")).status).toBe(200);
    expect((await client.patch(PATCH, { alias_value: "alex@example.com", attributes: { a: 1 } })).status).toBe(200);
  });

  it("a lead without an email shows none", async () => {
    const { client } = await mintTenant();
    const lead_id = await mintLead(client, { phone: "+15550100999" });
    const found = await client.get(`/lead/by-alias?kind=phone&value=${encodeURIComponent("+15550100999")}`);
    expect(await found.json()).toEqual({ lead_id, email: null, metadata: {} });
  });

  it("an unknown kind is a 400 that lists the known ones", async () => {
    const { client } = await mintAlex();
    for (const answer of [
      await client.get("/lead/by-alias?kind=fax&value=1"),
      await client.get("/lead/by-alias?kind=&value=alex@example.com"),
      await client.get("/lead/by-alias?kind=constructor&value=1"),
      await client.patch(PATCH, { alias_kind: "Email", alias_value: "alex@example.com", attributes: { a: 1 } }),
    ]) {
      const { detail, errors } = await readProblem(answer, 400);
      expect(detail).toContain("email, phone, external_id, cookie, social");
      expect(errors?.[0]?.path).toMatch(/kind$/);
    }
  });

  it.each([
    ["email", "ALEX@Example.com "],
    ["email", "\talex@EXAMPLE.COM"],
    ["phone", "+1 (555) 010-0999"],
    ["phone", " +1-555-010-0999 "],
    ["phone", "+1.555.010.0999"],
    ["external_id", " CRM-42 "],
  ])("%s written as %j finds its lead", async (kind, value) => {
    const { client } = await mintTenant();
    const lead_id = await mintLead(client, { email: "alex@example.com", phone: "+15550100999", external_id: "CRM-42" });
    const found = await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`);
    expect(await found.json()).toMatchObject({ lead_id, email: "alex@example.com" });
    const patched = await client.patch(PATCH, { alias_kind: kind, alias_value: value, attributes: { seen: 1 } });
    expect(await patched.json()).toMatchObject({ lead_id, updated: 1 });
  });

  it("a plus that the caller forgot to escape still means a plus", async () => {
    const { client } = await mintTenant();
    const lead_id = await mintLead(client, { phone: "+15550100999" });
    for (const value of ["+15550100999", "+1%20(555)%20010-0999", "+1+(555)+010-0999"]) {
      expect(await (await client.get(`/lead/by-alias?kind=phone&value=${value}`)).json(), value).toMatchObject({ lead_id });
    }
  });

  it("an extension is no part of a number: the number is found with it and without it", async () => {
    const { client } = await mintTenant();
    const find = async (value: string) => {
      const answer = await client.get(`/lead/by-alias?kind=phone&value=${encodeURIComponent(value)}`);
      return answer.status === 200 ? (await answer.json<{ lead_id: string }>()).lead_id : null;
    };
    const short = await mintLead(client, { phone: "+1 212 555 x0100" });
    expect(await find("+12125550100")).toBeNull();
    const whole = await mintLead(client, { phone: "+1 212 555 0100 x12" });
    for (const value of ["+12125550100", "+1 212 555 0100 x13", "+1 (212) 555-0100 ext. 7"]) expect(await find(value), value).toBe(whole);
    expect(await find("+1 212 555 x0100")).toBe(short);
  });

  it("a number without a country is read by the org unit's region", async () => {
    const { client } = await mintTenant({ default_region: "US" });
    const lead_id = await mintLead(client, { phone: "(555) 010-0999" });
    for (const value of ["+15550100999", "555 010 0999"]) {
      expect(await (await client.get(`/lead/by-alias?kind=phone&value=${encodeURIComponent(value)}`)).json()).toMatchObject({ lead_id });
    }
  });

  it.each([
    ["email", "not an email"],
    ["email", "' OR 1=1 --"],
    ["email", "%"],
    ["phone", "call me"],
    ["phone", "+"],
    ["external_id", "a\u0000b"],
    ["external_id", "x".repeat(5000)],
    ["social", "\ud83d\ude00"],
    ["cookie", "__proto__"],
  ])("%s %j that no lead has is not found, never a failure", async (kind, value) => {
    const { client } = await mintAlex();
    await readProblem(await client.get(`/lead/by-alias?kind=${kind}&value=${encodeURIComponent(value)}`), 404);
    await readProblem(await client.patch(PATCH, { alias_kind: kind, alias_value: value, attributes: { a: 1 } }), 404);
  });

  it("a query that is badly escaped, or says a parameter twice, is the caller's error", async () => {
    const { client } = await mintAlex();
    for (const query of ["value=%E0%A4", "value=%", "kind=email&kind=phone&value=1", "value=a&value=b"]) {
      const { status } = await client.get(`/lead/by-alias?${query}`);
      expect([400, 404], query).toContain(status);
    }
  });
});

describe("metadata", () => {
  it("keeps any JSON value", async () => {
    const values = {
      text: 'Zoë 👩‍👩‍👧 \u2028 "quoted" \'; DROP TABLE leads; --',
      empty: "",
      zero: 0,
      negative: -1.5,
      large: 1.7976931348623157e308,
      small: 5e-324,
      integer: Number.MAX_SAFE_INTEGER,
      yes: true,
      no: false,
      list: [1, null, [null, []], { a: null }],
      object: { nested: { null: null, list: [] }, "any key / at all": { "": 1 } },
      "empty object": {},
      "looks like json": '{"a":1}',
    };
    const { client } = await mintAlex();
    const saved = await patchAlex(client, values);
    expect(await saved.json()).toMatchObject({ updated: Object.keys(values).length, attributes: values });
    expect((await alex(client)).metadata).toEqual(values);
    await importCsv(client, "Email,Company\nalex@example.com,Acme\n", {
      primary_identifier: { column: "Email", kind: "email" },
      field_mappings: { Company: "company" },
    });
    expect((await alex(client)).metadata).toEqual({ ...values, company: "Acme" });
  });

  it("a number beyond all doubles never turns into a null", async () => {
    const { client } = await mintAlex({ n: 1 });
    await client.call("PATCH", PATCH, {
      body: '{"alias_value":"alex@example.com","attributes":{"n":1e400}}',
      headers: { "Content-Type": "application/json" },
    });
    expect((await alex(client)).metadata).toEqual({ n: 1 });
  });

  it.each([200, 1_200, 20_000, 50_000])("a value nested %i deep is kept or refused, and the lead can still be imported", async (depth) => {
    const { client } = await mintAlex();
    const answer = await client.call("PATCH", PATCH, {
      body: `{"alias_value":"alex@example.com","attributes":{"deep":${"[".repeat(depth)}${"]".repeat(depth)}}}`,
      headers: { "Content-Type": "application/json" },
    });
    expect([200, 400]).toContain(answer.status);
    const { sent, IMPORT_QUEUE } = heldQueue();
    const mapping = { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { Company: "company" } };
    const job = await startImport(client, "Email,Company\nalex@example.com,Acme\n", mapping, { IMPORT_QUEUE });
    await deliver(sent[0], { IMPORT_QUEUE });
    expect(await getJob(client, job)).toMatchObject({ status: "completed", updated_count: 1, failed_count: 0 });
    expect((await alex(client)).metadata).toMatchObject({ company: "Acme" });
  });

  it("null removes a key, and removing what is not there is no failure", async () => {
    const { client } = await mintAlex({ a: 1, b: 2 });
    expect((await patchAlex(client, { a: null, never: null })).status).toBe(200);
    expect((await alex(client)).metadata).toEqual({ b: 2 });
  });

  it("a value is replaced whole, never merged into", async () => {
    const { client } = await mintAlex({ address: { city: "Berlin", zip: "10115" } });
    await patchAlex(client, { address: { city: "Paris" } });
    expect((await alex(client)).metadata).toEqual({ address: { city: "Paris" } });
  });

  it.each(["a", "k".repeat(64), "A-z_0.9 x", "quote_step", " ", "Größe", "年齢"])("the key %j is allowed", async (key) => {
    const { client } = await mintAlex();
    expect((await patchAlex(client, { [key]: 1 })).status).toBe(200);
    expect((await alex(client)).metadata).toEqual({ [key]: 1 });
  });

  it.each(["", "k".repeat(65), "bad/key", "a:b", "a$", "tab\tkey", "new\nline", 'quo"te', "emoji😀", "a\u0000"])(
    "the key %j is refused by name, and nothing else of the request is written",
    async (key) => {
      const { client } = await mintAlex();
      const before = await alex(client);
      const { detail, errors } = await readProblem(await patchAlex(client, { fine: 1, [key]: 1 }), 400);
      expect(detail).toContain(`"${key}"`);
      expect(errors).toEqual([{ path: `attributes.${key}`, message: expect.stringContaining("1 to 64 characters") }]);
      expect(await alex(client)).toEqual(before);
    },
  );

  it("every offending key is named", async () => {
    const { client } = await mintAlex();
    const { errors } = await readProblem(await patchAlex(client, { "a/b": 1, ok: 1, "c/d": 1 }), 400);
    expect(errors?.map(({ path }) => path)).toEqual(["attributes.a/b", "attributes.c/d"]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"])("%s is just a key", async (key) => {
    const { client } = await mintAlex({ kept: true });
    const patch = (value: string) =>
      client.call("PATCH", PATCH, {
        body: `{"alias_value":"alex@example.com","attributes":{${JSON.stringify(key)}:${value}}}`,
        headers: { "Content-Type": "application/json" },
      });
    const saved = await patch('{"polluted":true}');
    expect(await saved.text()).toContain(`"attributes":{${JSON.stringify(key)}:{"polluted":true}}`);
    const { metadata } = await alex(client);
    expect(Object.entries(metadata)).toEqual([
      ["kept", true],
      [key, { polluted: true }],
    ]);
    expect("polluted" in {}).toBe(false);
    await patch("null");
    expect(Object.entries((await alex(client)).metadata)).toEqual([["kept", true]]);
  });

  it("writing a name drops its parts, and writing a part drops the name", async () => {
    const { client } = await mintAlex({ first_name: "Alex", last_name: "Johnson", kept: 1 });
    await patchAlex(client, { name: "Alex J." });
    expect((await alex(client)).metadata).toEqual({ kept: 1, name: "Alex J." });
    await patchAlex(client, { last_name: "Johnson" });
    expect((await alex(client)).metadata).toEqual({ kept: 1, last_name: "Johnson" });
    await patchAlex(client, { name: "A", first_name: "B" });
    expect((await alex(client)).metadata).toEqual({ kept: 1, last_name: "Johnson", name: "A", first_name: "B" });
    await patchAlex(client, { name: null });
    expect((await alex(client)).metadata).toEqual({ kept: 1, last_name: "Johnson", first_name: "B" });
  });
});

describe("accounts", () => {
  it("an account is created, and found by its id and by its domain", async () => {
    const { client } = await mintTenant();
    const answer = await client.post("/accounts", { name: " Acme Corp ", domain: "Acme.com" });
    expect(answer.status).toBe(201);
    const account = await answer.json<{ account_id: string }>();
    expect(account).toEqual({
      account_id: expect.stringMatching(/^acct_[0-9a-f]{32}$/),
      name: "Acme Corp",
      domain: "acme.com",
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      updated_at: expect.any(String),
    });
    expect(answer.headers.get("Location")).toBe(`/accounts/${account.account_id}`);
    const found = { ...account, total_leads: 0, engagement_score: 0, account_score: 0, account_level: null, last_activity_at: null };
    expect(await (await client.get(`/accounts/${account.account_id}`)).json()).toMatchObject(found);
    expect(await (await client.get("/accounts/ACME.com")).json()).toMatchObject(found);
    expect(await (await client.post("/accounts", { name: "No domain" })).json()).toMatchObject({ domain: null });
  });

  it.each([{}, { name: "" }, { name: "  " }, { name: 1 }, { name: "n".repeat(201) }, { name: "A", domain: "not a domain" }])(
    "%j is no account",
    async (json) => {
      const { client } = await mintTenant();
      await readProblem(await client.post("/accounts", json), 400);
    },
  );

  it.each(["acct_nothing", "acct_", "nobody.com", "%00", "%", "acct_%27"])("GET /accounts/%s is not found", async (id) => {
    const { client } = await mintTenant();
    await readProblem(await client.get(`/accounts/${id}`), 404);
  });

  it.each(["acct_0193f3a2c7b07aa18000c0ffee123456", "acct_", "nonsense", "' OR 1=1 --"])(
    "linking the unknown account %s is no failure: the metadata is saved and the old link stays",
    async (account_id) => {
      const tenant = await mintAlex();
      const known = await mintAccount(tenant.client);
      const link = (json: object) => tenant.client.patch(PATCH, { alias_value: "alex@example.com", ...json });
      await link({ account_id: known });
      const answer = await link({ account_id, attributes: { a: 1 } });
      expect([answer.status, await answer.json()]).toMatchObject([200, { updated: 1, account_linked: false }]);
      const alone = await link({ account_id });
      expect([alone.status, await alone.json()]).toMatchObject([200, { updated: 0, attributes: {}, account_linked: false }]);
      expect((await alex(tenant.client)).metadata).toEqual({ a: 1 });
      expect((await storedLead(tenant))?.account_id).toBe(known);
    },
  );

  it("another org unit's account cannot be linked", async () => {
    const tenant = await mintAlex();
    const { client: rival } = await mintTenant();
    const account_id = await mintAccount(rival);
    const answer = await tenant.client.patch(PATCH, { alias_value: "alex@example.com", account_id });
    expect(await answer.json()).toMatchObject({ account_linked: false });
    expect((await storedLead(tenant))?.account_id).toBe(null);
  });

  it("linking the account that is linked already says so and changes nothing", async () => {
    const { client } = await mintAlex();
    const account_id = await mintAccount(client);
    const link = () => client.patch(PATCH, { alias_value: "alex@example.com", account_id });
    const first = await link();
    const again = await link();
    expect(await again.json()).toMatchObject({ account_linked: true });
    expect(again.headers.get("ETag")).toBe(first.headers.get("ETag"));
  });
});

describe("versions", () => {
  it("the ETag of a look-up is the one that a patch returns, and changes with the lead", async () => {
    const { client } = await mintAlex();
    const before = await alex(client);
    expect(before.etag).toMatch(/^"[^"]+"$/);
    const patched = await patchAlex(client, { a: 1 });
    expect(patched.headers.get("ETag")).not.toBe(before.etag);
    expect((await alex(client)).etag).toBe(patched.headers.get("ETag"));
  });

  it("a look-up of what the caller has already is a 304 without a body", async () => {
    const { client } = await mintAlex();
    const { etag } = await alex(client);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await client.get(ALEX, { headers: { "If-None-Match": known } });
      expect([answer.status, answer.headers.get("ETag"), await answer.text()], known).toEqual([304, etag, ""]);
    }
    await patchAlex(client, { a: 1 });
    expect((await client.get(ALEX, { headers: { "If-None-Match": etag } })).status).toBe(200);
  });

  it("If-Match lets a patch through only while the lead is as the caller saw it", async () => {
    const { client } = await mintAlex();
    const { etag } = await alex(client);
    expect((await patchAlex(client, { a: 1 }, { "If-Match": etag })).status).toBe(200);
    const after = await alex(client);
    for (const stale of [etag, '"other"', `W/${after.etag}`, "nonsense"]) {
      expect((await readProblem(await patchAlex(client, { a: 2 }, { "If-Match": stale }), 412)).code).toBe("precondition_failed");
    }
    expect(await alex(client)).toEqual(after);
    expect((await patchAlex(client, { a: 3 }, { "If-Match": `"other", ${after.etag}` })).status).toBe(200);
    expect((await patchAlex(client, { a: 4 }, { "If-Match": "*" })).status).toBe(200);
    expect((await alex(client)).metadata).toEqual({ a: 4 });
  });

  it("a patch that changes nothing leaves version and time as they were", async () => {
    const tenant = await mintAlex({ a: { b: [1] }, name: "Alex" });
    const stored = await storedLead(tenant);
    const { etag } = await alex(tenant.client);
    for (const attributes of [{ a: { b: [1] } }, { name: "Alex", first_name: null }, {}, { never: null }]) {
      const answer = await patchAlex(tenant.client, attributes);
      expect([answer.status, answer.headers.get("ETag")]).toEqual([200, etag]);
    }
    expect(await storedLead(tenant)).toEqual(stored);
  });
});

describe("replicas", () => {
  /** A D1 that notes where each of its sessions begins. */
  function recordingD1(): { DB: D1Database; begins: (string | undefined)[] } {
    const begins: (string | undefined)[] = [];
    const DB = {
      prepare: (text: string) => env.DB.prepare(text),
      batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
      withSession: (begin?: string) => {
        begins.push(begin);
        return env.DB.withSession(begin);
      },
    } as unknown as D1Database;
    return { DB, begins };
  }

  it("every answer tells where its session ended, and a read goes on from there", async () => {
    const { client } = await mintAlex();
    const patched = await patchAlex(client, { a: 1 });
    const bookmark = patched.headers.get("x-d1-bookmark") ?? "";
    expect(bookmark).not.toBe("");
    const { DB, begins } = recordingD1();
    const found = await client.get(ALEX, { bindings: { DB }, headers: { "x-d1-bookmark": bookmark } });
    expect(await found.json()).toMatchObject({ metadata: { a: 1 } });
    expect(found.headers.get("x-d1-bookmark")).toMatch(/^[0-9a-f-]+$/);
    const nothing = await client.get("/lead/by-alias?value=nobody@example.com", {
      bindings: { DB },
      headers: { "x-d1-bookmark": bookmark },
    });
    expect([nothing.status, nothing.headers.get("x-d1-bookmark")]).toEqual([404, expect.any(String)]);
    expect(begins).toEqual([bookmark, bookmark]);
  });

  it("a write never begins at a replica's bookmark, but at the primary", async () => {
    const { client } = await mintAlex();
    const bookmark = (await client.get(ALEX)).headers.get("x-d1-bookmark") ?? "";
    const { DB, begins } = recordingD1();
    for (const sent of [bookmark, "first-unconstrained", ""]) {
      const options = { bindings: { DB }, headers: { "x-d1-bookmark": sent } };
      const answers = [
        await client.patch(PATCH, { alias_value: "alex@example.com", attributes: { sent } }, options),
        await client.post("/accounts", { name: "Acme" }, options),
        await client.post("/leads/import/jobs/job_unknown/cancel", undefined, options),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 201, 404]);
      for (const { headers } of answers) expect(headers.get("x-d1-bookmark")).toMatch(/^[0-9a-f-]+$/);
    }
    expect(begins).toEqual(Array.from({ length: 9 }, () => "first-primary"));
  });

  it.each([
    "nonsense",
    "first-primary",
    "",
    "00000001-00000002-00000003",
    `00000001-00000002-00000003-${"z".repeat(32)}`,
    "x".repeat(5_000),
  ])("a read with the malformed bookmark %j begins anywhere", async (sent) => {
    const { client } = await mintAlex();
    const { DB, begins } = recordingD1();
    const answer = await client.get(ALEX, { bindings: { DB }, headers: { "x-d1-bookmark": sent } });
    expect([answer.status, begins]).toEqual([200, ["first-unconstrained"]]);
  });
});

describe("concurrency", () => {
  it("thirty patches of different keys at once all survive", async () => {
    const { client } = await mintAlex();
    const keys = Array.from({ length: 30 }, (_, n) => `key_${n}`);
    const answers = await Promise.all(keys.map((key) => patchAlex(client, { [key]: key })));
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
    expect((await alex(client)).metadata).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
    expect(new Set(answers.map((answer) => answer.headers.get("ETag"))).size).toBe(30);
  });

  it("a patch and an import of the same lead at once both survive", async () => {
    const { client } = await mintAlex();
    const columns = Array.from({ length: 10 }, (_, n) => `key_${n}`);
    const [job] = await Promise.all([
      importCsv(client, "Email,Company\nalex@example.com,Acme\n", {
        primary_identifier: { column: "Email", kind: "email" },
        field_mappings: { Company: "company" },
      }),
      ...columns.map((key) => patchAlex(client, { [key]: 1 })),
    ]);
    expect(job).toMatchObject({ status: "completed", updated_count: 1 });
    expect((await alex(client)).metadata).toEqual({ company: "Acme", ...Object.fromEntries(columns.map((key) => [key, 1])) });
  });

  it("with If-Match no read-modify-write is ever lost", async () => {
    const { client } = await mintAlex({ n: 0 });
    const increment = async (): Promise<void> => {
      for (;;) {
        const { metadata, etag } = await alex(client);
        const answer = await patchAlex(client, { n: Number(metadata.n) + 1 }, { "If-Match": etag });
        if (answer.status === 200) return;
        expect(answer.status).toBe(412);
      }
    };
    await Promise.all(Array.from({ length: 8 }, increment));
    expect((await alex(client)).metadata).toEqual({ n: 8 });
  });
});

describe("cost in steady state", () => {
  it("a look-up is one D1 round trip and writes nothing", async () => {
    const { client } = await mintAlex();
    const { DB, count } = countingD1();
    const { etag } = await alex(client);
    for (const headers of [{}, { "If-None-Match": etag }] as Record<string, string>[]) {
      count.trips = 0;
      expect([200, 304]).toContain((await client.get(ALEX, { bindings: { DB }, headers })).status);
      expect(count).toMatchObject({ trips: 1, rowsWritten: 0 });
    }
    count.trips = 0;
    expect((await client.get("/lead/by-alias?value=nobody@example.com", { bindings: { DB } })).status).toBe(404);
    expect(count).toMatchObject({ trips: 1, rowsWritten: 0 });
  });

  it("an update is at most two D1 round trips and two rows written, three with a new link; none when nothing changes", async () => {
    const { client } = await mintAlex();
    const account_id = await mintAccount(client);
    const { DB, count } = countingD1();
    const patch = async (json: object) => {
      Object.assign(count, { trips: 0, rowsWritten: 0 });
      expect((await client.patch(PATCH, { alias_value: "alex@example.com", ...json }, { bindings: { DB } })).status).toBe(200);
      return { ...count };
    };
    // a new link is also a place among the account's leads
    const rowsOf = [
      [{ attributes: { a: 1 } }, 2],
      [{ account_id, attributes: { b: 1 } }, 3],
      [{ account_id: "acct_x", attributes: { c: 1 } }, 2],
    ] as const;
    for (const [json, rows] of rowsOf) {
      const { trips, rowsWritten } = await patch(json);
      expect(trips).toBeLessThanOrEqual(2);
      expect(rowsWritten).toBe(rows);
    }
    expect(await patch({ attributes: { a: 1 }, account_id })).toMatchObject({ trips: 1, rowsWritten: 0 });
  });

  it("so it is for a token and for a session, too", async () => {
    const { organization_id, client } = await mintAlex();
    const roaming = await mintClient(organization_id);
    const opened = await roaming.post("/org-units/active", { ouId: "unit_default" });
    const cookie = opened.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    const { token } = await (await client.post("/settings/tokens", { name: "t" })).json<{ token: string }>();
    for (const [caller, headers] of [
      [roaming, { Cookie: cookie }],
      [roaming, { "X-Org-Unit": "unit_default" }],
      [clientWith({ Authorization: `Bearer ${token}` }), {}],
    ] as [Client, Record<string, string>][]) {
      expect((await caller.get(ALEX, { headers })).status).toBe(200);
      const { DB, count } = countingD1();
      expect((await caller.get(ALEX, { headers, bindings: { DB } })).status).toBe(200);
      expect(count).toMatchObject({ trips: 1, rowsWritten: 0 });
    }
  });
});

describe("?explain=true", () => {
  it("says which alias matched, and which aliases stayed with whom, in look-ups, patches and batches", async () => {
    const { client } = await mintTenant();
    const [owner, other] = [await mintLead(client, { email: "own@example.com" }), await mintLead(client, { email: "other@example.com" })];
    expect((await client.post(`/lead/${other}/aliases`, { kind: "email", value: "own@example.com" })).status).toBe(409);
    const explain = {
      matched_by: { kind: "email", value: "other@example.com" },
      attached: [],
      refused: [{ kind: "email", value: "own@example.com", lead_id: owner }],
    };
    const found = await client.get("/lead/by-alias?value=Other@Example.com&explain=true&sources=true");
    expect(await found.json()).toMatchObject({ lead_id: other, sources: {}, explain });
    const patched = await client.patch("/lead/by-alias/metadata?explain=true", { alias_value: "other@example.com", attributes: { a: 1 } });
    expect(await patched.json()).toMatchObject({ lead_id: other, explain });
    const sources = await (await client.get("/lead/by-alias?value=other@example.com&sources=true")).json<{ sources: object }>();
    expect(sources.sources).toMatchObject({ a: { source: "person", dialect: "engagement" } });
    const aliases = ["own@example.com", "other@example.com", "nobody@example.com"].map((value) => ({ kind: "email", value }));
    const batch = await (await client.post("/lead/by-alias/batch?explain=true", { aliases })).json<{ results: { explain: unknown }[] }>();
    expect(batch.results.map((result) => result.explain)).toEqual([
      { matched_by: { kind: "email", value: "own@example.com" }, attached: [], refused: [] },
      explain,
      null,
    ]);
    expect(await (await client.get("/lead/by-alias?value=own@example.com")).json()).not.toHaveProperty("explain");
  });
});
