/** Another region of an org unit: the phones of its leads are read again, in the background, and no lead loses or takes one. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { rekeyPhones } from "../../../src/core/leads";
import { openSystem } from "../../../src/open-context";
import { unitKeyOf } from "../../support/context";
import { tick, wait } from "../../support/deliveries";
import { ended, importCsv, preview } from "../../support/imports";
import { type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, failingD1, logged } from "../../support/worker";

afterEach(() => void vi.useRealTimers());

const PHONES = { primary_identifier: { column: "Phone", kind: "phone" } };
const phones = (client: Client, ...numbers: string[]) => importCsv(client, `Phone,_\n${numbers.map((n) => `${n},\n`).join("")}`, PHONES);
const find = (client: Client, phone: string) => client.get(`/lead/by-alias?kind=phone&value=${encodeURIComponent(phone)}`);
const idOf = async (client: Client, phone: string) => {
  const answer = await find(client, phone);
  return answer.status === 200 ? (await answer.json<{ lead_id: string }>()).lead_id : null;
};
async function setRegion({ organization_id }: Tenant, default_region: string | null): Promise<void> {
  const answer = await (await mintClient(organization_id)).call("PUT", "/org-units/unit_default", {
    json: { name: "Unit", default_region },
  });
  expect(answer.status, await answer.clone().text()).toBe(200);
}
const rekey = async (bindings: Partial<Env> = {}) => {
  wait(61_000);
  await logged(() => tick("* * * * *", bindings));
};
const conflictsOf = async (tenant: Tenant) =>
  (
    await env.DB.prepare("SELECT value, lead_id, owner_lead_id, source FROM alias_conflicts WHERE unit = ?1")
      .bind(await unitKeyOf(tenant))
      .all<{ value: string; lead_id: string; owner_lead_id: string; source: string }>()
  ).results;
/** Every alias of the unit is its lead's by the table's key and by the lead's own row. */
async function expectSound(tenant: Tenant): Promise<void> {
  const unit = await unitKeyOf(tenant);
  const rows = (sql: string) =>
    env.DB.prepare(sql)
      .bind(unit)
      .all()
      .then(({ results }) => results);
  const keys = await rows("SELECT kind, value, lead_id FROM aliases WHERE unit = ?1 ORDER BY kind, value");
  const held = await rows(`SELECT r.value->>0 AS kind, r.value->>1 AS value, l.lead_id FROM leads l CROSS JOIN json_each(l.aliases) r
    WHERE l.unit = ?1 ORDER BY 1, 2`);
  expect(keys).toEqual(held);
}

describe("another default_region", () => {
  it("finds the leads by their numbers as people of the new region write them, and an import makes no second lead", async () => {
    const tenant = await mintTenant();
    const { client } = tenant;
    await phones(client, "030 123456", "+49 30 654321", "040 765432");
    const before = await idOf(client, "030 123456");
    await setRegion(tenant, "DE");
    await rekey();
    expect(await idOf(client, "+4930123456")).toBe(before);
    expect(await idOf(client, "030/12 34 56")).toBe(before);
    expect(await phones(client, "030-123456", "+4930654321", "0049 40 765432")).toMatchObject({ created_count: 0, failed_count: 0 });
    const lead = await (await client.get(`/lead/${before}`)).json<{ phone: string }>();
    expect(lead.phone).toBe("030 123456");
    await expectSound(tenant);
  });

  it("leaves numbers that the former region did not read: those with a country code, and those of a file with a region of its own", async () => {
    const tenant = await mintTenant({ default_region: "DE" });
    const { client } = tenant;
    await phones(client, "030 123456", "+44 20 7946 0000");
    const file_id = await preview(client, "Phone,_\n020 7946 0001,\n", { fields: { default_region: "GB" } });
    const started = await (await client.post("/leads/import/start", { file_id, ...PHONES })).json<{ job_id: string }>();
    expect(await ended(client, started.job_id)).toMatchObject({ created_count: 1 });
    await setRegion(tenant, "AT");
    await rekey();
    expect(await idOf(client, "+4330123456")).not.toBeNull();
    for (const kept of ["+442079460000", "+442079460001"]) expect(await idOf(client, kept)).not.toBeNull();
    expect(await idOf(client, "+4930123456")).toBeNull();
    await expectSound(tenant);
  });

  it("takes no number from its owner: the case is recorded, and the lead keeps the number that it had", async () => {
    const tenant = await mintTenant();
    const { client } = tenant;
    const local = await mintLead(client, { phone: "030 123456" });
    const owner = await mintLead(client, { phone: "+49 30 123456" });
    await setRegion(tenant, "DE");
    await rekey();
    expect(await idOf(client, "+4930123456")).toBe(owner);
    expect(await conflictsOf(tenant)).toEqual([
      { value: "+4930123456", lead_id: local.slice(3), owner_lead_id: owner.slice(3), source: "default_region" },
    ]);
    await expectSound(tenant);
    await setRegion(tenant, null);
    await rekey();
    expect(await idOf(client, "030 123456")).toBe(local);
    await expectSound(tenant);
  });

  it("that is changed again before all is read begins anew, and back again changes nothing", async () => {
    const tenant = await mintTenant();
    const { client } = tenant;
    await phones(client, "030 123456", "040 765432");
    const ids = [await idOf(client, "030 123456"), await idOf(client, "040 765432")];
    await setRegion(tenant, "DE");
    const ctx = await openSystem(env, await unitKeyOf(tenant), "req_test");
    await rekeyPhones(ctx, [null], (ids[0] ?? "").slice(3) < (ids[1] ?? "").slice(3) ? (ids[0] ?? "").slice(3) : (ids[1] ?? "").slice(3));
    await setRegion(tenant, "AT");
    await setRegion(tenant, "AT");
    await rekey();
    expect([await idOf(client, "+4330123456"), await idOf(client, "+4340765432")]).toEqual(ids);
    await setRegion(tenant, "DE");
    await setRegion(tenant, "AT");
    await rekey();
    expect([await idOf(client, "+4330123456"), await idOf(client, "+4340765432")]).toEqual(ids);
    await expectSound(tenant);
  });

  it("survives a process that dies after any of its statements, and two that work at once", async () => {
    const tenant = await mintTenant();
    const { client } = tenant;
    await phones(client, ...Array.from({ length: 40 }, (_, n) => `030 1234${n + 10}`));
    await setRegion(tenant, "DE");
    wait(61_000);
    for (let calls = 1; calls <= 6; calls++) await logged(() => tick("* * * * *", { DB: dyingD1(calls) }));
    const ctx = await openSystem(env, await unitKeyOf(tenant), "req_test");
    await Promise.all([rekeyPhones(ctx, [null], ""), rekeyPhones(ctx, [null], ""), logged(() => tick("* * * * *"))]);
    for (const n of [10, 25, 49]) expect(await idOf(client, `+49301234${n}`)).not.toBeNull();
    await expectSound(tenant);
    expect(await conflictsOf(tenant)).toEqual([]);
    const { DB, count } = countingD1();
    expect(await rekeyPhones(await openSystem({ ...env, DB }, await unitKeyOf(tenant), "req_test"), [null], "")).toEqual({
      last: null,
      leads: 0,
      conflicts: 0,
    });
    expect([count.trips, count.rowsWritten]).toEqual([1, 0]);
  });
});

/** A D1 that fails from its n-th call on: what was committed before stays. */
function dyingD1(calls: number): D1Database {
  let left = calls;
  const dead = failingD1("D1_ERROR: D1 DB is overloaded.").DB;
  const target = () => (left-- > 0 ? env.DB : dead);
  return {
    prepare: (text: string) => target().prepare(text),
    batch: (statements: D1PreparedStatement[]) => target().batch(statements),
    withSession: () => ({
      prepare: (text: string) => env.DB.prepare(text),
      batch: (statements: D1PreparedStatement[]) => target().batch(statements),
      getBookmark: () => null,
    }),
  } as unknown as D1Database;
}
