/** Undoing a bulk deletion: the leads are what they were, byte for byte; what came later stays, and an erased person does not come back. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DELETED_SQL } from "../../../src/core/undo/deleted-store";
import { tracesOf } from "../../support/context";
import { ingest, mintRule, mintUnitTenant } from "../../support/events";
import { fc } from "../../support/fast-check";
import { deliver, deliverAll, heldQueue } from "../../support/imports";
import { leadIdOf, merge, snapshotOf } from "../../support/merges";
import { planOf } from "../../support/query-plans";
import { type Client, mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

/** What a deletion and its undo leave behind beside the leads. */
const TRACES = ["bulk_jobs", "undos", "undo_chunks", "undo_kept", "undo_journal"];
async function leadsIn(unit: number): Promise<Record<string, string[]>> {
  const all = await snapshotOf(unit);
  for (const table of [...TRACES, "segment_queue", "segment_lanes"]) delete all[table];
  return all;
}

type Undone = { job_id: string; undo: { status: string; restored_count: number; kept: { field: string; reason: string }[] } };

async function deleteMany(client: Client, ids: readonly string[]): Promise<string> {
  const queue = heldQueue();
  const answer = await client.call("DELETE", "/leads/bulk", { json: { ids }, bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
  expect(answer.status).toBe(202);
  const { job_id } = await answer.json<{ job_id: string }>();
  await deliverAll(queue.sent[0] ?? {});
  expect(await (await client.get(`/leads/bulk/jobs/${job_id}`)).json()).toMatchObject({ status: "completed" });
  return job_id;
}

async function undo(client: Client, jobId: string): Promise<Undone["undo"]> {
  const queue = heldQueue();
  const path = `/leads/bulk/jobs/${jobId}/undo`;
  expect((await client.post(path, undefined, { bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } })).status).toBe(202);
  await deliverAll(queue.sent[0] ?? {});
  // delivered twice: nothing more happens
  await deliver(queue.sent[0] ?? {});
  return (await (await client.post(path)).json<Undone>()).undo;
}

describe("the undo of a bulk deletion", () => {
  it("restores aliases, events, scores, conflicts, merges and watches as they were, and its journal is gone", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintRule(client, { event_type: "Page View", weight: 10 });
    await client.post("/leads", {
      email: "a@x.example",
      phone: "+12125550100",
      metadata: { n: 1, deep: { a: [1.5, null] } },
      consent: { calls: true },
    });
    await client.post("/leads", { email: "b@x.example", status: "lost", owner_id: "u" });
    await ingest(client, {
      alias_kind: "email",
      alias: "a@x.example",
      event_type: "Page View",
      metadata: { path: "/ä" },
      event_id: "own-1",
    });
    await ingest(client, { alias_kind: "email", alias: "m@x.example", event_type: "Page View" });
    const [a, b, m] = [await leadIdOf(client, "a@x.example"), await leadIdOf(client, "b@x.example"), await leadIdOf(client, "m@x.example")];
    await merge(client, a, [m]);
    await readProblem(await client.post(`/lead/${b}/aliases`, { kind: "phone", value: "+12125550100" }), 409);
    await client.post(`/leads/${a}/watch`, { prediction: "will buy" });
    const before = await leadsIn(unit);
    const job = await deleteMany(client, [a, b]);
    await readProblem(await client.get(`/lead/${a}`), 404);
    const dry = await (await client.post(`/leads/bulk/jobs/${job}/undo?dry_run=true`)).json<Undone>();
    expect(dry.undo).toMatchObject({ status: "dry_run", restored_count: 2, kept_count: 0 });
    expect(await undo(client, job)).toMatchObject({ status: "completed", restored_count: 2, kept: [] });
    expect(await leadsIn(unit)).toEqual(before);
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM undo_journal WHERE unit = ?1 AND operation_id = ?2").bind(unit, job).first("n"),
    ).toBe(0);
    const { changes } = await (await client.get(`/lead/${a}/audit`)).json<{ changes: { type: string; source: { dialect: string } }[] }>();
    expect(changes[0]).toMatchObject({ type: "changed", source: { dialect: "undo" } });
    expect(changes.length).toBeGreaterThan(2);
  });

  it("leaves an alias with the lead that has it by now, and later events and leads as they are", async () => {
    const { client } = await mintTenant();
    await client.post("/leads", { email: "a@x.example", aliases: [{ kind: "cookie", value: "ck" }] });
    const old = await leadIdOf(client, "a@x.example");
    const job = await deleteMany(client, [old]);
    await client.post("/leads", { email: "a@x.example", metadata: { later: true } });
    const later = await leadIdOf(client, "a@x.example");
    expect(await undo(client, job)).toMatchObject({ restored_count: 1, kept: [{ field: "_alias_email", reason: "changed_later" }] });
    expect(await leadIdOf(client, "a@x.example")).toBe(later);
    const back = await (await client.get(`/lead/${old}`)).json<{ aliases: { kind: string }[]; email: string | null }>();
    expect([back.email, back.aliases.map(({ kind }) => kind)]).toEqual([null, ["cookie"]]);
  });

  it("never brings back who was erased, by the deleted lead's id or as another lead; nothing of the person is left in the journal", async () => {
    const { client, unit } = await mintUnitTenant();
    await client.post("/leads", { email: "gone@person.example", metadata: { name: "Gone Person" } });
    await client.post("/leads", { email: "same@person.example", metadata: { name: "Same Person" } });
    const ids = [await leadIdOf(client, "gone@person.example"), await leadIdOf(client, "same@person.example")];
    const job = await deleteMany(client, ids);
    expect((await client.post(`/lead/${ids[0]}/erase`)).status).toBe(200);
    await client.post("/leads", { email: "same@person.example" });
    expect((await client.post(`/lead/${await leadIdOf(client, "same@person.example")}/erase`)).status).toBe(200);
    expect([await tracesOf(unit, "gone@person"), await tracesOf(unit, "Same Person")]).toEqual([{}, {}]);
    expect(await undo(client, job)).toMatchObject({ status: "completed", restored_count: 0 });
    for (const id of ids) await readProblem(await client.get(`/lead/${id}`), 404);
  });

  it("of random leads with random events is exact", { timeout: 120_000 }, async () => {
    const lead = fc.record({
      events: fc.nat(3),
      phone: fc.constantFrom("", "+12125550100", "+12125550101"),
      gone: fc.boolean(),
      n: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(lead, { minLength: 1, maxLength: 6 }), async (leads) => {
        const { client, unit } = await mintUnitTenant();
        await mintRule(client, { event_type: "Page View", weight: 10 });
        const email = (at: number) => `r${at}@x.example`;
        const items = leads.map(({ phone, n }, at) => ({ email: email(at), ...(phone ? { phone } : {}), metadata: { n } }));
        await client.post("/leads/batch", { leads: items });
        const events = leads.flatMap((each, at) =>
          Array.from({ length: each.events }, () => ({ alias_kind: "email", alias: email(at), event_type: "Page View" })),
        );
        if (events.length > 0) await ingest(client, ...events);
        const found = await Promise.all(leads.map(({ gone }, at) => (gone ? leadIdOf(client, email(at)) : null)));
        const ids = [...new Set(found)].filter((id) => id !== null);
        if (ids.length === 0) return;
        const before = await leadsIn(unit);
        const job = await deleteMany(client, ids);
        expect(await undo(client, job)).toMatchObject({ restored_count: ids.length, kept: [] });
        expect(await leadsIn(unit)).toEqual(before);
      }),
      { numRuns: 4, seed: 7 },
    );
  });
});

it("no statement reads more than the leads of its slice, or the journal of deletions", async () => {
  const free = /^SCAN (r|e|x|g|n|j|json_each|CONSTANT ROW|\d+ CONSTANT ROWS|\(subquery-\d+)\b/;
  for (const [name, text] of Object.entries(DELETED_SQL)) {
    for (const detail of await planOf(text)) {
      if (detail.startsWith("SCAN ")) expect(detail, name).toMatch(free);
      if (detail.startsWith("SEARCH") && !/^SEARCH (change_log|j) /.test(detail)) expect(detail, name).not.toMatch(/\(unit=\?\)$/);
    }
  }
});
