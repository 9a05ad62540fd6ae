/** An erasure by a job signs for what the person was at its request and became meanwhile, and begins only for a lead that stays until its end. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { runErasure } from "../../../src/core/erasure";
import { isSearched } from "../../../src/core/erasure/erase-traces";
import { openSystem } from "../../../src/open-context";
import { asEmail, deliverEvents, getReceipt, ingest, mintUnitTenant, rowsOf } from "../../support/events";
import { heldQueue } from "../../support/imports";
import { leadIdOf, type Merged } from "../../support/merges";
import { beforeCommit, keyed, newKey } from "../../support/retries";
import { type Client, mintLead } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const PHONE = "+15557654321";
/** One more than is erased at once. */
const EVENTS = 2_001;
const { IMPORT_QUEUE } = heldQueue();

async function mintLarge() {
  const tenant = await mintUnitTenant();
  const { client, unit } = tenant;
  await ingest(client, asEmail("zebulon@example.com", "x"));
  const lead = await leadIdOf(client, "zebulon@example.com");
  await client.post(`/lead/${lead}/aliases`, { kind: "phone", value: PHONE });
  await env.DB.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
     INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, received_at, processed_at, silent, score_before, score_after)
     SELECT ?1, ?2, i, 'big-' || ?1 || '-' || i, 'x', 'x', i, i, 0, 0, 0 FROM n`,
  )
    .bind(unit, lead.slice(3), EVENTS)
    .run();
  return { ...tenant, lead };
}

type Receipt = { receipt_id: string; lead_id: string; status: string; rows: Record<string, number>; objects: number; suppressed: number };

async function requestErasure(client: Client, lead: string): Promise<string> {
  const answer = await client.post(`/lead/${lead}/erase`, undefined, { bindings: { IMPORT_QUEUE } });
  expect(answer.status, await answer.clone().text()).toBe(202);
  return (await answer.json<Receipt>()).receipt_id;
}
const nudge = (unit: number, job_id: string) => deliverEvents([{ unit, job_id }], { IMPORT_QUEUE }, 1, "leadedge-imports");
async function finish(client: Client, unit: number, id: string): Promise<Receipt> {
  await nudge(unit, id);
  const receipt = await (await client.get(`/erasures/${id}`)).json<Receipt>();
  expect(receipt.status).toBe("erased");
  expect(await rowsOf(unit, "lead_erasures")).toMatchObject([{ person: null }]);
  return receipt;
}
async function oneStep(unit: number, id: string): Promise<void> {
  const ctx = await openSystem(env, unit, "req_test");
  expect(await runErasure(ctx, id, { until: 0, sign: async () => "" })).toBe("continue");
}
const positionOf = async (unit: number) => JSON.parse(String((await rowsOf(unit, "lead_erasures"))[0]?.position));
const put = (unit: number, text: string) => env.FILES.put(`spill/${unit}/1.ndjson`, `${JSON.stringify({ text })}\n{"a":1}\n`);
const spilled = async (unit: number) => (await env.FILES.get(`spill/${unit}/1.ndjson`))?.text();
const LEFT = '{"a":1}\n';

describe("while a job erases a person", () => {
  it("an alias that the lead loses is searched for all the same", async () => {
    const { client, unit, lead } = await mintLarge();
    await put(unit, PHONE);
    const id = await requestErasure(client, lead);
    expect((await client.call("DELETE", `/lead/${lead}/aliases/phone/${encodeURIComponent(PHONE)}`)).ok).toBe(true);
    expect(await finish(client, unit, id)).toMatchObject({ objects: 1, suppressed: 2, rows: { events: EVENTS + 1 } });
    expect(await spilled(unit)).toBe(LEFT);
  });

  it("an alias that the lead gains is suppressed and searched for, also after the search", async () => {
    const { client, unit, lead } = await mintLarge();
    const id = await requestErasure(client, lead);
    do await oneStep(unit, id);
    while (!isSearched((await positionOf(unit)) ?? { stage: 0 }));
    await put(unit, "late@example.com");
    expect((await client.post(`/lead/${lead}/aliases`, { kind: "email", value: "late@example.com" })).ok).toBe(true);
    expect(await finish(client, unit, id)).toMatchObject({ objects: 1, suppressed: 3 });
    expect(await spilled(unit)).toBe(LEFT);
    const [late = ""] = await ingest(client, asEmail("late@example.com", "x"));
    expect(await getReceipt(client, late)).toMatchObject({ status: "rejected", error: expect.stringContaining("suppressed") });
  });

  it("a lead that goes is searched for by what was stored at the request", async () => {
    const { client, unit, lead } = await mintLarge();
    await put(unit, PHONE);
    const id = await requestErasure(client, lead);
    for (const table of ["leads", "aliases"]) await env.DB.prepare(`DELETE FROM ${table} WHERE unit = ?1`).bind(unit).run();
    const receipt = await finish(client, unit, id);
    expect(receipt).toMatchObject({ objects: 1, suppressed: 2, rows: { events: EVENTS + 1 } });
    expect(receipt.rows).not.toHaveProperty("leads");
    expect(await spilled(unit)).toBe(LEFT);
  });

  it("a job that an older version created goes on, with the lead that its own was merged into", async () => {
    const { client, unit, lead } = await mintLarge();
    const target = await mintLead(client, { email: "zebulon.new@example.com" });
    // beside the file that the target was imported from
    await put(unit, "zebulon.new@example.com");
    const id = await requestErasure(client, lead);
    const set = (values: string) => env.DB.prepare(`UPDATE lead_erasures SET ${values} WHERE unit = ?1`).bind(unit).run();
    await set("status = 'erased', person = NULL");
    const merging = await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [lead] }, { bindings: { IMPORT_QUEUE } });
    const { merge_id } = await merging.json<Merged>();
    await set("status = 'running'");
    await nudge(unit, id);
    expect(await rowsOf(unit, "lead_erasures")).toMatchObject([{ status: "running", erased_id: lead.slice(3) }]);
    await nudge(unit, merge_id);
    expect(await finish(client, unit, id)).toMatchObject({ lead_id: target, objects: 2, suppressed: 3, rows: { leads: 1 } });
    expect(await spilled(unit)).toBe(LEFT);
    await readProblem(await client.get(`/lead/${target}`), 404);
  });
});

describe("while a request erases a person", () => {
  it("an alias that the lead gains before the commit is suppressed and searched for", async () => {
    const { client, unit } = await mintUnitTenant();
    const lead = await mintLead(client, { email: "zebulon@example.com" });
    const change = async () => {
      await put(unit, "late@example.com");
      expect((await client.post(`/lead/${lead}/aliases`, { kind: "email", value: "late@example.com" })).ok).toBe(true);
    };
    const answer = await client.post(`/lead/${lead}/erase`, undefined, { ...keyed(newKey()), bindings: beforeCommit(change) });
    // the file that the lead was imported from, and the spilled event
    expect(await answer.json<Receipt>()).toMatchObject({ status: "erased", objects: 2, suppressed: 2, rows: { leads: 1, aliases: 2 } });
    expect(await spilled(unit)).toBe(LEFT);
    await readProblem(await client.post("/leads", { aliases: [{ kind: "email", value: "late@example.com" }] }), 409);
  });
});

describe("the request of an erasure by a job", () => {
  /** What comes between its look-ups and its commit. */
  const overtaken = (client: Client, lead: string, act: () => Promise<unknown>) =>
    client.post(`/lead/${lead}/erase`, undefined, { ...keyed(newKey()), bindings: { IMPORT_QUEUE, ...beforeCommit(act) } });
  const mergeOf = (client: Client, targetLeadId: string, source: string) => () =>
    client.post("/leads/merge", { targetLeadId, sourceLeadIds: [source] }, { bindings: { IMPORT_QUEUE } });

  it("is refused when a merge takes the lead first", async () => {
    const { client, unit, lead } = await mintLarge();
    const other = await mintLead(client, { email: "other@example.com" });
    await readProblem(await overtaken(client, lead, mergeOf(client, other, lead)), 410);
    expect(await rowsOf(unit, "lead_erasures")).toEqual([]);
    expect(await rowsOf(unit, "withheld_aliases")).toEqual([]);
  });

  it("is refused when the events of another lead begin to move to it", async () => {
    const { client, unit, lead } = await mintLarge();
    const target = await mintLead(client, { email: "other@example.com" });
    await env.DB.prepare("UPDATE events SET lead_id = ?3 WHERE unit = ?1 AND lead_id = ?2 AND occurred_at > 1000")
      .bind(unit, lead.slice(3), target.slice(3))
      .run();
    await env.DB.prepare(
      `INSERT INTO contributions (unit, lead_id, at, event_id, rule_id, ruleset_id, weight)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) SELECT ?1, ?2, i, 'big', 'r', 'r', 1 FROM n`,
    )
      .bind(unit, target.slice(3))
      .run();
    await readProblem(await overtaken(client, target, mergeOf(client, target, lead)), 409);
    expect(await rowsOf(unit, "lead_erasures")).toEqual([]);
  });

  it("is refused when the lead is deleted first", async () => {
    const { client, unit, lead } = await mintLarge();
    await readProblem(await overtaken(client, lead, () => client.call("DELETE", `/lead/${lead}`)), 404);
    expect(await rowsOf(unit, "lead_erasures")).toEqual([]);
  });
});
