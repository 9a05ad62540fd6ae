/** A unit is read and written while it moves, and the process that moves it dies again and again: nothing is lost, nothing doubled. */
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { deleteLead } from "../../../src/core/erasure";
import { runMove } from "../../../src/core/moves";
import { isUnavailable } from "../../../src/errors";
import { openSystem } from "../../../src/open-context";
import { asEmail, deliverEvents, type EventMessage, mintRule, mintUnitTenant, queueEvents } from "../../support/events";
import { CONTACTS_MAPPING, contactsCsv, deliverAll, emailOf, getJob, heldImport } from "../../support/imports";
import { leadIdOf } from "../../support/merges";
import {
  beginMove,
  dump,
  expectNothingLeft,
  isClosed,
  isSwitched,
  LEASE_OVER_MS,
  mortal,
  readMove,
  runUntil,
  testWorld,
} from "../../support/moves";
import type { Client } from "../../support/tenant";

afterEach(() => void vi.restoreAllMocks());

const LEADS = 6;
/** Lanes in this process: they see the directory as it is. */
const HERE = { DB: env.DB };

/** Writes of every kind, one after the other, and what has to be there when all of them have succeeded. */
function openWriter(client: Client, unit: number) {
  const seats = new Map<number, number>();
  const events = new Set<string>();
  const jobs: string[] = [];
  const merged: string[] = [];
  const deleted: string[] = [];
  let refused: (() => Promise<boolean>)[] = [];
  let count = 0;

  /** Whether it was carried out; a refusal for the moment says when to try again. */
  const accepted = async (response: Response): Promise<boolean> => {
    if (response.status === 503) {
      expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
      return false;
    }
    expect(response.ok, `${response.status} ${await response.clone().text()}`).toBe(true);
    return true;
  };
  const patch = (n: number, seat: number) => async () => {
    const done = await accepted(
      await client.patch("/lead/by-alias/metadata", { alias_value: emailOf(n), attributes: { [`s${n}`]: seat } }),
    );
    if (done) seats.set(n, seat);
    return done;
  };
  const deliverEvent = (messages: readonly EventMessage[]) => async () => (await deliverEvents(messages, HERE)).retried.length === 0;
  const event = (n: number) => async () => {
    const messages = await queueEvents(client, asEmail(n % 2 === 0 ? emailOf(n % LEADS) : `new${n}@example.com`, "x"));
    for (const { event_id } of messages.flatMap((message) => message.events)) events.add(event_id);
    return later(deliverEvent(messages));
  };
  const startImport = (n: number) => async () => {
    // rows of known leads, and new ones
    const { job_id, message } = await heldImport(client, contactsCsv(4, { from: LEADS - 2 + n, name: () => `Job ${n}` }), CONTACTS_MAPPING);
    jobs.push(job_id);
    return later(async () => {
      await deliverAll(message, HERE).catch(() => {});
      return (await getJob(client, job_id)).status === "completed";
    });
  };
  const create = async (email: string): Promise<string | null> => {
    const response = await client.post("/leads", { email });
    return (await accepted(response)) ? (await response.json<{ lead_id: string }>()).lead_id : null;
  };
  const mergeTwo = (n: number) => async () => {
    const [target, source] = [await create(`target${n}@example.com`), await create(`source${n}@example.com`)];
    if (target === null || source === null) return later(mergeTwo(n + 1_000));
    return later(async () => {
      const done = await accepted(await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [source] }));
      if (done) merged.push(`source${n}@example.com`, target);
      return done;
    });
  };
  const createAndDelete = (n: number) => async () => {
    const id = await create(`gone${n}@example.com`);
    if (id === null) return later(createAndDelete(n + 1_000));
    return later(async () => {
      const done = await deleteLead(await openSystem(env, unit, "req_test"), id.replace("ld_", "")).then(
        () => true,
        (error: unknown) => (isUnavailable(error) ? false : Promise.reject(error)),
      );
      if (done) deleted.push(`gone${n}@example.com`);
      return done;
    });
  };
  /** Tries, and keeps what was refused to be tried again. */
  async function later(act: () => Promise<boolean>): Promise<true> {
    if (!(await act())) refused.push(act);
    return true;
  }

  return {
    write: async () => {
      const n = count++;
      const kinds = [patch(n % LEADS, n), event(n), patch((n + 3) % LEADS, n), createAndDelete(n), event(n), mergeTwo(n), startImport(n)];
      const act = kinds[n % kinds.length];
      if (act) await later(act);
      // it is read all the time, and shows the last write that succeeded
      const [read = 0, seat] = [...seats.entries()].at(-1) ?? [];
      const lead = await client.get(`/lead/by-alias?value=${emailOf(read)}`);
      expect(lead.status).toBe(200);
      if (seat !== undefined) expect(await lead.json()).toMatchObject({ metadata: { [`s${read}`]: seat } });
    },
    writeRefused: async () => {
      const again = refused;
      refused = [];
      for (const act of again) expect(await act()).toBe(true);
      expect(refused).toEqual([]);
      return again.length;
    },
    seats,
    events,
    jobs,
    merged,
    deleted,
  };
}

it("writes of every kind between all calls of a mover that dies again and again", { timeout: 300_000 }, async () => {
  const { client, unit, organization_id } = await mintUnitTenant();
  await mintRule(client, { event_type: "x", weight: 3 });
  await deliverAll((await heldImport(client, contactsCsv(LEADS))).message, HERE);
  const world = testWorld();
  const { move_id } = await beginMove(world, organization_id, 1);
  const writer = openWriter(client, unit);

  let [calls, deaths] = [0, 0];
  const failures: unknown[] = [];
  const between = async () => {
    // what fails here fails the test, not the move
    if (calls++ % 9 === 0) await writer.write().catch((error: unknown) => failures.push(error));
  };
  for (let life = 0; life < 24; life++) {
    await runMove(mortal(world, 2 * life + 3, life % 2 === 0, between), move_id, () => true).catch(() => deaths++);
    world.clock.ms = Math.max(world.clock.ms + LEASE_OVER_MS, (await readMove(move_id)).due_at);
  }
  expect(failures).toEqual([]);
  expect(deaths).toBeGreaterThan(15);
  const switched = await runUntil(world, move_id, isSwitched);
  expect(switched.error).toBeNull();
  for (let n = 0; n < 7; n++) await writer.write();
  await writer.writeRefused();
  await runUntil(world, move_id, isClosed);
  await expectNothingLeft(env.DB, switched);

  const { events, seats, jobs, merged, deleted } = writer;
  for (const [n, seat] of seats) {
    expect(await (await client.get(`/lead/by-alias?value=${emailOf(n)}`)).json()).toMatchObject({ metadata: { [`s${n}`]: seat } });
  }
  for (const job of jobs) expect(await getJob(client, job)).toMatchObject({ status: "completed", total_rows: 4, failed_count: 0 });
  for (const email of deleted) expect((await client.get(`/lead/by-alias?value=${email}`)).status).toBe(404);
  for (let at = 0; at < merged.length; at += 2) expect(await leadIdOf(client, merged[at] ?? "")).toBe(merged[at + 1]);
  expect([jobs.length, merged.length, deleted.length, seats.size].every((count) => count > 1)).toBe(true);

  const rows = await dump(env.DB_1, unit);
  // a merge puts an event of its own on the timeline
  const ofMerges = (rows.events ?? []).filter(({ event_id }) => String(event_id).startsWith("evt_mrg_"));
  expect(ofMerges).toHaveLength(merged.length / 2);
  const ids = (rows.events ?? []).filter((row) => !ofMerges.includes(row)).map(({ event_id }) => event_id);
  expect(ids.sort()).toEqual([...events].sort());
  expect(rows.contributions).toHaveLength(events.size);
  const sum = (table: string, column: string) => (rows[table] ?? []).reduce((total, row) => total + Number(row[column]), 0);
  expect([sum("event_counts", "count"), sum("lead_counts", "leads")]).toEqual([rows.events?.length, rows.leads?.length]);
  const owners = new Set(rows.leads?.map(({ lead_id }) => lead_id));
  expect(rows.aliases?.filter(({ lead_id }) => !owners.has(lead_id ?? ""))).toEqual([]);
});

it("a process that dies at any call of the switch leaves a unit that is whole and can be written to", { timeout: 300_000 }, async () => {
  const { client, unit, organization_id } = await mintUnitTenant();
  await deliverAll((await heldImport(client, contactsCsv(3))).message, HERE);
  const world = testWorld();
  const { move_id } = await beginMove(world, organization_id, 1);
  await runUntil(world, move_id, ({ step }) => step === "switch");
  world.clock.ms = Math.max(world.clock.ms, (await readMove(move_id)).due_at) + 40_000;

  const patch = (seat: number) => client.patch("/lead/by-alias/metadata", { alias_value: emailOf(1), attributes: { seat } });
  let last = 0;
  const outcomes = new Set<number>();
  for (let life = 2; ; life++) {
    const ends = runMove(mortal(world, Math.floor(life / 2), life % 2 === 0), move_id, () => false);
    const died = await ends.then(
      () => false,
      () => true,
    );
    const { status } = await patch(life);
    outcomes.add(status);
    expect([200, 503]).toContain(status);
    if (status === 200) last = life;
    world.clock.ms += LEASE_OVER_MS;
    if (!died) break;
  }
  // refused between the fence and the switch, accepted before and after them
  expect(outcomes).toEqual(new Set([200, 503]));
  const move = await runUntil(world, move_id, isSwitched);
  expect((await patch(1_000)).status).toBe(200);
  expect(last).toBeGreaterThan(0);
  expect(await (await client.get(`/lead/by-alias?value=${emailOf(1)}`)).json()).toMatchObject({ metadata: { seat: 1_000 } });
  expect((await dump(env.DB_1, unit)).leads).toHaveLength(3);
  await runUntil(world, move_id, isClosed);
  await expectNothingLeft(env.DB, move);
});
