/** The quota of leads holds for imports: rows beyond it fail by themselves, and the others are imported. */
import { beforeEach, expect, it } from "vitest";
import { mintUnitTenant } from "../../support/events";
import { contactsCsv, deliverAll, getJob, heldImport, importCsv, stored } from "../../support/imports";
import { setLimits } from "../../support/limits";
import { bearerClient, mintCredential, type Tenant } from "../../support/tenant";
import { countingD1 } from "../../support/worker";

const EMAIL = { primary_identifier: { column: "Email", kind: "email" } };

let tenant: Tenant & { unit: number };
beforeEach(async () => {
  tenant = await mintUnitTenant();
});

it("rows of new leads beyond it fail as quota_used_up, those of known leads and of leads that fit are imported", async () => {
  await setLimits(tenant, { leads: 3 });
  await importCsv(tenant.client, "Email,First Name\nold@example.com,Old\n", EMAIL);
  const csv =
    "Email,First Name\na@example.com,A\nold@example.com,New\nb@example.com,B\nc@example.com,C\nc@example.com,C2\na@example.com,A2\n";
  const job = await importCsv(tenant.client, csv, { ...EMAIL, field_mappings: { "First Name": "first_name" } });
  expect(job).toMatchObject({ status: "completed", created_count: 2, failed_count: 2, total_rows: 6 });
  expect(job.errors.map(({ row, error }) => [row, error])).toEqual([
    [5, "The org unit has used up a quota"],
    [6, "The org unit has used up a quota"],
  ]);
  expect((await stored(tenant.unit)).leads).toBe(3);
  await setLimits(tenant, { leads: 4 });
  expect(await importCsv(tenant.client, csv, { ...EMAIL, field_mappings: { "First Name": "first_name" } })).toMatchObject({
    created_count: 1,
    failed_count: 0,
  });
});

it("of two imports at once, and creations between, exactly as many leads are created as there is room for", async () => {
  await setLimits(tenant, { leads: 25 });
  const { api_key } = await mintCredential(tenant.organization_id, { kind: "workspace_key", unit_id: "unit_default" });
  const workspace = bearerClient(api_key);
  const one = await heldImport(tenant.client, contactsCsv(20));
  const two = await heldImport(tenant.client, contactsCsv(20, { from: 20 }));
  const creations = Array.from({ length: 4 }, (_, n) => workspace.post("/api/v1/leads", { name: "J", email: `w${n}@example.com` }));
  await Promise.all([deliverAll(one.message), deliverAll(two.message), ...creations]);
  const jobs = await Promise.all([one, two].map(({ job_id }) => getJob(tenant.client, job_id)));
  for (const job of jobs) expect(job.created_count + job.failed_count).toBe(20);
  const created = (await Promise.all(creations)).filter(({ status }) => status === 201).length;
  expect(jobs.reduce((sum, job) => sum + job.created_count, created)).toBe(25);
  expect((await stored(tenant.unit)).leads).toBe(25);
});

it("costs an import that fits no further round trip", async () => {
  const cost = async (from: number) => {
    const { message } = await heldImport(tenant.client, contactsCsv(10, { from }));
    const { DB, count } = countingD1();
    await deliverAll(message, { DB });
    return count.trips;
  };
  const free = await cost(0);
  await setLimits(tenant, { leads: 20 });
  expect(await cost(10)).toBe(free);
});
