/** Another tenant's thing does not exist for an agent: every tool, tried with everybody else's credentials, shows and changes nothing of it. */
import { beforeAll, describe, expect, it } from "vitest";
import { ingest, mintRule, post } from "../../support/events";
import { preview } from "../../support/imports";
import { callTool, settled, toolNames, useTool } from "../../support/mcp";
import { type Client, mintClient, mintLead, mintTenant, mintUnit } from "../../support/tenant";

const EMAIL = "zebulon@quackenbush.example";
const CSV = `Email,Company\n${EMAIL},Quackenbush\n`;

type Things = Record<
  "lead" | "account" | "segment" | "level" | "event" | "importJob" | "updateJob" | "file" | "importPlan" | "updatePlan",
  string
>;

/** The arguments that name a tenant's own things, by tool. */
const ATTEMPTS: Record<string, (its: Things) => object[]> = {
  whoami: () => [{}],
  search_leads: ({ account, segment, level }) => [
    { q: "quackenbush" },
    { account_id: account },
    { segment },
    { level },
    { filter: { type: "score", operator: "greater_than", value: 1 } },
  ],
  get_lead: ({ lead }) => [{ lead_id: lead }, { value: EMAIL }, { kind: "email", value: EMAIL }],
  explain_score: ({ lead }) => [{ lead_id: lead }, { value: EMAIL }],
  top_leads: () => [{ limit: 10 }],
  list_events: ({ lead }) => [{}, { lead_id: lead }, { value: EMAIL }],
  get_receipt: ({ event }) => [{ event_id: event }],
  list_jobs: ({ importJob, updateJob }) => [{}, { job_id: importJob }, { job_id: updateJob }],
  plan_import: ({ file, importPlan }) => [{ file_id: file }, { plan_id: importPlan }],
  plan_update: ({ account, segment }) => [
    { filter: { segment }, changes: { status: "lost" } },
    { filter: { account_id: account }, changes: { status: "lost" } },
    { filter: { q: "quackenbush" }, changes: { account_id: account } },
  ],
  commit_plan: ({ importPlan, updatePlan }) => [
    { plan_id: importPlan },
    { plan_id: updatePlan },
    { plan_id: updatePlan, accept_drift: true },
  ],
  // last: it takes back what the others name
  undo: ({ importJob, updateJob }) => [
    { job_id: importJob, dry_run: true },
    { job_id: updateJob, dry_run: true },
    { job_id: importJob },
    { job_id: updateJob },
  ],
};

const planImport = async (client: Client): Promise<string> =>
  (await settled<{ plan_id: string }>(client, "plan_import", { text: CSV })).plan_id;

async function mintThings(client: Client): Promise<Things> {
  await mintRule(client, { event_type: "Page View", weight: 50 });
  const { job_id: importJob } = await settled<{ job_id: string }>(client, "commit_plan", { plan_id: await planImport(client) });
  const account = (await post<{ account_id: string }>(client, "/accounts", { name: "Quackenbush", domain: "quackenbush.example" }))
    .account_id;
  const filter = { q: "quackenbush" };
  const planned = await useTool<{ plan_id: string }>(client, "plan_update", { filter, changes: { account_id: account } });
  const { job_id: updateJob } = await settled<{ job_id: string }>(client, "commit_plan", { plan_id: planned.plan_id });
  const { lead_id: lead } = await useTool<{ lead_id: string }>(client, "get_lead", { value: EMAIL });
  const [event = ""] = await ingest(client, { alias_kind: "email", alias: EMAIL, event_type: "Page View" });
  const rules = { type: "score", operator: "greater_than", value: 1 };
  const segment = (await post<{ id: string }>(client, "/segments", { name: "Quackenbush", rules })).id;
  const hot = { name: "Quackenbush hot", min_score: 1, max_score: 1000, color: "#ff0000", order: 1 };
  const level = (await post<{ id: string }>(client, "/engagement-levels", hot)).id;
  const file = await preview(client, CSV);
  const importPlan = await planImport(client);
  const updatePlan = (await useTool<{ plan_id: string }>(client, "plan_update", { filter, changes: { status: "qualified" } })).plan_id;
  return { lead, account, segment, level, event, importJob, updateJob, file, importPlan, updatePlan };
}

let owner: Client;
let its: Things;
let others: Record<string, Client>;
/** What of the owner's must never be shown. */
let secrets: string[];
beforeAll(async () => {
  const tenant = await mintTenant();
  owner = await mintClient(tenant.organization_id, { unit_id: await mintUnit(tenant, "Alpha") });
  its = await mintThings(owner);
  const stranger = await mintTenant();
  others = {
    "another organization": stranger.client,
    "another unit of the same organization": await mintClient(tenant.organization_id, { unit_id: await mintUnit(tenant, "Beta") }),
  };
  // they have a lead of their own that the same filters match
  for (const other of Object.values(others)) await mintLead(other, { email: "own@quackenbush.example" }, { company: "Quackenbush" });
  secrets = [EMAIL, ...Object.values(its), "Quackenbush hot"];
});

const ownersLead = () => useTool<object>(owner, "get_lead", { lead_id: its.lead });

describe("every tool", () => {
  it("is tried", async () => {
    expect(Object.keys(ATTEMPTS).sort()).toEqual((await toolNames(owner)).sort());
  });

  it.each(Object.keys(ATTEMPTS))("%s: nobody else is shown anything, and nothing changes", async (name) => {
    const before = await ownersLead();
    for (const [who, client] of Object.entries(others)) {
      for (const given of ATTEMPTS[name]?.(its) ?? []) {
        const answer = await callTool(client, name, given);
        const shown = JSON.stringify(answer);
        // a refusal repeats what it was given
        const sent = JSON.stringify(given);
        const leaked = secrets.filter((secret) => shown.includes(secret) && !sent.includes(secret));
        expect(leaked, `${who}: ${sent} ${shown}`).toEqual([]);
        if (answer.isError) expect(answer.content[0]?.text, sent).not.toMatch(/^Something went wrong/);
      }
    }
    expect(await ownersLead()).toEqual(before);
  });

  it.each(Object.keys(ATTEMPTS))("%s: the owner may, so the attempts are good ones", async (name) => {
    for (const given of ATTEMPTS[name]?.(its) ?? []) await settled(owner, name, given);
  });
});

it("nobody else's lead is linked to an account of the owner's", async () => {
  for (const client of Object.values(others)) {
    const { account } = await useTool<{ account: unknown }>(client, "get_lead", { value: "own@quackenbush.example" });
    expect(account).toBeNull();
  }
});
