/** Each org unit's events are processed in a lane of their own: one unit's failure or slowness is nobody else's. */
import { createExecutionContext, createMessageBatch, getQueueResult, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type QueuedEvent, spillEvents } from "../../src/core/events";
import { replaySpilledEvents } from "../../src/cron/replay-spilled-events";
import type { UnitLane } from "../../src/durable-objects/unit-lane";
import { consumeDeadEvents } from "../../src/queues/dead-events";
import { consumeEvents } from "../../src/queues/events";
import type { DeadWork } from "../../src/queues/left-over";
import { processUnit, type UnitOutcome, type UnitWork } from "../../src/queues/process-unit";
import { settleUnit } from "../../src/queues/settle-unit";
import { asEmail, deliverEvents, type EventMessage, mintUnitTenant, queueEvents, storedEvents } from "../support/events";
import { held, releaseHeld } from "../support/held";
import { CONTACTS_MAPPING, contactsCsv, ended, interceptedD1, startImport } from "../support/imports";
import { spilledIds } from "../support/spill";
import { mintUnit, type Tenant } from "../support/tenant";
import { envWith, logged } from "../support/worker";

releaseHeld();

type OwnTenant = Tenant & { unit: number };
let tenants: OwnTenant[];
let messages: EventMessage[];
let troubled: number;
beforeEach(async () => {
  tenants = await Promise.all([0, 1, 2].map(() => mintUnitTenant()));
  messages = (
    await Promise.all(tenants.map(({ client }) => queueEvents(client, asEmail("a@example.com"), asEmail("b@example.com"))))
  ).flat();
  troubled = tenants[1]?.unit ?? 0;
});

type Lane = (work: UnitWork, until: number) => Promise<UnitOutcome>;

/** Lanes of which the troubled unit's is replaced. */
const lanesWith = (broken: Lane) => {
  const healthy: Lane = (work) => processUnit(env, work);
  const getByName = (name: string) => ({ process: Number(name) === troubled ? broken : healthy });
  return { UNIT_LANES: { getByName } as unknown as Env["UNIT_LANES"] };
};

/** Delivers all messages in one batch that waits so long for its units; returns the units that it acknowledged and that it retries. */
async function deliver(bindings: Partial<Env>, waitMs?: number, attempts = 1) {
  const batch = createMessageBatch(
    "leadedge-events",
    messages.map((body, index) => ({ id: `${index}`, timestamp: new Date(), attempts, body })),
  );
  await consumeEvents(batch, { ...env, ...bindings }, waitMs);
  const result = await getQueueResult(batch, createExecutionContext());
  const unitsOf = (ids: string[]) => [...new Set(ids.map((id) => messages[Number(id)]?.unit))].sort();
  return { acked: unitsOf(result.explicitAcks), retried: unitsOf(result.retryMessages.map(({ msgId }) => msgId)) };
}

const others = () => tenants.map(({ unit }) => unit).filter((unit) => unit !== troubled);
const stored = async () =>
  Object.fromEntries(await Promise.all(tenants.map(async ({ unit }) => [unit, (await storedEvents(unit)).events])));

describe("a unit in trouble is retried alone", () => {
  it.each<[string, Lane, number | undefined]>([
    ["its lane reports a failure", async () => ({ failure: "AppError: The database is busy" }), undefined],
    ["its lane dies", () => Promise.reject(new Error("Durable Object exceeded its CPU time limit and was reset.")), undefined],
    ["its lane never ends", () => held(), 500],
  ])("%s", async (_, broken, waitMs) => {
    await logged(async () => {
      expect(await deliver(lanesWith(broken), waitMs)).toEqual({ acked: others().sort(), retried: [troubled] });
    });
    expect(await stored()).toEqual({ ...Object.fromEntries(others().map((unit) => [unit, 2])), [troubled]: 0 });
    await deliver({});
    expect(await stored()).toEqual(Object.fromEntries(tenants.map(({ unit }) => [unit, 2])));
  });

  it("a lane that ends after it was given up on: its events count once", async () => {
    let late: Promise<UnitOutcome> | undefined;
    let open: () => void = () => {};
    const gate = new Promise<void>((done) => {
      open = done;
    });
    const slow: Lane = (work) => {
      late = gate.then(() => processUnit(env, work));
      return late;
    };
    await logged(async () => {
      expect((await deliver(lanesWith(slow), 500)).retried).toEqual([troubled]);
    });
    open();
    expect(await late).toEqual({ failure: null });
    expect((await deliver({}, undefined, 2)).retried).toEqual([]);
    expect((await stored())[troubled]).toBe(2);
  });

  it("what a slow unit had not begun is set aside and loses no attempt", async () => {
    const client = tenants[1]?.client as Tenant["client"];
    const many = await queueEvents(client, ...Array.from({ length: 501 }, (_, n) => asEmail(`p${n}@example.com`)));
    const [one, two] = [many.slice(0, 500), many.slice(500)].map((part) => ({
      unit: troubled,
      events: part.flatMap(({ events }) => events),
    }));
    messages = [...messages.filter(({ unit }) => unit !== troubled), one as EventMessage, two as EventMessage];
    await logged(async () => {
      const { acked, retried } = await deliver(
        lanesWith(() => held()),
        500,
      );
      expect([acked, retried]).toEqual([tenants.map(({ unit }) => unit).sort(), [troubled]]);
    });
    expect(await spilledIds(troubled)).toEqual(two?.events.map(({ event_id }) => event_id));
  });

  it("a malformed message and one of an unknown unit", async () => {
    await logged(async () => {
      const result = await deliverEvents([null, { unit: 987_654_321, events: [] }, ...messages]);
      expect(result.retried).toEqual([0, 1]);
    });
    expect(await stored()).toEqual(Object.fromEntries(tenants.map(({ unit }) => [unit, 2])));
  });
});

describe("a lane", () => {
  const work = (): UnitWork => ({
    unit: troubled,
    events: messages.filter(({ unit }) => unit === troubled).flatMap(({ events }) => events) as unknown as UnitWork["events"],
    apart: false,
    request_id: "req_test",
  });
  const lane = () => env.UNIT_LANES.getByName(String(troubled));

  it("takes one call after the other, and refuses more than it can hold", async () => {
    const until = Date.now() + 60_000;
    const outcomes = await runInDurableObject(lane(), (object: UnitLane) =>
      Promise.all(Array.from({ length: 13 }, () => object.process(work(), until))),
    );
    expect(outcomes.filter(({ failure }) => failure === null)).toHaveLength(10);
    expect(outcomes.filter(({ failure }) => failure === "The lane is full")).toHaveLength(3);
    expect((await stored())[troubled]).toBe(2);
    expect((await lane().process(work(), until)).failure).toBe(null);
  });

  it("does not begin what its caller no longer waits for", async () => {
    expect((await lane().process(work(), Date.now() - 1)).failure).toBe("The lane was busy until its caller gave up");
    expect((await stored())[troubled]).toBe(0);
  });
});

it("100 messages of 100 units in one batch: each lane stays far below D1's 1,000 statements, and each event counts once", async () => {
  const [tenant] = tenants as [OwnTenant];
  const [message] = messages as [EventMessage];
  await Promise.all(Array.from({ length: 100 }, (_, n) => mintUnit(tenant, `Unit ${n}`)));
  const { results } = await env.DB.prepare("SELECT unit FROM org_units WHERE organization_id = ?1 AND NOT is_default")
    .bind(tenant.organization_id)
    .all<{ unit: number }>();
  const many = results.map(({ unit }) => ({ ...message, unit }));
  expect(many).toHaveLength(100);
  let statements = 0;
  let most = 0;
  const DB = interceptedD1((call, run) => {
    statements += call.statements.length;
    return run();
  });
  // one after the other, to tell the lanes' statements apart
  let last: Promise<unknown> = Promise.resolve();
  const process: Lane = (work) => {
    const turn = last.then(async () => {
      const before = statements;
      const outcome = await processUnit(envWith({ DB }), work);
      most = Math.max(most, statements - before);
      return outcome;
    });
    last = turn;
    return turn;
  };
  const counted = { UNIT_LANES: { getByName: () => ({ process }) } as unknown as Env["UNIT_LANES"] };
  expect((await deliverEvents(many.slice(0, 10), counted)).acked).toHaveLength(10);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(100);
  expect((await deliverEvents(many)).acked).toHaveLength(100);
  const counts = await env.DB.prepare("SELECT count(DISTINCT unit) AS units, count(*) AS events FROM events WHERE event_id = ?1")
    .bind(message.events[0]?.event_id)
    .first();
  expect(counts).toEqual({ units: 100, events: 100 });
});

describe("what no attempt could settle, and what was spilled", () => {
  it("of a unit whose lane never ends is spilled in time, while the lanes of others store theirs", async () => {
    const healthy = (work: DeadWork) => settleUnit(env, work);
    const getByName = (name: string) => ({ settle: Number(name) === troubled ? () => held<never>() : healthy });
    const batch = createMessageBatch(
      "leadedge-events-dead-letters",
      messages.map((body, index) => ({ id: `${index}`, timestamp: new Date(), attempts: 1, body })),
    );
    await logged(() => consumeDeadEvents(batch, { ...env, UNIT_LANES: { getByName } as unknown as Env["UNIT_LANES"] }, 500));
    expect((await getQueueResult(batch, createExecutionContext())).retryMessages).toEqual([]);
    expect(await stored()).toEqual({ ...Object.fromEntries(others().map((unit) => [unit, 2])), [troubled]: 0 });
    expect(await spilledIds(troubled)).toHaveLength(2);
  });

  it("is replayed by the unit's own lane, whatever becomes of another's", async () => {
    for (const { unit, events } of messages) await spillEvents(env.FILES, unit, events as unknown as QueuedEvent[]);
    const lanes = {
      getByName: (name: string) =>
        Number(name) === troubled
          ? { replay: () => Promise.reject(new Error("Durable Object exceeded its CPU time limit and was reset.")) }
          : env.UNIT_LANES.getByName(name),
    };
    await logged(() => replaySpilledEvents({ ...env, UNIT_LANES: lanes as unknown as Env["UNIT_LANES"] }));
    expect(await stored()).toEqual({ ...Object.fromEntries(others().map((unit) => [unit, 2])), [troubled]: 0 });
    await replaySpilledEvents(env);
    expect(await stored()).toEqual(Object.fromEntries(tenants.map(({ unit }) => [unit, 2])));
    expect(await spilledIds(troubled)).toEqual([]);
  });
});

it("five imports of one unit at once all end, two at a time", async () => {
  const [{ client }] = tenants as [OwnTenant];
  const started = await Promise.all(
    Array.from({ length: 5 }, (_, n) => startImport(client, contactsCsv(20, { from: n * 20 }), CONTACTS_MAPPING)),
  );
  for (const job of started) expect((await ended(client, job)).status).toBe("completed");
});
