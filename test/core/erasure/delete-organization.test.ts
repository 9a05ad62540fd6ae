/** A deleted organization leaves nothing: not a row, an object, a session or a way in. Its neighbour keeps everything. */
import { env } from "cloudflare:workers";
import { importJWK, type JWK, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { UNIT_TABLES } from "../../../src/core/erasure/unit-tables";
import { mintScene } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { ingest } from "../../support/events";
import { interceptedD1, preview } from "../../support/imports";
import { keyed } from "../../support/retries";
import { bearerClient, mintLead, mintTenant } from "../../support/tenant";
import { request } from "../../support/worker";

const operator = bearerClient("test-admin-token");
type Receipt = {
  organization_id: string;
  status: string;
  deleted_at: string;
  rows: Record<string, number>;
  objects: number;
  signature: string;
};
const deleted = (id: string) => operator.call("DELETE", `/admin/organizations/${id}`);

const tablesWith = async (column: string): Promise<string[]> => {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND instr(sql, ?1) > 0 ORDER BY name")
    .bind(`\`${column}\` `)
    .all<{ name: string }>();
  return results.map(({ name }) => name);
};

describe("DELETE /admin/organizations/{organization_id}", () => {
  it("deletes every trace, says what, signs it, and says it again", async () => {
    const { tenant, call, channel } = await mintScene();
    const neighbour = await mintTenant();
    const kept = await mintLead(neighbour.client, { email: "kept@example.com" });
    const unit = await unitKeyOf(tenant);
    await mintLead(tenant.client, { email: "gone@example.com", phone: "+12125550100" });
    await ingest(tenant.client, { event_type: "Signup", alias_kind: "email", alias: "gone@example.com" });
    await preview(tenant.client, "Email\nx@example.com\n");
    await tenant.client.post("/org-units/active", { ouId: "unit_default" });
    await tenant.client.post("/secrets", { name: "Zapier" }, keyed("of-the-directory"));
    expect((await call("create_lead", { channel_id: channel.channel_id, email: "channel@example.com" })).status).toBe(200);

    const answer = await deleted(tenant.organization_id);
    expect(answer.status, await answer.clone().text()).toBe(200);
    const receipt = await answer.json<Receipt>();
    expect(receipt).toMatchObject({
      organization_id: tenant.organization_id,
      status: "done",
      rows: { leads: 2, organizations: 1, org_units: 1, channels: 1 },
    });
    expect(receipt.objects).toBeGreaterThan(0);

    for (const table of await tablesWith("unit")) {
      expect(await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE unit = ?1`).bind(unit).first("n"), table).toBe(0);
    }
    const answers = env.DB.prepare("SELECT count(*) AS n FROM idempotency_keys WHERE instr(scope, ?1) > 0").bind(tenant.organization_id);
    expect(await answers.first("n")).toBe(0);
    for (const table of await tablesWith("organization_id")) {
      const rows = env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE organization_id = ?1`).bind(tenant.organization_id);
      expect(await rows.first("n"), table).toBe(0);
    }
    expect((await env.FILES.list({ prefix: `imports/${unit}/` })).objects).toEqual([]);
    expect(await env.ORG_UNITS.getByName(String(unit)).listSessions(0)).toEqual([]);
    expect((await tenant.client.get("/org-units")).status).toBe(401);
    expect((await call("get_channels")).status).toBe(401);
    expect((await neighbour.client.get(`/leads/${kept}/score`)).status).toBe(200);

    const { keys } = await (await request("/.well-known/jwks.json")).json<{ keys: JWK[] }>();
    const { payload } = await jwtVerify(receipt.signature, await importJWK(keys[0] as JWK, "EdDSA"));
    expect(payload).toMatchObject({ organization_id: tenant.organization_id, rows: receipt.rows, objects: receipt.objects });
    expect(await (await deleted(tenant.organization_id)).json()).toEqual(receipt);
  });

  it.each(["before", "after"])(
    "that dies %s any of its writes ends when it is sent again, with the counts of whole units",
    { timeout: 120_000 },
    async (when) => {
      for (let last = 1, survived = false; !survived; last += 7) {
        const { organization_id, client } = await mintTenant();
        await mintLead(client, { email: "gone@example.com" });
        let writes = 0;
        const DB = interceptedD1(async ({ statements }, run) => {
          if (statements.every(({ text }) => /^(select|with)/i.test(text))) return run();
          writes += 1;
          if (writes < last) return run();
          if (when === "after" && writes === last) await run();
          throw new Error("the isolate died");
        });
        survived = (await operator.call("DELETE", `/admin/organizations/${organization_id}`, { bindings: { DB } })).ok;
        const receipt = await (await deleted(organization_id)).json<Receipt>();
        expect(receipt, `${last}`).toMatchObject({ status: "done", signature: expect.any(String) });
        // the unit's tables come first: what died after them has counted them
        if (writes > Object.keys(UNIT_TABLES).length + 2) expect(receipt.rows, `${last}`).toMatchObject({ leads: 1 });
        for (const table of ["organizations", "org_units", "credentials"]) {
          const rows = env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE organization_id = ?1`).bind(organization_id);
          expect(await rows.first("n"), `${last} ${table}`).toBe(0);
        }
      }
    },
  );

  it("is 404 for an organization that never was", async () => {
    for (const id of ["org_0193f3a2c7b07aa18000c0ffee123456", "x".repeat(2_000), "..%2F.."]) expect((await deleted(id)).status).toBe(404);
  });

  it("knows every table that has the column unit", async () => {
    const elsewhere = ["channels", "credentials", "move_sides", "org_units", "unit_moves"];
    expect((await tablesWith("unit")).filter((table) => !elsewhere.includes(table))).toEqual(Object.keys(UNIT_TABLES).sort());
  });
});
