/** A person whose lead a bulk deletion removed is erased from the undo journal: exactly, whatever dies or overtakes it. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { tracesOf } from "../../support/context";
import { mintUnitTenant } from "../../support/events";
import { deliver, deliverAll, heldQueue, interceptedD1 } from "../../support/imports";
import { leadIdOf, merge } from "../../support/merges";
import { beforeCommit, keyed, newKey } from "../../support/retries";
import type { Client } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const EMAIL = "zebulon@example.com";
type Receipt = { status: string; rows: Record<string, number>; suppressed: number };

const erase = (client: Client, lead: string, bindings: Partial<Env> = {}): Promise<Response> =>
  client.post(`/lead/${lead}/erase`, undefined, { ...keyed(newKey()), bindings });

/** A message of the queue for a request that needs one. */
async function held(request: (bindings: Partial<Env>) => Promise<Response>): Promise<{ id: string; message: object }> {
  const { IMPORT_QUEUE, sent } = heldQueue();
  const answer = await request({ IMPORT_QUEUE });
  expect(answer.status).toBe(202);
  return { id: (await answer.json<{ job_id: string }>()).job_id, message: sent[0] ?? {} };
}

async function deleteMany(client: Client, ids: readonly string[]): Promise<string> {
  const { id, message } = await held((bindings) => client.call("DELETE", "/leads/bulk", { json: { ids }, bindings }));
  await deliverAll(message);
  return id;
}

const undoOf = (client: Client, job: string) => held((bindings) => client.post(`/leads/bulk/jobs/${job}/undo`, undefined, { bindings }));

async function mintDeleted() {
  const { client, unit } = await mintUnitTenant();
  await client.post("/leads", { email: EMAIL });
  const lead = await leadIdOf(client, EMAIL);
  return { client, unit, lead, job: await deleteMany(client, [lead]) };
}

it("the receipt counts the lead's place in the journal once, and no other lead and no journal shows the person any longer", async () => {
  const { client, unit } = await mintUnitTenant();
  await client.post("/leads", { email: "quackenbush@example.com" });
  await client.post("/leads", { email: EMAIL });
  await client.post("/leads", { email: "other@example.com" });
  const [old, lead, other] = [
    await leadIdOf(client, "quackenbush@example.com"),
    await leadIdOf(client, EMAIL),
    await leadIdOf(client, "other@example.com"),
  ];
  await merge(client, lead, [old]);
  await client.patch("/lead/by-alias/metadata", { alias_value: "other@example.com", attributes: { n: 1 } });
  await readProblem(await client.post(`/lead/${other}/aliases`, { kind: "email", value: EMAIL }), 409);
  await env.DB.prepare("UPDATE leads SET shown_email = ?3 WHERE unit = ?1 AND lead_id = ?2").bind(unit, other.slice(3), EMAIL).run();
  await deleteMany(client, [lead]);
  await env.FILES.put(`spill/${unit}/1.ndjson`, `${JSON.stringify({ lead_id: old.slice(3) })}\n`);
  const receipt = await (await erase(client, lead)).json<Receipt>();
  expect(receipt).toMatchObject({ status: "erased", suppressed: 2, objects: 1, rows: { undo_journal: 1, leads_showing_an_address: 1 } });
  for (const text of [EMAIL, "quackenbush"]) expect(await tracesOf(unit, text)).toEqual({});
  await readProblem(await erase(client, lead), 404);
});

it.each(["before", "after"])("an erasure that dies %s any of its writes ends when it is sent again", { timeout: 120_000 }, async (when) => {
  let survived = false;
  for (let last = 1; !survived; last++) {
    const { client, unit, lead, job } = await mintDeleted();
    let writes = 0;
    const DB = interceptedD1(async ({ statements }, run) => {
      if (statements.every(({ text }) => /^(SELECT|WITH)/.test(text))) return run();
      writes += 1;
      if (writes < last) return run();
      if (when === "after" && writes === last) await run();
      throw new Error("the isolate died");
    });
    survived = (await erase(client, lead, { DB })).ok;
    const again = await erase(client, lead);
    // what died after its commit has erased
    if (again.status !== 200) expect([again.status, survived || when === "after"]).toEqual([404, true]);
    expect(await tracesOf(unit, EMAIL), `${last}`).toEqual({});
    await deliverAll((await undoOf(client, job)).message);
    await readProblem(await client.get(`/lead/${lead}`), 404);
  }
});

it("an undo that has read the journal before the erasure, and commits after it, brings nobody back", async () => {
  const { client, unit, lead, job } = await mintDeleted();
  const { message } = await undoOf(client, job);
  let overtaken = false;
  const DB = interceptedD1(async (call, run) => {
    if (!overtaken && call.statements.some(({ text }) => text.startsWith("INSERT INTO undo_chunks"))) {
      overtaken = true;
      expect((await erase(client, lead)).status).toBe(200);
    }
    return run();
  });
  await deliver(message, { DB });
  expect(overtaken).toBe(true);
  await readProblem(await client.get(`/lead/${lead}`), 404);
  expect(await tracesOf(unit, EMAIL)).toEqual({});
});

it("a lead without aliases that an undo restores before the erasure's commit is erased all the same", async () => {
  const { client, unit } = await mintUnitTenant();
  await client.post("/leads", { email: EMAIL });
  const lead = await leadIdOf(client, EMAIL);
  await env.DB.prepare("UPDATE leads SET aliases = '[]' WHERE unit = ?1").bind(unit).run();
  await env.DB.prepare("DELETE FROM aliases WHERE unit = ?1").bind(unit).run();
  const { message } = await undoOf(client, await deleteMany(client, [lead]));
  const restore = async () => {
    await deliverAll(message);
    expect((await client.get(`/lead/${lead}`)).status).toBe(200);
  };
  const receipt = await (await erase(client, lead, beforeCommit(restore))).json<Receipt>();
  expect(receipt.rows).toMatchObject({ leads: 1 });
  expect(receipt.rows).not.toHaveProperty("undo_journal");
  await readProblem(await client.get(`/lead/${lead}`), 404);
});
