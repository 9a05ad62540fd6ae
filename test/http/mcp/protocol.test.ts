/** The transport: both revisions of the protocol, who may call, and what is refused how. */
import { describe, expect, it } from "vitest";
import { setLimits } from "../../support/limits";
import { ACCEPT, callTool, send, sendLegacy, toolNames, useTool } from "../../support/mcp";
import {
  adminPost,
  basicHeader,
  bearerClient,
  type Client,
  clientWith,
  mintClient,
  mintCredential,
  mintTenant,
  mintUnit,
} from "../../support/tenant";
import { ORIGIN, readProblem, request } from "../../support/worker";

const TOOLS = [
  "whoami",
  "search_leads",
  "get_lead",
  "explain_score",
  "top_leads",
  "list_events",
  "get_receipt",
  "list_jobs",
  "plan_import",
  "plan_update",
  "commit_plan",
  "undo",
];
const METADATA = `Bearer resource_metadata="${ORIGIN}/.well-known/oauth-protected-resource/mcp"`;
const initialize = (name = "old-agent") => ({
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name, version: "1" } },
});

describe("the revision of 2026-07-28", () => {
  it("is discovered, lists its tools in one order with hints for caches, and keeps no session", async () => {
    const { client } = await mintTenant();
    const discovered = await send(client, "server/discover");
    expect(discovered.headers.get("Mcp-Session-Id")).toBeNull();
    expect(await discovered.json()).toMatchObject({
      result: { supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, instructions: expect.stringContaining("commit_plan") },
    });
    const listed = await send(client, "tools/list");
    expect([listed.headers.get("Content-Type"), listed.headers.get("Cache-Control")]).toEqual(["application/json", "no-store"]);
    expect(await listed.json()).toMatchObject({ result: { ttlMs: 60_000, cacheScope: "private" } });
    expect(await toolNames(client)).toEqual(TOOLS);
  });

  it("gives each tool a title, a description, hints and schemas of objects", async () => {
    const { client } = await mintTenant();
    const { result } = await (await send(client, "tools/list")).json<{ result: { tools: Record<string, unknown>[] } }>();
    const hints = { title: expect.any(String), openWorldHint: false };
    const reads = { ...hints, readOnlyHint: true, destructiveHint: false, idempotentHint: true };
    const plans = { ...hints, readOnlyHint: false, destructiveHint: false, idempotentHint: false };
    const writes = { ...hints, readOnlyHint: false, destructiveHint: true, idempotentHint: true };
    const expected = [...Array.from({ length: 8 }, () => reads), plans, plans, writes, writes];
    expect(result.tools.map(({ annotations }) => annotations)).toEqual(expected);
    for (const tool of result.tools)
      expect(tool).toMatchObject({
        title: expect.any(String),
        description: expect.any(String),
        inputSchema: { type: "object", properties: expect.any(Object) },
        outputSchema: { type: "object", properties: expect.any(Object), required: expect.any(Array) },
      });
    expect(JSON.stringify(result).length).toBeLessThan(25_000);
  });

  it("refuses a method and a tool that it does not have", async () => {
    const { client } = await mintTenant();
    const method = await send(client, "resources/list");
    expect([method.status, await method.json()]).toMatchObject([404, { id: 1, error: { code: -32601 } }]);
    const tool = await send(client, "tools/call", { name: "delete_leads", arguments: {} });
    expect(await tool.json()).toMatchObject({ id: 1, error: { code: -32602, message: "Unknown tool: delete_leads" } });
  });

  it("ends a subscription at once: nothing changes that it could be told of", async () => {
    const { client } = await mintTenant();
    const response = await send(client, "subscriptions/listen", { notifications: { toolsListChanged: true } });
    expect(await response.text()).toContain("notifications/subscriptions/acknowledged");
  });
});

describe("the revision of 2025-11-25", () => {
  it("begins with initialize, and lists and calls the same tools", async () => {
    const { client } = await mintTenant();
    const { answer } = await sendLegacy(client, initialize());
    expect(answer.result).toMatchObject({ protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "leadedge" } });
    expect((await sendLegacy(client, { method: "notifications/initialized" })).response.status).toBe(202);
    expect((await sendLegacy(client, { id: 2, method: "ping" })).answer.result).toEqual({});
    const { answer: listed } = await sendLegacy(client, { id: 3, method: "tools/list" });
    expect(listed.result).toMatchObject({ tools: TOOLS.map((name) => ({ name })) });
    const { answer: called } = await sendLegacy(client, { id: 4, method: "tools/call", params: { name: "whoami", arguments: {} } });
    expect(called.result).toMatchObject({ structuredContent: { role: "admin", unit_id: "unit_default", client: "test" } });
  });

  it("names its client in initialize alone: the session's id brings the name back, and any other id does no harm", async () => {
    const { client } = await mintTenant();
    const { response } = await sendLegacy(client, initialize("Käse 🧀"));
    const session = response.headers.get("Mcp-Session-Id") ?? "";
    expect(session).toMatch(/^[!-~]+$/);
    const named = async (id: string) => {
      const { answer } = await sendLegacy(
        client,
        { id: 2, method: "tools/call", params: { name: "whoami" } },
        { "Mcp-Session-Id": id, "MCP-Protocol-Version": "2025-11-25" },
      );
      return answer.result?.structuredContent;
    };
    expect(await named(session)).toMatchObject({ client: "Käse 🧀" });
    for (const other of ["x", `${session}=`, `${"0".repeat(32)}.____`, `${"0".repeat(32)}.`])
      expect(await named(other)).toMatchObject({ client: "test" });
  });
});

describe("who may call", () => {
  it("is who has a personal token, a service account's secret, or its access token", async () => {
    const { organization_id, credential } = await mintTenant();
    const personal = await mintCredential(organization_id, { kind: "personal_token", unit_id: "unit_default", role: "viewer" });
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    const answer = await request("/oauth/token", { method: "POST", headers: { Authorization: basicHeader(credential) }, body });
    const { access_token } = await answer.json<{ access_token: string }>();
    for (const client of [bearerClient(personal.token), clientWith({ Authorization: basicHeader(credential) }), bearerClient(access_token)])
      expect(await useTool(client, "whoami")).toMatchObject({ organization_id, unit_id: "unit_default" });
  });

  it.each([
    ["nothing", {}],
    ["a wrong token", { Authorization: "Bearer kbn_pat_0" }],
    ["a key of another dialect", { Authorization: "Bearer sk-workspace_0" }],
  ] as [string, Record<string, string>][])("is not who has %s: the 401 says where to sign in", async (_, headers) => {
    const response = await send(clientWith(headers), "tools/list");
    expect(response.headers.get("WWW-Authenticate")).toBe(METADATA);
    await readProblem(response, 401);
  });

  it("works in the unit of X-Org-Unit where its credential has no home, and in no other organization's", async () => {
    const tenant = await mintTenant();
    const unit = await mintUnit(tenant, "North");
    const homeless = await mintClient(tenant.organization_id, { role: "viewer" });
    expect(await useTool(homeless, "whoami", {}, { headers: { "X-Org-Unit": unit } })).toMatchObject({ unit_id: unit, unit_name: "North" });
    expect((await readProblem(await send(homeless, "tools/list"), 400)).detail).toContain("active OU not set");
    const { client: rival } = await mintTenant();
    await readProblem(await send(rival, "tools/list", {}, { headers: { "X-Org-Unit": unit } }), 404);
  });

  it("is counted by the org unit's quota, and refused beyond it", async () => {
    const tenant = await mintTenant();
    await setLimits(tenant, { requests_per_second: 0 });
    const refused = await send(tenant.client, "tools/list");
    expect(refused.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect((await readProblem(refused, 429)).detail).toContain("requests_per_second");
  });
});

describe("what is refused", () => {
  const post = (client: Client, body: string, headers: Record<string, string> = {}) =>
    client.call("POST", "/mcp", { body, headers: { "Content-Type": "application/json", Accept: ACCEPT, ...headers } });

  it.each([
    ["no JSON", "{", -32700],
    ["an empty body", "", -32700],
    ["a batch", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
    ["no message", "7", -32600],
    ["null", "null", -32600],
    ["a message without a version", '{"id":1,"method":"ping"}', -32600],
  ])("%s is an error of the protocol", async (_, body, code) => {
    const { client } = await mintTenant();
    const response = await post(client, body);
    expect([response.status, await response.json()]).toMatchObject([400, { jsonrpc: "2.0", error: { code } }]);
  });

  it("another media type, a body over 2 MB, and another method", async () => {
    const { client } = await mintTenant();
    await readProblem(await post(client, "{}", { "Content-Type": "text/plain" }), 415);
    await readProblem(await post(client, `"${"x".repeat(2 * 1024 * 1024)}"`), 413);
    for (const method of ["GET", "DELETE"]) {
      const response = await client.call(method, "/mcp", { headers: { Accept: ACCEPT } });
      expect(response.headers.get("Allow")).toBe("POST");
      await readProblem(response, 405);
    }
  });

  it.each([
    ["of a page that is not listed", "https://evil.example", 403],
    ["of a name that resolves to this machine", ORIGIN, 403],
    ["null", "null", 403],
    ["that is listed", "https://app.example.com", 200],
  ])("an Origin %s", async (_, origin, status) => {
    const { client } = await mintTenant();
    expect((await send(client, "tools/list", {}, { headers: { Origin: origin } })).status).toBe(status);
  });

  it("arguments that are no object, or hold an integer that would be rounded", async () => {
    const { client } = await mintTenant();
    const response = await send(client, "tools/call", { name: "whoami", arguments: [] });
    expect(await response.json()).toMatchObject({ error: { code: -32602 } });
    const meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"top_leads","arguments":{"limit":12345678901234567890},${meta}}}`;
    const headers = { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "top_leads" };
    const rounded = await post(client, body, headers);
    expect(rounded.status).toBeLessThan(500);
    expect(await rounded.text()).toContain("12345678901234567890");
  });
});

it("a failure of ours is a sentence with the request's id, never a status of 500", async () => {
  const { client } = await mintTenant();
  const DB = { prepare: () => ({}), withSession: () => ({ prepare: () => ({}), getBookmark: () => null }) } as unknown as D1Database;
  await useTool(client, "whoami");
  const { isError, content } = await callTool(client, "search_leads", { q: "x" }, { bindings: { DB } });
  expect(isError).toBe(true);
  expect(content[0]?.text).toMatch(/quote the request id req_|try again in/);
});

it("a lead of another tenant does not exist", async () => {
  const { organization_id } = await adminPost<{ organization_id: string }>("/admin/organizations", { name: "Rival" });
  const rival = await mintClient(organization_id, { unit_id: "unit_default" });
  const { client } = await mintTenant();
  const batch = await client.post("/leads/batch", { leads: [{ email: "ann@x.example" }] });
  const { results } = await batch.json<{ results: { lead_id: string }[] }>();
  for (const given of [{ value: "ann@x.example" }, { lead_id: results[0]?.lead_id }])
    for (const tool of ["get_lead", "explain_score", "list_events"]) expect((await callTool(rival, tool, given)).isError).toBe(true);
  expect(await useTool(rival, "search_leads", { q: "ann" })).toMatchObject({ leads: [] });
});
