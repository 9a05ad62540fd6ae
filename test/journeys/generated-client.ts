/** A client that a usual generator makes of /openapi.json drives a journey through each dialect of a running service. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const origin = process.argv[2] ?? "http://127.0.0.1:8787";
const root = fileURLToPath(new URL("../..", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "leadedge-client-"));
const DEMO_CHANNEL = "5a889e4f-ee9d-4733-8c95-446439fb0f64";
const basic = { Authorization: `Basic ${btoa("demo:demo-secret")}` };

/** npm gives the generator the project's own TypeScript, which has no programming interface. */
const five = pathToFileURL(join(root, "test/openapi/generators/node_modules/typescript/lib/typescript.js")).href;
const hooks = `import { registerHooks } from "node:module";
registerHooks({ resolve: (name, context, next) => next(name === "typescript" ? ${JSON.stringify(five)} : name, context) });`;

try {
  writeFileSync(join(dir, "openapi.json"), await (await fetch(`${origin}/openapi.json`)).text());
  const generator = join(root, "node_modules/@hey-api/openapi-ts/bin/run.js");
  const input = ["--input", "openapi.json", "--output", "client", "--no-log-file", "--silent"];
  const env = { ...process.env, CI: "true", NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}` };
  execFileSync(process.execPath, [generator, ...input], { cwd: dir, stdio: "pipe", env });
  writeFileSync(join(dir, "all.ts"), 'export * from "./client/index";\nexport { client } from "./client/client.gen";\n');
  const bundle = ["all.ts", "--bundle", "--format=esm", "--platform=node", "--outfile=all.mjs", "--log-level=error"];
  execFileSync(join(root, "node_modules/.bin/esbuild"), bundle, { cwd: dir, stdio: "pipe" });
  const api = await import(pathToFileURL(join(dir, "all.mjs")).href);
  api.client.setConfig({ baseUrl: origin });

  const event = { aliases: [{ alias_kind: "email", raw_value: "grace@example.com" }], event_type: "Page View" };
  const accepted = await api.acceptEvent({ headers: basic, body: event });
  assert.equal(accepted.response.status, 202);
  const lead = await eventually<{ email: string | null }>(() =>
    api.getLeadByAlias({ headers: basic, query: { value: "grace@example.com" } }),
  );
  assert.equal(lead.email, "grace@example.com");

  const key = { Authorization: `Bearer sk-workspace_demo${"0".repeat(47)}` };
  const listed = await api.listWorkspaceLeads({ headers: key, query: { search: "grace" } });
  assert.equal(listed.data.data.leads[0].email, "grace@example.com");

  const partner = { "X-Api-Key": "demo-partner-key" };
  const created = await api.callPartner({
    headers: partner,
    body: { action: "create_lead", channel_id: DEMO_CHANNEL, email: "hopper@example.com" },
  });
  assert.equal(created.data.lead.email, "hopper@example.com");

  const admin = { Authorization: "Bearer demo-admin-token" };
  const organization = await api.createOrganization({ headers: admin, body: { name: "Generated" } });
  assert.equal(organization.response.status, 201);
  console.log("ok: a generated client drives every dialect");
} finally {
  rmSync(dir, { recursive: true });
}

/** What a call returns once it succeeds, within ten seconds. */
async function eventually<Found>(call: () => Promise<{ data?: Found }>): Promise<Found> {
  for (let tries = 0; tries < 50; tries++) {
    const { data } = await call();
    if (data !== undefined) return data;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error("no success within ten seconds");
}
