/** A plan counts what its import fires: triggers of segments that its leads enter or leave. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Ctx } from "../../../../src/context";
import { runPlan } from "../../../../src/core/imports";
import { newProgress } from "../../../../src/core/imports/plan/progress";
import { settleMemberships } from "../../../../src/core/memberships";
import { openSystem } from "../../../../src/open-context";
import { openStatementBudget, STATEMENTS_MAX } from "../../../../src/statement-budget";
import { asEmail, ingest, mintUnitTenant, post, rowsOf } from "../../../support/events";
import { fc } from "../../../support/fast-check";
import { getPlan, planCsv } from "../../../support/import-plans";
import { CONTACTS_MAPPING, contactsCsv, deliverAll, heldQueue, importCsv, type Mapping } from "../../../support/imports";
import type { Client } from "../../../support/tenant";
import { countingD1 } from "../../../support/worker";

const RUNS = 12;
const TIMEOUT_MS = 120_000;

/** Changes of leads notify no lane: the test settles memberships itself. */
const LANE = {
  followChanges: async () => {},
  beginJob: async () => true,
  endJob: async (job: object, again: boolean) => (again ? job : null),
};
const NO_LANES = { getByName: () => LANE } as unknown as Env["UNIT_LANES"];

type Row = Record<"email" | "phone" | "company" | "stage" | "owner" | "domain" | "account" | "consent", string> & { gap: boolean };
const row: fc.Arbitrary<Row> = fc.record({
  email: fc.constantFrom("a@pool.example", "b@pool.example", "c@pool.example", "d@pool.example", "not-an-email"),
  phone: fc.constantFrom("", "+12125550100", "+12125550101"),
  company: fc.constantFrom("", "Acme", "Beta"),
  stage: fc.constantFrom("", "qualified", "lost"),
  owner: fc.constantFrom("", "u1"),
  domain: fc.constantFrom("", "", "acme.example", "beta.example"),
  account: fc.constantFrom("", "Acme Inc"),
  consent: fc.constantFrom("", "yes", "no"),
  gap: fc.nat(6).map((n) => n === 0),
});

const MAPPING: Mapping = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: {
    Company: "company",
    Stage: "status",
    Owner: "owner_id",
    Domain: "account_domain",
    Account: "account_name",
    Consent: "_consent_marketing",
  },
  alias_mappings: { Phone: "_alias_phone" },
};
const BLANK: Row = { email: "", phone: "", company: "", stage: "", owner: "", domain: "", account: "", consent: "", gap: false };

/** A thousand blank lines end a chunk: what follows is committed by another batch. */
const csvOf = (rows: Row[]): string =>
  `Email,Phone,Company,Stage,Owner,Domain,Account,Consent\n${rows.map((each) => `${each.gap ? "\n".repeat(1000) : ""}${[each.email, each.phone, each.company, each.stage, each.owner, each.domain, each.account, each.consent].join(",")}\n`).join("")}`;

const RULES = [
  { type: "lead_metadata", field: "company", operator: "equals", value: "Acme" },
  { not: { type: "lead_metadata", field: "company", operator: "equals", value: "Acme" } },
  { type: "lead", field: "status", operator: "equals", value: "qualified" },
  { type: "lead", field: "owner_id", operator: "is_empty" },
  { type: "lead", field: "phone", operator: "is_not_empty" },
  { type: "account_metadata", field: "domain", operator: "equals", value: "acme.example" },
  {
    and: [
      { type: "account_metadata", field: "name", operator: "contains", value: "acme" },
      { type: "consent", field: "marketing", operator: "equals", value: "granted" },
    ],
  },
  { type: "consent", field: "marketing", operator: "not_equals", value: "denied" },
];

async function watch(client: Client, rules: object, on: "entered" | "left", more: object = {}): Promise<void> {
  const { id } = await post<{ id: string }>(client, "/segments", { name: "S", rules });
  await post(client, "/segment-triggers", { name: on, segment_id: id, on, ...more });
}

const mintChannel = async (client: Client): Promise<string> =>
  (
    await post<{ id: string }>(client, "/notification-channels", {
      name: "Hook",
      type: "webhook",
      config: { url: "https://hooks.example/x" },
    })
  ).id;

async function settle(unit: number): Promise<void> {
  const system = await openSystem(env, unit, "req_test");
  const ctx: Ctx = { ...system, outbox: { ...system.outbox, deliveries: async () => {} } };
  expect((await settleMemberships(ctx, () => true)).outcome).toBe("idle");
}

const firedIn = async (unit: number) => ({
  firings: (await rowsOf(unit, "firings")).length,
  notifications: (await rowsOf(unit, "deliveries")).length,
});

/** Starts a plan, runs its job to the end, and returns what it fired and how many rows its import wrote. */
async function commit(client: Client, unit: number, plan_id: string) {
  const before = await firedIn(unit);
  const { DB, count } = countingD1();
  const queue = heldQueue();
  const bindings = { DB, IMPORT_QUEUE: queue.IMPORT_QUEUE, UNIT_LANES: NO_LANES };
  expect((await client.post("/leads/import/start", { plan_id }, { bindings })).status).toBe(202);
  for (const message of queue.sent) await deliverAll(message, { DB, UNIT_LANES: NO_LANES });
  const rowsWritten = count.rowsWritten;
  await settle(unit);
  const after = await firedIn(unit);
  return { firings: after.firings - before.firings, notifications: after.notifications - before.notifications, rowsWritten };
}

it(
  "a plan's firings and notifications are those of its import, whatever the segments name",
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 6 }),
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.array(fc.record({ rule: fc.constantFrom(...RULES), on: fc.constantFrom("entered", "left"), notify: fc.boolean() }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (stored, rows, segments) => {
          const { client, unit } = await mintUnitTenant();
          if (stored.length > 0) await importCsv(client, csvOf(stored), MAPPING);
          const channel = await mintChannel(client);
          for (const { rule, on, notify } of segments)
            await watch(client, rule, on as "entered" | "left", notify ? { channel_ids: [channel] } : {});
          await settle(unit);
          const plan = await planCsv(client, csvOf(rows), MAPPING);
          expect(plan.triggers).toMatchObject({ exact: true, notes: [] });
          const { rowsWritten, ...fired } = await commit(client, unit, plan.plan_id);
          expect({ firings: plan.triggers.firings, notifications: plan.triggers.notifications }).toEqual(fired);
          expect(plan.rows_written).toBe(rowsWritten);
        },
      ),
      { numRuns: RUNS },
    ),
  TIMEOUT_MS,
);

it("a plan counts by events and scores that stored leads have, and says why its count may differ", async () => {
  const { client, unit } = await mintUnitTenant();
  await ingest(client, asEmail("a@pool.example"), asEmail("a@pool.example"), asEmail("b@pool.example"));
  const viewed = { type: "event_count", event_type: "Page View", operator: "greater_or_equal", value: 2, within_days: 7 };
  await watch(client, { and: [viewed, RULES[0]] }, "entered");
  const csv = csvOf(["a", "b", "c"].map((name) => ({ ...BLANK, email: `${name}@pool.example`, company: "Acme" })));
  await env.DB.prepare("UPDATE segment_watches SET scan_after = '' WHERE unit = ?1").bind(unit).run();
  expect((await planCsv(client, csv, MAPPING)).triggers).toMatchObject({
    exact: false,
    notes: [expect.stringContaining("being recorded")],
  });
  await settle(unit);
  const plan = await planCsv(client, csv, MAPPING);
  expect(plan.triggers).toEqual({ firings: 1, notifications: 0, exact: true, notes: [] });
  expect(await commit(client, unit, plan.plan_id)).toMatchObject({ firings: 1, notifications: 0 });
  await watch(client, { type: "account_score", operator: "greater_than", value: 10 }, "entered");
  await settle(unit);
  expect((await planCsv(client, csv.replaceAll("Acme", "Beta"), MAPPING)).triggers).toMatchObject({
    exact: false,
    notes: [expect.stringContaining("scores of accounts")],
  });
});

it("a lead that rows far apart move in and out is counted by its state at the end of the file, and the plan says that more may fire", async () => {
  const { client, unit } = await mintUnitTenant();
  await watch(client, RULES[0] ?? {}, "entered");
  await settle(unit);
  const rows = ["Acme", "Beta"].map((company, at) => ({ ...BLANK, email: "a@pool.example", company, gap: at > 0 }));
  const plan = await planCsv(client, csvOf(rows), MAPPING);
  expect(plan.triggers).toEqual({
    firings: 0,
    notifications: 0,
    exact: false,
    notes: [expect.stringContaining("1 leads are changed by rows far apart")],
  });
  expect(await commit(client, unit, plan.plan_id)).toMatchObject({ firings: 0 });
});

it("a chunk of 1,000 stored leads is checked in a few statements where a segment adds up accounts", async () => {
  const { client, unit } = await mintUnitTenant();
  await importCsv(client, contactsCsv(1_000), CONTACTS_MAPPING);
  await watch(client, { type: "account_score", operator: "greater_than", value: 10 }, "entered");
  await settle(unit);
  const { DB, count } = countingD1();
  const plan = await planCsv(client, contactsCsv(1_000, { name: (n) => `Other ${n}` }), CONTACTS_MAPPING, { DB });
  expect(plan).toMatchObject({ status: "completed", counts: { changed: 1_000 }, triggers: { firings: 0 } });
  expect(count.statements.length).toBeLessThan(50);
});

/** Plans again in runs that each have so many statements; returns how many runs that took. */
async function planAgain(unit: number, planId: string, statements: number): Promise<number> {
  await env.DB.prepare(
    "UPDATE import_plans SET status = 'in_progress', planned_chunks = 0, progress = ?2, signature = NULL WHERE plan_id = ?1",
  )
    .bind(planId, JSON.stringify(newProgress()))
    .run();
  const ctx = await openSystem(env, unit, "req_test");
  const run = () => runPlan(ctx, planId, ctx.now() + TIMEOUT_MS, openStatementBudget(STATEMENTS_MAX - statements));
  let runs = 1;
  while ((await run()) === "continue") runs += 1;
  return runs;
}

it("a plan whose run has used up its statements continues in another, and what no run has statements for is not checked", async () => {
  const { client, unit } = await mintUnitTenant();
  await watch(client, RULES[0] ?? {}, "entered");
  await settle(unit);
  const rows = ["a", "b", "c"].map((name, at) => ({ ...BLANK, email: `${name}@pool.example`, company: "Acme", gap: at > 0 }));
  const { plan_id, triggers } = await planCsv(client, csvOf(rows), MAPPING);
  expect(triggers).toEqual({ firings: 3, notifications: 0, exact: true, notes: [] });
  expect(await planAgain(unit, plan_id, 80)).toBeGreaterThan(1);
  expect(await getPlan(client, plan_id)).toMatchObject({ status: "completed", triggers });
  expect(await planAgain(unit, plan_id, 45)).toBeGreaterThan(1);
  expect(await getPlan(client, plan_id)).toMatchObject({
    status: "completed",
    triggers: { firings: 0, exact: false, notes: [expect.stringContaining("3 leads were not checked")] },
  });
});
