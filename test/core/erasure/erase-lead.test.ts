/** An erased person is nowhere: no table and no object holds a byte of them, and nothing brings them back. */
import { env } from "cloudflare:workers";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { asEmail, deliverEvents, getReceipt, ingest, mintRule, mintUnitTenant, queueEvents, rowsOf } from "../../support/events";
import { importCsv } from "../../support/imports";
import { leadIdOf, merge } from "../../support/merges";
import { mintLead } from "../../support/tenant";
import { readProblem, request } from "../../support/worker";

const SECRET = ["zebulon", "+15557654321", "quackenbush"];

/** Tables and objects of the unit that contain one of the texts. */
async function tracesOf(unit: number, texts: readonly string[]): Promise<string[]> {
  const holds = (text: string) => texts.some((wanted) => text.toLowerCase().includes(wanted));
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
  ).all<{ name: string }>();
  const found: string[] = [];
  for (const { name } of tables) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${name}`).all();
    if (results.some((row) => holds(JSON.stringify(row)))) found.push(name);
  }
  for (const prefix of [`imports/${unit}/`, `spill/${unit}/`]) {
    for (const { key } of (await env.FILES.list({ prefix })).objects)
      if (holds((await (await env.FILES.get(key))?.text()) ?? "")) found.push(key);
  }
  return found;
}

type Receipt = { lead_id: string; status: string; rows: Record<string, number>; objects: number; suppressed: number; signature: string };

describe("an erased person", () => {
  it("is in no table and no object, with a signed receipt of what went", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintRule(client, { event_type: "x", weight: 5 });
    await importCsv(
      client,
      "email,phone,last,n\nzebulon@example.com,+15557654321,Quackenbush,1\nother@example.com,,Other,2\nbad-row,+15557654321,Quackenbush,3\n",
      {
        primary_identifier: { column: "email", kind: "email" },
        alias_mappings: { phone: "_alias_phone" },
        field_mappings: { last: "last_name" },
      },
    );
    const lead = await leadIdOf(client, "zebulon@example.com");
    const old = await mintLead(client, { email: "zebulon.old@example.com" }, { last_name: "Quackenbush" });
    await merge(client, lead, [old]);
    await ingest(client, asEmail("zebulon@example.com", "x", { metadata: { name: "Quackenbush" } }));
    await ingest(client, { lead_id: "ld_nobody", aliases: [{ alias_kind: "email", raw_value: "zebulon@example.com" }], event_type: "x" });
    const other = await leadIdOf(client, "other@example.com");
    await client.post(`/lead/${other}/aliases`, { kind: "phone", value: "+15557654321" });
    await client.post(
      "/leads",
      { aliases: [{ kind: "email", value: "zebulon@example.com" }] },
      { headers: { "Idempotency-Key": "zebulon-1" } },
    );
    await env.FILES.put(
      `spill/${unit}/1-1-00.ndjson`,
      `${JSON.stringify({ aliases: [["email", "zebulon@example.com", null]], last: "Quackenbush" })}\n{"a":1}\n`,
    );
    await env.DB.prepare("INSERT INTO dead_letters (message_id, queue, body, received_at) VALUES (?1, 'q', ?2, 0)")
      .bind(crypto.randomUUID(), JSON.stringify({ unit, events: [{ aliases: [["email", "zebulon@example.com", null]] }] }))
      .run();
    expect((await tracesOf(unit, SECRET)).length).toBeGreaterThan(5);

    const answer = await client.post(`/lead/${lead}/erase`);
    expect(answer.status, await answer.clone().text()).toBe(200);
    const receipt = await answer.json<Receipt>();
    expect(await tracesOf(unit, SECRET)).toEqual([]);
    expect(receipt).toMatchObject({ lead_id: lead, status: "erased", suppressed: 3, rows: { leads: 1, aliases: 3, dead_letters: 1 } });
    expect(receipt.objects).toBeGreaterThanOrEqual(2);
    const keys = createLocalJWKSet(await (await request("/.well-known/jwks.json")).json<JSONWebKeySet>());
    const { payload } = await jwtVerify(receipt.signature, keys);
    expect(payload).toMatchObject({ lead_id: lead.slice(3), rows: receipt.rows, objects: receipt.objects, suppressed: 3 });
    expect(await rowsOf(unit, "leads")).toHaveLength(1);
    await readProblem(await client.get(`/lead/${lead}`), 404);
    await readProblem(await client.get(`/lead/${old}?follow=true`), 404);
    expect(await leadIdOf(client, "other@example.com")).toBe(other);
  });

  it("is suppressed: no import, event, batch or request brings them back, and none of them is kept", async () => {
    const { client, unit } = await mintUnitTenant();
    const lead = await mintLead(client, { email: "zebulon@example.com", phone: "+15557654321" });
    const inFlight = await queueEvents(client, asEmail("zebulon@example.com", "x", { metadata: { name: "Quackenbush" } }), {
      lead_id: lead,
      event_type: "x",
    });
    expect((await client.post(`/lead/${lead}/erase`)).status).toBe(200);
    await deliverEvents(inFlight);
    const [late = ""] = await ingest(client, asEmail("Zebulon@Example.com", "x", { metadata: { name: "Quackenbush" } }));
    expect(await getReceipt(client, late)).toMatchObject({ status: "rejected", error: expect.stringContaining("suppressed") });
    const job = await importCsv(client, "email\nzebulon@example.com\nnew@example.com\n", {
      primary_identifier: { column: "email", kind: "email" },
    });
    expect(job).toMatchObject({ created_count: 1, failed_count: 1 });
    expect(JSON.stringify(job)).toContain("suppressed");
    const batch = await (
      await client.post("/leads/batch", { leads: [{ aliases: [{ kind: "email", value: "zebulon@example.com" }] }] })
    ).json();
    expect(JSON.stringify(batch)).toContain("suppressed");
    expect((await readProblem(await client.post("/leads", { aliases: [{ kind: "phone", value: "+15557654321" }] }), 409)).detail).toContain(
      "suppressed",
    );
    const other = await leadIdOf(client, "new@example.com");
    await readProblem(await client.post(`/lead/${other}/aliases`, { kind: "email", value: "zebulon@example.com" }), 409);
    await readProblem(await client.call("PUT", `/lead/${other}`, { json: { email: "zebulon@example.com" } }), 409);
    expect((await rowsOf(unit, "aliases")).map(({ value }) => value)).toEqual(["new@example.com"]);
    expect((await tracesOf(unit, SECRET)).filter((name) => !name.startsWith("imports/"))).toEqual([]);
  });
});
