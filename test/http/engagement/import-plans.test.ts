/** A plan shows what an import would do, and its start does exactly that. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { allRows, getPlan, type Plan, planCsv } from "../../support/import-plans";
import { CONTACTS_MAPPING, contactsCsv, cronTick, ended, importCsv, preview } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

let client: Client;
beforeEach(async () => {
  ({ client } = await mintTenant());
});

afterEach(() => void vi.useRealTimers());

const unitOf = async (planId: string): Promise<number> =>
  Number(await env.DB.prepare("SELECT unit FROM import_plans WHERE plan_id = ?1").bind(planId).first("unit"));

const CSV = `Email,First Name,Phone
p0@example.com,Name 0,+12000000001
p1@example.com,Renamed,+12000000002
new@example.com,New,+12000000099
p2@example.com,Name 2,+12000000001
nobody,Bad,
new@example.com,Newer,
`;

async function start(body: object): Promise<Response> {
  return client.post("/leads/import/start", body);
}

describe("a plan", () => {
  let plan: Plan;
  beforeEach(async () => {
    await importCsv(client, contactsCsv(3), CONTACTS_MAPPING);
    plan = await planCsv(client, CSV, CONTACTS_MAPPING);
  });

  it("shows for each row what happens to which lead, with each value before and after", async () => {
    expect(plan).toMatchObject({
      status: "completed",
      total_rows: 6,
      planned_rows: 6,
      counts: { created: 1, changed: 2, unchanged: 2, failed: 1, conflicts: 1 },
      columns: [
        { column: "Email", would_change: 1 },
        { column: "First Name", would_change: 3 },
        { column: "Phone", would_change: 1 },
      ],
      triggers: { firings: 0, notifications: 0, exact: true, notes: [] },
    });
    const [same, renamed, created, conflict, failed, again] = plan.rows;
    expect(same).toMatchObject({ row: 2, outcome: "unchanged", changes: [], error: null });
    expect(renamed).toMatchObject({ outcome: "changed", changes: [{ field: "first_name", before: "Name 1", after: "Renamed" }] });
    expect(created).toMatchObject({
      outcome: "created",
      changes: [
        { field: "first_name", before: null, after: "New" },
        { field: "_alias_email", before: null, after: "new@example.com" },
        { field: "_alias_phone", before: null, after: "+12000000099" },
      ],
    });
    expect(conflict).toMatchObject({ outcome: "unchanged", conflicts: [{ kind: "phone", value: "+12000000001", lead_id: same?.lead_id }] });
    expect(failed).toMatchObject({ row: 6, outcome: "failed", lead_id: null, error: "Invalid email format" });
    expect(again).toMatchObject({ lead_id: created?.lead_id, changes: [{ field: "first_name", before: "New", after: "Newer" }] });
    expect(await getPlan(client, plan.plan_id)).toEqual(plan);
  });

  it("lists its rows by outcome, page by page", async () => {
    expect(await allRows(client, plan.plan_id)).toEqual(plan.rows);
    expect((await allRows(client, plan.plan_id, "&outcome=changed")).map(({ row }) => row)).toEqual([3, 7]);
    const page = await (await client.get(`/leads/import/plans/${plan.plan_id}/rows?limit=2`)).json<{
      rows: unknown[];
      next_cursor: string;
    }>();
    expect(page.rows).toHaveLength(2);
    const next = await client.get(`/leads/import/plans/${plan.plan_id}/rows?cursor=${page.next_cursor}`);
    expect((await next.json<{ rows: { row: number }[] }>()).rows.map(({ row }) => row)).toEqual([4, 5, 6, 7]);
    await readProblem(await client.get(`/leads/import/plans/${plan.plan_id}/rows?cursor=x`), 400);
    await readProblem(await client.get(`/leads/import/plans/${plan.plan_id}/rows?outcome=lost`), 400);
    await readProblem(await client.get("/leads/import/plans/plan_0/rows"), 404);
  });

  it("writes no lead, and its start does what it says, once", async () => {
    expect((await client.get("/lead/by-alias?kind=email&value=new@example.com")).status).toBe(404);
    const answer = await start({ plan_id: plan.plan_id });
    expect(answer.status).toBe(202);
    const { job_id } = await answer.json<{ job_id: string }>();
    const job = await ended(client, job_id);
    expect(job).toMatchObject({ created_count: 1, changed_count: 2, unchanged_count: 2, failed_count: 1 });
    const lead = await (await client.get("/lead/by-alias?kind=email&value=new@example.com")).json();
    expect(lead).toMatchObject({ lead_id: plan.rows[2]?.lead_id, metadata: { first_name: "Newer" } });
    const again = await start({ plan_id: plan.plan_id });
    expect([again.status, (await again.json<{ job_id: string }>()).job_id]).toEqual([202, job_id]);
    expect((await getPlan(client, plan.plan_id)).job_id).toBe(job_id);
  });

  it("is outdated once a lead that it read has changed, and says how many rows that moves", async () => {
    await client.patch("/lead/by-alias/metadata", { alias_value: "p1@example.com", attributes: { other: "x" } });
    await client.post("/leads/batch", { leads: [{ aliases: [{ kind: "phone", value: "+12000000099" }] }] });
    const refused = await start({ plan_id: plan.plan_id });
    expect(await readProblem(refused, 409)).toMatchObject({ code: "plan_outdated", rows_moved: 2 });
    const answer = await start({ plan_id: plan.plan_id, accept_drift: true });
    expect(answer.status).toBe(202);
    const job = await ended(client, (await answer.json<{ job_id: string }>()).job_id);
    expect(job).toMatchObject({ created_count: 1, changed_count: 2, failed_count: 1 });
    expect(job.alias_conflicts).toHaveLength(2);
  });

  it("is bound to its file and mapping", async () => {
    const other = await preview(client, CSV);
    await readProblem(await start({ plan_id: plan.plan_id, file_id: other, ...CONTACTS_MAPPING }), 400);
    await readProblem(await start({ plan_id: plan.plan_id, ...CONTACTS_MAPPING, field_mappings: {} }), 400);
    await readProblem(await start({ plan_id: "plan_0" }), 404);
    await readProblem(await start({}), 400);
    expect((await start({ plan_id: plan.plan_id, ...CONTACTS_MAPPING })).status).toBe(202);
  });

  it("expires after 24 hours, and its objects stay ten minutes more, for a start that came in time", async () => {
    const objects = async () => (await env.FILES.list({ prefix: `imports/${await unitOf(plan.plan_id)}/${plan.plan_id}/` })).objects.length;
    const row = () => env.DB.prepare("SELECT 1 FROM import_plans WHERE plan_id = ?1").bind(plan.plan_id).first();
    const kept = await objects();
    expect(kept).toBeGreaterThan(0);
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.parse(plan.expires_at) + 1000);
    await readProblem(await client.get(`/leads/import/plans/${plan.plan_id}`), 404);
    await readProblem(await start({ plan_id: plan.plan_id }), 404);
    await cronTick("*/10 * * * *");
    expect([await objects(), (await row()) !== null]).toEqual([kept, true]);
    const unit = await unitOf(plan.plan_id);
    vi.setSystemTime(Date.parse(plan.expires_at) + 601_000);
    await cronTick("*/10 * * * *");
    expect(await row()).toBeNull();
    expect((await env.FILES.list({ prefix: `imports/${unit}/${plan.plan_id}/` })).objects).toEqual([]);
  });
});
