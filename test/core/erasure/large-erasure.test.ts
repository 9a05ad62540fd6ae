/** A lead with many events is erased by a job: step by step, each counted once, with the receipt to be polled. */
import { env } from "cloudflare:workers";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { runErasure } from "../../../src/core/erasure";
import { openSystem } from "../../../src/open-context";
import { asEmail, deliverEvents, getReceipt, ingest, mintUnitTenant, rowsOf, storedEvents } from "../../support/events";
import { heldQueue } from "../../support/imports";
import { leadIdOf } from "../../support/merges";
import { type Client, mintLead } from "../../support/tenant";
import { readProblem, request } from "../../support/worker";

const EVENTS = 4_500;
const CONTRIBUTIONS = 12_000;

type Running = { receipt_id: string; lead_id: string; status: string; rows: Record<string, number> };
type Receipt = Running & { erased_at: string; objects: number; suppressed: number; signature: string };

/** A lead with many events, put where the core reads them. */
async function mintLarge() {
  const tenant = await mintUnitTenant();
  const { client, unit } = tenant;
  await ingest(client, asEmail("zebulon@example.com", "x"));
  const lead = await leadIdOf(client, "zebulon@example.com");
  const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)";
  await env.DB.batch([
    env.DB.prepare(
      `${numbers} INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, received_at, processed_at, silent, score_before, score_after)
       SELECT ?1, ?2, i, 'big-' || ?1 || '-' || i, 'x', 'x', i, i, 0, 0, 0 FROM n`,
    ).bind(unit, lead.slice(3), EVENTS - 1),
    env.DB.prepare(
      `${numbers} INSERT INTO contributions (unit, lead_id, at, event_id, rule_id, ruleset_id, weight)
       SELECT ?1, ?2, i, 'big', 'r', 'r', 1 FROM n`,
    ).bind(unit, lead.slice(3), CONTRIBUTIONS),
    env.DB.prepare("INSERT INTO event_counts (unit, day, type_key, count) VALUES (?1, 0, 'x', ?2)").bind(unit, EVENTS - 1),
  ]);
  return { ...tenant, lead };
}

const held = () => ({ bindings: { IMPORT_QUEUE: heldQueue().IMPORT_QUEUE } });
async function request202(client: Client, lead: string): Promise<Running> {
  const answer = await client.post(`/lead/${lead}/erase`, undefined, held());
  expect(answer.status, await answer.clone().text()).toBe(202);
  const running = await answer.json<Running>();
  expect(answer.headers.get("Location")).toBe(`/erasures/${running.receipt_id}`);
  return running;
}
const poll = async <Body>(client: Client, id: string) => (await client.get(`/erasures/${id}`)).json<Body>();
const nudge = (unit: number, job_id: string) => deliverEvents([{ unit, job_id }], {}, 1, "leadedge-imports");

/** Runs one step, as a run that dies after it. */
async function oneStep(unit: number, id: string): Promise<void> {
  const ctx = await openSystem(env, unit, "req_test");
  expect(await runErasure(ctx, id, { until: 0, sign: async () => "" })).toBe("continue");
}

describe("the erasure of a lead with more events than one request deletes", () => {
  it("is queued, survives crashes and double deliveries, and its receipt counts every row once", async () => {
    const { client, unit, lead } = await mintLarge();
    const other = await mintLead(client, { email: "other@example.com" });
    const { receipt_id, ...running } = await request202(client, lead);
    expect(running).toMatchObject({ lead_id: lead, status: "running", rows: {}, suppressed: 1 });
    expect(await request202(client, lead)).toMatchObject({ receipt_id, status: "running" });

    // nothing brings the person back meanwhile, and the lead goes nowhere
    const [late = ""] = await ingest(client, asEmail("zebulon@example.com", "x"));
    expect(await getReceipt(client, late)).toMatchObject({ status: "rejected", error: expect.stringContaining("suppressed") });
    await readProblem(await client.call("DELETE", `/lead/${lead}`), 409);
    await readProblem(await client.post("/leads/merge", { targetLeadId: other, sourceLeadIds: [lead] }), 409);

    await oneStep(unit, receipt_id);
    expect(await poll<Running>(client, receipt_id)).toMatchObject({ status: "running", rows: { events: 1_000, contributions: 5_000 } });
    await Promise.all([nudge(unit, receipt_id), nudge(unit, receipt_id)]);
    await nudge(unit, receipt_id);

    const receipt = await poll<Receipt>(client, receipt_id);
    expect(receipt).toMatchObject({ receipt_id, lead_id: lead, status: "erased", suppressed: 1 });
    expect(receipt.rows).toMatchObject({ leads: 1, aliases: 1, events: EVENTS, contributions: CONTRIBUTIONS });
    const keys = createLocalJWKSet(await (await request("/.well-known/jwks.json")).json<JSONWebKeySet>());
    const { payload } = await jwtVerify(receipt.signature, keys);
    expect(payload).toMatchObject({ lead_id: lead.slice(3), rows: receipt.rows, suppressed: 1 });

    expect(await storedEvents(unit)).toMatchObject({ leads: 1, events: 0, contributions: 0, lead_scores: 0 });
    await readProblem(await client.get(`/lead/${lead}`), 404);
    await readProblem(await client.post(`/lead/${lead}/erase`), 404);
    const [row] = await rowsOf(unit, "lead_erasures");
    expect(JSON.stringify(row)).not.toContain("zebulon");
  });

  it("is found by the sweep when its message is lost, and its receipt is nobody else's", async () => {
    const { client, unit, lead } = await mintLarge();
    const { receipt_id } = await request202(client, lead);
    await env.DB.prepare("UPDATE lead_erasures SET run_at = 0 WHERE unit = ?1").bind(unit).run();
    const { findStuckErasures } = await import("../../../src/core/erasure");
    const { openShardDb } = await import("../../../src/db/client");
    expect(await findStuckErasures(openShardDb(env.DB), Date.now())).toContainEqual({ unit, job_id: receipt_id });
    const stranger = await mintUnitTenant();
    await readProblem(await stranger.client.get(`/erasures/${receipt_id}`), 404);
    for (const unknown of [`era_${"0".repeat(32)}`, "unknown"]) await readProblem(await client.get(`/erasures/${unknown}`), 404);
  });
});
