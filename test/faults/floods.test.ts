/** A unit that sends more than its lane takes at once: the surplus waits in R2, apart from the queue that all units share. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it, vi } from "vitest";
import { Pace, replaySpilled } from "../../src/core/events";
import type { UnitLane } from "../../src/durable-objects/unit-lane";
import { openSystem } from "../../src/open-context";
import type { UnitWork } from "../../src/queues/process-unit";
import { openReplay } from "../../src/queues/replay-unit";
import { openStatementBudget, STATEMENTS_MAX } from "../../src/statement-budget";
import { asEmail, deliverEvents, type EventMessage, getReceipt, mintUnitTenant, queueEvents, storedEvents } from "../support/events";
import { interceptedD1 } from "../support/imports";
import { spilledIds } from "../support/spill";
import type { Tenant } from "../support/tenant";
import { envWith, logged } from "../support/worker";

const EVENTS = 2_300;
const EVENTS_PER_MESSAGE = 100;

let tenant: Tenant & { unit: number };
let flood: EventMessage[];
beforeEach(async () => {
  tenant = await mintUnitTenant();
  const [message] = await queueEvents(tenant.client, asEmail("a@example.com"));
  const [event] = message?.events ?? [];
  if (!message || !event) throw new Error("no event was queued");
  flood = Array.from({ length: EVENTS / EVENTS_PER_MESSAGE }, (_, m) => ({
    ...message,
    events: Array.from({ length: EVENTS_PER_MESSAGE }, (_, n) => ({ ...event, event_id: `flood-${m}-${n}` })),
  }));
});

const lane = () => env.UNIT_LANES.getByName(String(tenant.unit));
/** The alarm as often as the lane sets it. */
async function drained(): Promise<void> {
  await vi.waitUntil(async () => {
    await runDurableObjectAlarm(lane());
    return (await spilledIds(tenant.unit)).length === 0;
  });
}
const BUSY = {
  UNIT_LANES: {
    getByName: () => ({ process: async () => ({ failure: null, busy: true }), drain: async () => {} }),
  } as unknown as Env["UNIT_LANES"],
};

it("all messages are settled at once, and every event is stored once, delivered twice too", async () => {
  await logged(async () => {
    expect((await deliverEvents(flood)).retried).toEqual([]);
    expect((await deliverEvents(flood)).retried).toEqual([]);
    await drained();
  });
  expect((await storedEvents(tenant.unit)).events).toBe(EVENTS);
});

it("what comes while a lane works off older events waits with them: queued by its receipt, and processed soon", async () => {
  const last = flood.at(-1)?.events.at(-1)?.event_id ?? "";
  await logged(async () => {
    expect((await deliverEvents(flood, BUSY)).retried).toEqual([]);
    expect(await spilledIds(tenant.unit)).toHaveLength(EVENTS);
    expect((await getReceipt(tenant.client, last)).status).toBe("queued");
    await lane().drain(tenant.unit);
    await drained();
  });
  expect((await getReceipt(tenant.client, last)).status).toBe("processed");
});

it("a lane that works events off takes no others, and takes them again afterwards", async () => {
  const work = { unit: tenant.unit, events: flood[0]?.events as unknown as UnitWork["events"], apart: false, request_id: "req_test" };
  const until = Date.now() + 60_000;
  await logged(() => deliverEvents(flood, BUSY));
  await runInDurableObject(lane(), async (object: UnitLane) => {
    await object.drain(tenant.unit);
    const alarm = object.alarm();
    expect(await object.process(work, until)).toEqual({ failure: null, busy: true });
    await alarm;
    await vi.waitUntil(async () => !(await object.process(work, until)).busy);
  });
});

it("where the database is slow, the lane's commits get small, with a rest before each, and every event is stored once", async () => {
  await logged(() => deliverEvents(flood.slice(0, 8), BUSY));
  const commits: number[] = [];
  const rests: number[] = [];
  let time = 0;
  const DB = interceptedD1(({ statements }, run) => {
    const insert = statements.find(({ text }) => text.startsWith("INSERT INTO events "));
    if (insert) commits.push((JSON.parse(String(insert.values[1])) as unknown[]).length);
    time += insert ? 120 : 0;
    return run();
  });
  const ctx = await openSystem(envWith({ DB }), tenant.unit, "req_test", "event");
  const clock = { sqlMs: () => time, sleep: async (ms: number) => void rests.push(ms) };
  const pace = new Pace();
  while (await replaySpilled(ctx, () => true, pace, clock)) {}
  expect(commits.slice(0, 3)).toEqual([500, 200, 100]);
  expect(rests.slice(0, 3)).toEqual([0, 60, 60]);
  expect((await storedEvents(tenant.unit)).events).toBe(800);
});

it("a replay whose statements are used up leaves the rest to another invocation", async () => {
  await logged(() => deliverEvents(flood, BUSY));
  const budget = openStatementBudget(STATEMENTS_MAX - 160);
  const replay = openReplay(env, tenant.unit, budget);
  const steps: string[] = [];
  await logged(async () => {
    for (let call = 0; call < 2; call++) steps.push(await replay());
  });
  expect(steps).toContainEqual("budget");
  expect(steps).not.toContainEqual("end");
  const ids = await spilledIds(tenant.unit);
  expect(ids.length).toBeGreaterThan(0);
  expect(ids.length + (await storedEvents(tenant.unit)).events).toBe(EVENTS);
});

it("events that R2 does not take stay in the queue", async () => {
  const failing = { ...env.FILES, put: () => Promise.reject(new Error("R2 is away")) } as unknown as R2Bucket;
  await logged(async () => {
    const { acked, retried } = await deliverEvents(flood, { FILES: failing });
    expect([acked.length, retried.length]).toEqual([10, flood.length - 10]);
  });
});
