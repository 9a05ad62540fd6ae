/** Agents' own programs against a real `npm start`: the official client, the inspector's command line, and the conformance suite. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Service, startService } from "../../support/start-service";

const START_TIMEOUT_MS = 300_000;
const AUTHORIZATION = `Basic ${btoa("demo:demo-secret")}`;
const PACKAGES = "test/http/mcp/clients/node_modules/@modelcontextprotocol";
const INSPECTOR = join(PACKAGES, "inspector/clients/launcher/build/index.js");
const CONFORMANCE = join(PACKAGES, "conformance/dist/index.js");
const missing = !existsSync(INSPECTOR) || !existsSync(CONFORMANCE);
if (missing)
  console.warn("\n  The inspector and the conformance suite are SKIPPED: npm ci --prefix test/http/mcp/clients installs them.\n");

let service: Service;
let signedIn: Server;
/** Where requests get credentials on the way, for a program that takes none. */
let openUrl: string;
beforeAll(async () => {
  service = await startService();
  signedIn = await addCredentials(service.origin);
  openUrl = `http://127.0.0.1:${(signedIn.address() as AddressInfo).port}/mcp`;
}, START_TIMEOUT_MS);
afterAll(async () => {
  signedIn?.close();
  await service?.stop();
}, START_TIMEOUT_MS);

function addCredentials(origin: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: AUTHORIZATION };
    const passed = request(`${origin}${incoming.url}`, { method: incoming.method ?? "GET", headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs a program with this Node; returns what it prints, whatever its exit code is. */
const run = (program: string, ...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}\n${stderr}` }),
    );
  });

describe.each(["legacy", { pin: "2026-07-28" }] as const)("the official client, in the mode %j", (mode) => {
  const name = `client of ${typeof mode === "string" ? mode : mode.pin}`;
  const client = new Client({ name, version: "1" }, { versionNegotiation: { mode } });
  beforeAll(async () => {
    const headers = { Authorization: AUTHORIZATION };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${service.origin}/mcp`), { requestInit: { headers } }));
  }, START_TIMEOUT_MS);
  afterAll(() => client.close());

  /** The client checks what it gets against the tool's schema. */
  const use = async (tool: string, given: Record<string, unknown> = {}) => {
    const { isError, content, structuredContent } = await client.callTool({ name: tool, arguments: given });
    expect(isError ?? false, JSON.stringify(content)).toBe(false);
    // biome-ignore lint/suspicious/noExplicitAny: as the tool's schema says, which the client has checked
    return structuredContent as any;
  };

  it("plans an import, commits it, follows its job, and takes it back", async () => {
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(12);
    const email = `agent-${typeof mode === "string" ? mode : mode.pin}@x.example`;
    const plan = await use("plan_import", { text: `Email,Company\n${email},Acme\n` });
    expect(plan).toMatchObject({ status: "completed", counts: { created: 1 } });
    const { job_id } = await use("commit_plan", { plan_id: plan.plan_id });
    await expect.poll(async () => (await use("list_jobs", { job_id })).jobs[0].status, { timeout: 60_000 }).toBe("completed");
    expect(await use("get_lead", { value: email })).toMatchObject({ email, metadata: { company: "Acme" } });
    expect(await use("whoami")).toMatchObject({ client: name });
    await expect.poll(async () => (await use("undo", { job_id })).status, { timeout: 60_000 }).toBe("completed");
    expect((await client.callTool({ name: "get_lead", arguments: { value: email } })).isError).toBe(true);
  });

  it("reads with each of the others", async () => {
    const { leads } = await use("search_leads", { limit: 5 });
    expect(leads.length).toBeLessThanOrEqual(5);
    await use("top_leads");
    await use("list_events");
    await use("list_jobs");
    const planned = await client.callTool({ name: "plan_update", arguments: { filter: { q: "nobody" }, changes: { status: "lost" } } });
    expect(planned.structuredContent).toMatchObject({ matched: 0, would_change: 0 });
    for (const [tool, given] of [
      ["explain_score", { value: "nobody@x.example" }],
      ["get_receipt", { event_id: "nope" }],
    ] as const)
      expect((await client.callTool({ name: tool, arguments: given })).isError).toBe(true);
    await expect(client.callTool({ name: "delete_leads", arguments: {} })).rejects.toThrow("Unknown tool: delete_leads");
  });
});

describe.skipIf(missing)("the inspector's command line", () => {
  const inspect = (...args: string[]) =>
    run(INSPECTOR, "--cli", `${service.origin}/mcp`, "--transport", "http", "--header", `Authorization: ${AUTHORIZATION}`, ...args);

  it("lists the tools and finds no schema that a client could refuse", async () => {
    const { code, output } = await inspect("--method", "tools/list", "--strict");
    expect(code, output).toBe(0);
    expect(output).toContain('"commit_plan"');
    expect(output.match(/Issue: .*type. is an array/g) ?? []).toEqual([]);
  });

  it("calls a tool", async () => {
    const { code, output } = await inspect("--method", "tools/call", "--tool-name", "search_leads", "--tool-arg", "limit=1");
    expect(code, output).toBe(0);
    expect(output).toContain('"structuredContent"');
  });
});

/** Checks that need a server with tools, prompts or resources of the suite's own. */
const FIXTURES: Record<string, string[]> = {
  "server-stateless": [
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
  ],
  caching: [
    "sep-2549-prompts-list-caching-hints",
    "sep-2549-resources-list-caching-hints",
    "sep-2549-resources-templates-list-caching-hints",
  ],
};

describe.skipIf(missing)("the conformance suite", () => {
  const OF_BOTH = ["tools-list", "server-sse-multiple-streams", "dns-rebinding-protection"];
  const SCENARIOS = {
    "2025-11-25": [...OF_BOTH, "server-initialize", "server-session-lifecycle", "ping"],
    "2026-07-28": [...OF_BOTH, "server-stateless", "caching", "http-header-validation", "input-required-result-unsupported-methods"],
  };
  const runs = Object.entries(SCENARIOS).flatMap(([revision, names]) => names.map((name) => [revision, name] as const));

  it.each(runs)("of %s passes %s", async (revision, scenario) => {
    const { output } = await run(CONFORMANCE, "server", "--url", openUrl, "--scenario", scenario, "--spec-version", revision);
    const checks = [...output.matchAll(/\[([\w-]+) *\] \S*?(SUCCESS|FAILURE|WARNING)/g)].map(([, id, status]) => ({ id, status }));
    expect(checks.filter(({ status }) => status === "SUCCESS").length, output).toBeGreaterThan(0);
    expect(
      checks.filter(({ status }) => status !== "SUCCESS").map(({ id }) => id),
      output,
    ).toEqual(FIXTURES[scenario] ?? []);
  });
});
