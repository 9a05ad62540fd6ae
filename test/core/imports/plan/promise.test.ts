/** A plan is what its import does, row by row and to the written row of D1: for random files over random stores. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { newProgress } from "../../../../src/core/imports/plan/progress";
import { runPlan } from "../../../../src/core/imports/plan/run-plan";
import { openSystem } from "../../../../src/open-context";
import { fc } from "../../../support/fast-check";
import { allRows, getPlan, type Plan, type PlannedRow } from "../../../support/import-plans";
import { deliverAll, getJob, heldQueue, importCsv, type Mapping, preview } from "../../../support/imports";
import { type Client, mintTenant } from "../../../support/tenant";
import { countingD1 } from "../../../support/worker";

const RUNS = 25;
const TIMEOUT_MS = 120_000;

type Row = Record<"email" | "phone" | "ref" | "first" | "name" | "source" | "stage" | "owner" | "domain" | "tags", string> & {
  gap: boolean;
};
/** `profile`: with its columns that rows may fill */
type Lead = { profile: Record<string, unknown>; aliases: string[] };

const row: fc.Arbitrary<Row> = fc.record({
  email: fc.constantFrom("", "a@pool.example", "b@pool.example", "c@pool.example", " A@Pool.example", "not-an-email"),
  phone: fc.constantFrom("", "5550100", "5550101", "call me", "5550102;5550103"),
  ref: fc.constantFrom("", "R1", "R2", "007"),
  first: fc.constantFrom("", "Ann", "Bob", "Ann-Marie"),
  name: fc.constantFrom("", "", "Ann Lee", "Ann Lee Ann Mary Jo Sue Kim Lou May Eve Ida Ada Una Zoe"),
  source: fc.constantFrom("", "fair", "web"),
  stage: fc.constantFrom("", "", "Qualified", "lost", "new", "no such stage"),
  owner: fc.constantFrom("", "", "u1", "u2"),
  domain: fc.constantFrom("", "", "acme.example", "www.beta.example", "no domain"),
  tags: fc.constantFrom("", "", "vip", "vip; new"),
  gap: fc.nat(5).map((n) => n === 0),
});

const mapping: fc.Arbitrary<Mapping> = fc.record({
  primary_identifier: fc.constantFrom({ column: "Email", kind: "email" }, { column: "Ref", kind: "external_id" }),
  identifiers: fc.constantFrom([], [{ column: "Phone", kind: "phone" }]),
  field_mappings: fc.constantFrom(
    { First: "first_name", Name: "name", Source: "source" },
    { First: "first_name", Stage: "status", Owner: "owner_id", Domain: "account_domain", Tags: "tags" },
    { Name: "name", Owner: "owner_name", Stage: "status" },
    { Domain: "account_domain", Source: "source", Name: "account_name" },
  ),
  alias_mappings: fc.constantFrom({ Phone: "_alias_phone", Ref: "_alias_external_id" }, { Email: "_alias_email" }),
  mode: fc.constantFrom("upsert", "upsert", "create_only", "update_only"),
  column_modes: fc.constantFrom(
    {},
    { First: "fill_blank" },
    { Source: "clear_blank" },
    { Name: "fill_blank", Source: "fill_blank" },
    { Owner: "fill_blank", Domain: "fill_blank" },
    { Owner: "clear_blank", Domain: "clear_blank", Tags: "clear_blank" },
  ),
  strict: fc.constantFrom(false, false, true),
});

/** A thousand blank lines end a chunk: what follows is committed by another batch. */
const BLANK_LINES = "\n".repeat(1000);
const csvOf = (rows: Row[]): string =>
  `Email,Phone,Ref,First,Name,Source,Stage,Owner,Domain,Tags\n${rows.map((each) => `${each.gap ? BLANK_LINES : ""}${[each.email, each.phone, each.ref, each.first, each.name, each.source, each.stage, each.owner, each.domain, each.tags].join(",")}\n`).join("")}`;

const unitOf = async (organizationId: string): Promise<number> =>
  Number(await env.DB.prepare("SELECT unit FROM org_units WHERE organization_id = ?1").bind(organizationId).first("unit"));

const withoutNulls = (columns: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null));

async function leadsOf(unit: number): Promise<Map<string, Lead>> {
  const { results } = await env.DB.prepare(
    "SELECT lead_id, profile, aliases, status, owner_id, owner_name, account_id FROM leads WHERE unit = ?1",
  )
    .bind(unit)
    .all<Record<string, string>>();
  return new Map(
    results.map(({ lead_id, profile = "", aliases = "", ...columns }) => {
      const owned: [string, string][] = JSON.parse(aliases);
      return [
        `ld_${lead_id}`,
        { profile: { ...JSON.parse(profile), ...withoutNulls(columns) }, aliases: owned.map(([kind, value]) => `${kind}:${value}`) },
      ];
    }),
  );
}

/** What the planned rows say, done in file order to the leads of before. */
function carryOut(leads: Map<string, Lead>, rows: readonly PlannedRow[]): void {
  for (const { lead_id, outcome, changes } of rows) {
    if (lead_id === null || outcome === "skipped") continue;
    if (outcome === "created") leads.set(lead_id, { profile: { status: "new" }, aliases: [] });
    const lead = leads.get(lead_id);
    if (!lead) throw new Error(`a planned row without its lead: ${lead_id}`);
    for (const { field, before, after } of changes) {
      if (field.startsWith("_alias_")) lead.aliases.push(`${field.slice("_alias_".length)}:${after}`);
      else {
        expect(lead.profile[field] ?? null).toEqual(before);
        if (after === null) delete lead.profile[field];
        else lead.profile[field] = after;
      }
    }
  }
}

/** Each chunk by a run of its own: what the runs before have planned is known from their objects alone. */
async function planAgainChunkByChunk(organizationId: string, planId: string): Promise<void> {
  await env.DB.prepare(
    "UPDATE import_plans SET status = 'in_progress', planned_chunks = 0, progress = ?2, signature = NULL WHERE plan_id = ?1",
  )
    .bind(planId, JSON.stringify(newProgress()))
    .run();
  const ctx = await openSystem(env, await unitOf(organizationId), "req_test");
  while ((await runPlan(ctx, planId, 0)) === "continue");
}

async function startPlanned(client: Client, plan_id: string): Promise<{ job_id: string; rowsWritten: number }> {
  const { DB, count } = countingD1();
  const queue = heldQueue();
  const answer = await client.post("/leads/import/start", { plan_id }, { bindings: { DB, IMPORT_QUEUE: queue.IMPORT_QUEUE } });
  expect(answer.status).toBe(202);
  const { job_id } = await answer.json<{ job_id: string }>();
  for (const message of queue.sent) await deliverAll(message, { DB });
  return { job_id, rowsWritten: count.rowsWritten };
}

it(
  "what a plan says is what its import does",
  async () => {
    const given = fc.record({ stored: fc.array(row, { maxLength: 12 }), rows: fc.array(row, { minLength: 1, maxLength: 15 }), mapping });
    await fc.assert(
      fc.asyncProperty(given, async ({ stored, rows, mapping: chosen }) => {
        const { client, organization_id } = await mintTenant();
        const unit = await unitOf(organization_id);
        if (stored.length > 0) await importCsv(client, csvOf(stored), { ...chosen, mode: "upsert", strict: false });
        const leads = await leadsOf(unit);

        const file_id = await preview(client, csvOf(rows));
        const planned = await client.post("/leads/import/plan", { file_id, ...chosen });
        expect(planned.status).toBe(200);
        const plan = await planned.json<Plan>();
        expect(await leadsOf(unit)).toEqual(leads);
        const all = await allRows(client, plan.plan_id);
        expect(all.map((each) => each.row)).toEqual(all.map((each) => each.row).toSorted((a, b) => a - b));
        expect(all).toHaveLength(plan.total_rows);

        await planAgainChunkByChunk(organization_id, plan.plan_id);
        expect(await allRows(client, plan.plan_id)).toEqual(all);
        expect(await getPlan(client, plan.plan_id)).toEqual(plan);

        const { job_id, rowsWritten } = await startPlanned(client, plan.plan_id);
        const job = await getJob(client, job_id);
        expect(job).toMatchObject({
          status: "completed",
          created_count: plan.counts.created,
          changed_count: plan.counts.changed,
          unchanged_count: plan.counts.unchanged,
          failed_count: plan.counts.failed,
          skipped_count: all.filter(({ outcome }) => outcome === "skipped").length,
          warnings_count: all.reduce((sum, { warnings }) => sum + warnings.length, 0),
        });
        expect(job.errors.map((error) => [error.row, error.error])).toEqual(
          all.filter(({ outcome }) => outcome === "failed").map((each) => [each.row, each.error]),
        );
        expect(job.alias_conflicts).toEqual(
          all.flatMap(({ row: at, conflicts }) => conflicts.map((conflict) => ({ row: at, ...conflict }))),
        );
        carryOut(leads, all);
        expect(await leadsOf(unit)).toEqual(leads);
        expect(plan.rows_written).toBe(rowsWritten);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);
