/** A blocked value becomes no alias, whichever way it comes, and is taken from the lead that has it. */
import { describe, expect, it } from "vitest";
import { asEmail, getReceipt, ingest, mintUnitTenant, rowsOf } from "../../support/events";
import { importCsv } from "../../support/imports";
import { mintLead } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const INFO = { kind: "email", value: "info@example.com" };

async function mintBlocked() {
  const tenant = await mintUnitTenant();
  const { client } = tenant;
  const lead = await mintLead(client, { email: "info@example.com", phone: "+15551234567" });
  const other = await mintLead(client, { email: "other@example.com" });
  await client.post(`/lead/${other}/aliases`, INFO);
  const answer = await client.post("/identity/blocked-values", { kind: "email", value: " INFO@example.com" });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return { ...tenant, lead, other, blocked: await answer.json() };
}

describe("a blocked value", () => {
  it("is taken from the lead that has it, with a report", async () => {
    const { client, unit, lead, blocked } = await mintBlocked();
    expect(blocked).toMatchObject({ ...INFO, default: false, active: true, report: { removed_from: lead, conflicts_closed: 1 } });
    await readProblem(await client.get("/lead/by-alias?value=info@example.com"), 404);
    expect(await rowsOf(unit, "alias_conflicts")).toEqual([]);
    expect(await (await client.get(`/lead/${lead}`)).json()).toMatchObject({ aliases: [{ kind: "phone" }] });
    expect((await (await client.get("/identity/blocked-values")).json<{ blocked_values: object[] }>()).blocked_values).toContainEqual(
      expect.objectContaining(INFO),
    );
  });

  it("becomes no alias by events, imports, batches, changes or by hand; an event of nothing else is rejected and kept", async () => {
    const { client, unit, other } = await mintBlocked();
    const [alone = ""] = await ingest(client, asEmail("info@example.com", "x"), {
      aliases: [
        { alias_kind: "email", raw_value: "info@example.com" },
        { alias_kind: "email", raw_value: "person@example.com" },
      ],
      event_type: "x",
    });
    expect(await getReceipt(client, alone)).toMatchObject({ status: "rejected", error: expect.stringContaining("blocks") });
    const job = await importCsv(client, "email\ninfo@example.com\nnew@example.com\n", {
      primary_identifier: { column: "email", kind: "email" },
    });
    expect(job).toMatchObject({ created_count: 1, failed_count: 1 });
    const batch = await (await client.post("/leads/batch", { leads: [{ aliases: [INFO] }] })).json();
    expect(JSON.stringify(batch)).toContain("blocked");
    await readProblem(await client.post(`/lead/${other}/aliases`, INFO), 409);
    await client.call("PUT", `/lead/${other}`, { json: { email: "info@example.com" } });
    expect((await rowsOf(unit, "aliases")).map(({ value }) => value).sort()).toEqual([
      "+15551234567",
      "new@example.com",
      "other@example.com",
      "person@example.com",
    ]);
    expect(await rowsOf(unit, "alias_conflicts")).toEqual([]);
  });

  it("is allowed again, once", async () => {
    const { client, other } = await mintBlocked();
    const path = `/identity/blocked-values/email/${encodeURIComponent("info@example.com")}`;
    expect((await client.call("DELETE", path)).status).toBe(204);
    await readProblem(await client.call("DELETE", path), 404);
    expect((await client.post(`/lead/${other}/aliases`, INFO)).status).toBe(201);
  });

  it("by default is what software writes for nobody; a default can be switched off and on", async () => {
    const { client, unit } = await mintUnitTenant();
    const send = () =>
      ingest(client, {
        aliases: [
          { alias_kind: "cookie", raw_value: "undefined" },
          { alias_kind: "email", raw_value: "a@example.com" },
        ],
        event_type: "x",
      });
    await send();
    expect((await rowsOf(unit, "aliases")).map(({ value }) => value)).toEqual(["a@example.com"]);
    expect((await client.call("DELETE", "/identity/blocked-values/cookie/undefined")).status).toBe(204);
    const { blocked_values } = await (await client.get("/identity/blocked-values")).json<{ blocked_values: object[] }>();
    expect(blocked_values).toContainEqual({ kind: "cookie", value: "undefined", default: true, active: false, created_at: null });
    await send();
    expect((await rowsOf(unit, "aliases", "value")).map(({ value }) => value)).toEqual(["a@example.com", "undefined"]);
    expect((await client.post("/identity/blocked-values", { kind: "cookie", value: "undefined" })).status).toBe(201);
    expect((await rowsOf(unit, "aliases")).map(({ value }) => value)).toEqual(["a@example.com"]);
  });
});
