/** Events under everything that goes wrong with queues, processes and databases: each counts once, and none is lost. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { deleteLead } from "../../src/core/erasure";
import { openSystem } from "../../src/open-context";
import {
  asEmail,
  deliverDead,
  deliverEvents,
  type EventMessage,
  firingsOf,
  getReceipt,
  heldEvents,
  ingest,
  insertTrigger,
  milestone,
  mintRule,
  mintRuleset,
  mintUnitTenant,
  orphans,
  outcomeOf,
  queueEvents,
  type Sent,
  scoreOf,
  settledReceipt,
  storedEvents,
} from "../support/events";
import { type D1Call, interceptedD1 } from "../support/imports";
import { type Client, mintLead, type Tenant } from "../support/tenant";
import { failingD1, logged } from "../support/worker";

const START = Date.parse("2026-03-01T00:00:00Z");
const MINUTE_MS = 60_000;
const LEADS = 4;
const EVENTS = 24;

let tenant: Tenant & { unit: number };
let client: Client;
let unit: number;
beforeEach(async () => {
  tenant = await mintUnitTenant();
  ({ client, unit } = tenant);
});

/** Rules and triggers of all kinds. */
async function mintRulebook(own: Client = client, ownUnit = unit): Promise<void> {
  const ruleset = await mintRuleset(own);
  await mintRule(own, { event_type: "Page View", weight: 10, half_life_days: 14 }, ruleset);
  await mintRule(own, { event_type: "Page View", weight: 3 }, ruleset);
  await mintRule(own, { event_type: "Bounce", weight: -15 }, ruleset);
  // the order of these ids decides nothing: each is looked at by itself
  await insertTrigger(ownUnit, "milestone", milestone(30));
  await insertTrigger(ownUnit, "milestone", milestone(20, { fire_mode: "always" }));
  await insertTrigger(ownUnit, "sequence", { event_types: ["Bounce", "Page View"], window_seconds: 300, window_unit: null, ordered: true });
  await insertTrigger(ownUnit, "surge", { event_type: null, threshold: 4, window_seconds: 3600 });
}

/** Events of a few leads over an hour and more, in their order, all of the past. */
const story: Sent[] = Array.from({ length: EVENTS }, (_, n) =>
  asEmail(`p${n % LEADS}@example.com`, n % 5 === 3 ? "Bounce" : "Page View", {
    event_id: `event-${String(n).padStart(2, "0")}`,
    timestamp: new Date(START + n * 7 * MINUTE_MS).toISOString(),
  }),
);

/** What the story comes to when nothing goes wrong: told one by one, in order. */
async function undisturbed() {
  const other = await mintUnitTenant();
  await mintRulebook(other.client, other.unit);
  for (const event of story) await ingest(other.client, event);
  const found = await outcomeOf(other.unit);
  expect(found.firings.length).toBeGreaterThan(6);
  return found;
}

describe("delivery", () => {
  it.each<[string, (messages: EventMessage[]) => EventMessage[][]]>([
    ["in one batch", (messages) => [messages]],
    ["one by one, in order", (messages) => messages.map((message) => [message])],
    ["one by one, the last first", (messages) => messages.toReversed().map((message) => [message])],
    ["in one batch, the last first", (messages) => [messages.toReversed()]],
    ["twice", (messages) => [messages, messages]],
    ["twice in one batch", (messages) => [[...messages, ...messages]]],
    ["each three times, apart", (messages) => [0, 1, 2].flatMap(() => messages.map((message) => [message]))],
    ["in three batches out of order", (messages) => [2, 0, 1].map((part) => messages.filter((_, n) => n % 3 === part))],
    ["as one message", (messages) => [[{ unit: messages[0]?.unit ?? 0, events: messages.flatMap(({ events }) => events) }]]],
  ])("%s: the same scores, explanations and firings", async (_, batches) => {
    await mintRulebook();
    for (const batch of batches(await queueEvents(client, ...story))) expect((await deliverEvents(batch)).retried).toEqual([]);
    expect(await outcomeOf(unit)).toEqual(await undisturbed());
    expect(await storedEvents(unit)).toMatchObject({ events: EVENTS, leads: LEADS, aliases: LEADS, refused_events: 0 });
  });

  it("a hundred messages in one batch and in a hundred are the same hundred events", async () => {
    const events = Array.from({ length: 100 }, (_, n) =>
      asEmail(`p${n % 7}@example.com`, "Page View", { event_id: `e${n}`, timestamp: new Date(START + n).toISOString() }),
    );
    const units = [];
    for (const together of [true, false]) {
      const own = await mintUnitTenant();
      await mintRulebook(own.client, own.unit);
      const messages = await queueEvents(own.client, ...events);
      if (together) await deliverEvents(messages);
      else for (const message of messages) await deliverEvents([message]);
      units.push(await outcomeOf(own.unit));
    }
    expect(units[0]).toEqual(units[1]);
  });

  it("messages of several units in one batch: each to its own", async () => {
    const other = await mintUnitTenant();
    const [ours, theirs] = [await queueEvents(client, ...story), await queueEvents(other.client, ...story)];
    const mixed = ours.flatMap((message, n) => [message, theirs[n] as EventMessage]);
    expect((await deliverEvents(mixed)).acked).toHaveLength(2 * EVENTS);
    for (const each of [unit, other.unit]) expect(await storedEvents(each)).toMatchObject({ events: EVENTS, leads: LEADS });
  });

  it("through the real queue, a hundred at once", async () => {
    await mintRulebook();
    const events = Array.from({ length: 100 }, (_, n) => asEmail(`p${n % 10}@example.com`, "Page View", { event_id: `e${n}` }));
    expect((await client.post("/ingest/batch", { events })).status).toBe(202);
    const single = await client.post("/ingest", asEmail("p1@example.com"));
    await settledReceipt(client, (await single.json<{ event_id: string }>()).event_id);
    await expect.poll(async () => (await storedEvents(unit)).events, { timeout: 20_000 }).toBe(101);
    expect(await storedEvents(unit)).toMatchObject({ leads: 10, contributions: 202 });
  });
});

describe("a message that takes more statements than D1 allows in one invocation", () => {
  const ALLOWED = 1000;

  /** Delivers a batch; what it queues anew, and how many statements it sent. */
  async function deliverCounted(messages: readonly EventMessage[], attempts = 1) {
    let statements = 0;
    const DB = interceptedD1((call, run) => {
      statements += call.statements.length;
      return run();
    });
    const { sent, EVENT_QUEUE } = heldEvents();
    return { ...(await deliverEvents(messages, { DB, EVENT_QUEUE }, attempts)), sent, statements };
  }

  it("a message that is processed event by event: the rest of its events is queued anew", async () => {
    const messages = await queueEvents(client, ...Array.from({ length: 120 }, (_, n) => asEmail(`p${n}@example.com`, "x")));
    const whole = { unit, events: messages.flatMap(({ events }) => events) };
    const { acked, sent, statements } = await deliverCounted([whole], 4);
    expect(statements).toBeLessThanOrEqual(ALLOWED);
    expect(acked).toEqual([0]);
    expect((await storedEvents(unit)).events + sent.flatMap(({ events }) => events).length).toBe(120);
    expect((await deliverCounted(sent)).acked).toEqual([0]);
    expect((await storedEvents(unit)).events).toBe(120);
  });

  it("what cannot be queued anew is retried", async () => {
    const messages = await queueEvents(client, ...Array.from({ length: 120 }, (_, n) => asEmail(`p${n}@example.com`, "x")));
    const whole = { unit, events: messages.flatMap(({ events }) => events) };
    const refuse = () => Promise.reject(new Error("Too Many Requests"));
    const EVENT_QUEUE = { send: refuse } as unknown as Queue;
    await logged(async () => expect((await deliverEvents([whole], { EVENT_QUEUE }, 4)).retried).toEqual([0]));
    await deliverEvents([whole]);
    expect((await storedEvents(unit)).events).toBe(120);
  });
});

describe("a consumer killed", () => {
  /** How many calls to D1 the story takes in two batches. */
  async function countCalls(batches: EventMessage[][]): Promise<number> {
    let calls = 0;
    const DB = interceptedD1((_, run) => {
      calls += 1;
      return run();
    });
    for (const batch of batches) await deliverEvents(batch, { DB });
    return calls;
  }

  async function everyCall(wrong: (run: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
    const expected = await undisturbed();
    const split = (messages: EventMessage[]) => [messages.slice(8), messages.slice(0, 8)];
    const counted = await mintUnitTenant();
    await mintRulebook(counted.client, counted.unit);
    const calls = await countCalls(split(await queueEvents(counted.client, ...story)));
    expect(calls).toBeGreaterThan(4);
    for (let k = 1; k <= calls; k++) {
      const own = await mintUnitTenant();
      await mintRulebook(own.client, own.unit);
      let call = 0;
      const DB = interceptedD1((_, run) => {
        call += 1;
        return call === k ? wrong(run) : run();
      });
      await logged(async () => {
        for (const batch of split(await queueEvents(own.client, ...story))) {
          const { retried } = await deliverEvents(batch, { DB });
          // what comes back comes alone, and later
          for (const place of retried) expect((await deliverEvents([batch[place]], { DB }, 2)).retried).toEqual([]);
        }
      });
      expect(await outcomeOf(own.unit)).toEqual(expected);
    }
  }

  it("before any of its calls to D1: every event counts once when its message comes again", () =>
    everyCall(async () => {
      throw new Error("killed");
    }));

  it("after a commit whose answer was lost: no event counts twice", () =>
    everyCall(async (run) => {
      await run();
      throw new Error("D1_ERROR: Network connection lost.");
    }));

  it("a database that is away loses nothing", async () => {
    const messages = await queueEvents(client, ...story);
    await logged(async () => {
      const { acked, retried } = await deliverEvents(messages, failingD1("D1_ERROR: Network connection lost."));
      expect([acked, retried.length]).toEqual([[], EVENTS]);
    });
    for (const message of messages) expect((await deliverEvents([message], {}, 2)).acked).toEqual([0]);
    expect(await storedEvents(unit)).toMatchObject({ events: EVENTS, leads: LEADS });
  });
});

/** A D1 that lets something happen after the first reads, before the commit, once. */
function meanwhile(act: () => Promise<unknown>): D1Database {
  let done = false;
  return interceptedD1(async (call: D1Call, run) => {
    if (!done && call.statements.some(({ text }) => text.startsWith("INSERT INTO events"))) {
      done = true;
      await act();
    }
    return run();
  });
}

describe("two consumers", () => {
  it("on one lead at once: both events count, each once", async () => {
    await mintRulebook();
    await ingest(client, story[0] as Sent);
    const messages = await queueEvents(client, ...story.slice(1));
    const halves = [messages.filter((_, n) => n % 2 === 0), messages.filter((_, n) => n % 2 === 1)];
    const settled = await Promise.all(halves.map((half) => deliverEvents(half)));
    expect(settled.flatMap(({ retried }) => retried)).toEqual([]);
    expect(await outcomeOf(unit)).toEqual(await undisturbed());
  });

  it("one commits between the other's reading and its commit: the other begins again", async () => {
    await mintRulebook();
    const [first, ...rest] = await queueEvents(client, ...story);
    const DB = meanwhile(() => deliverEvents(rest));
    expect((await deliverEvents([first], { DB })).acked).toEqual([0]);
    expect(await outcomeOf(unit)).toEqual(await undisturbed());
  });

  it("ten with the same messages at once", async () => {
    await mintRulebook();
    const messages = await queueEvents(client, ...story);
    await logged(async () => {
      const settled = await Promise.all(Array.from({ length: 10 }, () => deliverEvents(messages)));
      expect(settled.flatMap(({ retried }) => retried)).toEqual([]);
    });
    expect(await outcomeOf(unit)).toEqual(await undisturbed());
  });

  it("that meet a new alias at once make one lead", async () => {
    const [one, two] = await queueEvents(client, asEmail("new@example.com"), asEmail("new@example.com"));
    const DB = meanwhile(() => deliverEvents([two]));
    await deliverEvents([one], { DB });
    expect(await storedEvents(unit)).toMatchObject({ events: 2, leads: 1, aliases: 1 });
    const [three, four] = await queueEvents(client, asEmail("newer@example.com"), asEmail("newer@example.com"));
    await Promise.all([deliverEvents([three]), deliverEvents([four])]);
    expect(await storedEvents(unit)).toMatchObject({ events: 4, leads: 2, aliases: 2 });
  });

  it("that meet aliases of one lead from two ends make one lead, or two and a case, but lose no event", async () => {
    const both = (...values: string[]) => ({ aliases: values.map((raw_value) => ({ alias_kind: "cookie", raw_value })), event_type: "x" });
    const [one, two] = await queueEvents(client, both("a", "b"), both("b", "c"));
    await deliverEvents([one], { DB: meanwhile(() => deliverEvents([two])) });
    expect(await storedEvents(unit)).toMatchObject({ events: 2, leads: 1, aliases: 3 });
    expect(await orphans(unit)).toBe(0);
  });

  it("that are given one key, once beside an id and once as one, count it once", async () => {
    for (const ids of [
      ["mine", "key-1"],
      ["key-1", "mine"],
    ]) {
      const own = await mintUnitTenant();
      const messages = await queueEvents(own.client, ...ids.map((event_id) => asEmail(`${event_id}@example.com`, "x", { event_id })));
      for (const event of messages.flatMap(({ events }) => events)) if (event.event_id === "mine") event.idempotency_key = "key-1";
      await deliverEvents([messages[0]], { DB: meanwhile(() => deliverEvents([messages[1]])) });
      expect(await storedEvents(own.unit)).toMatchObject({ events: 1, refused_events: 1 });
      expect(await getReceipt(own.client, ids[0] ?? "")).toMatchObject({ status: "duplicate", duplicate_of: ids[1] });
    }
  });
});

describe("rules and triggers that change", () => {
  it("a rule edited between two events: what it scored stays, and the next event scores anew", async () => {
    const rule = await mintRule(client, { event_type: "Page View", weight: 10 });
    const [first] = await queueEvents(client, asEmail("a@example.com"));
    await deliverEvents([first]);
    const lead = (await getReceipt(client, first?.events[0]?.event_id ?? "")).lead_id ?? "";
    expect((await client.call("PUT", `/rules/${rule}`, { json: { weight: 100 } })).status).toBe(200);
    expect(await scoreOf(client, lead)).toBe(10);
    await ingest(client, asEmail("a@example.com"));
    expect(await scoreOf(client, lead)).toBe(110);
    // the same events again, and a late one: history is not rewritten
    await deliverEvents([first]);
    await ingest(client, asEmail("a@example.com", "Page View", { timestamp: "2025-01-01T00:00:00Z" }));
    expect(await scoreOf(client, lead)).toBe(210);
    expect((await client.call("DELETE", `/rules/${rule}`)).status).toBe(204);
    await ingest(client, asEmail("a@example.com"));
    expect(await scoreOf(client, lead)).toBe(210);
  });

  it("a milestone reached before it was created does not fire, and one crossed afterwards does", async () => {
    await mintRule(client, { event_type: "Page View", weight: 10 });
    const old = await queueEvents(client, asEmail("a@example.com"));
    const since = (old[0]?.events[0]?.received_at ?? 0) + 1;
    await insertTrigger(unit, "milestone", milestone(10), { active_since: since });
    await insertTrigger(unit, "milestone", milestone(20), { active_since: since });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await deliverEvents(old);
    const [id] = await ingest(client, asEmail("a@example.com"));
    expect(await firingsOf(unit)).toMatchObject([{ event_id: id, score: 20, n: 1 }]);
  });

  it("a late event that moves a firing is not notified again", async () => {
    await mintRule(client, { event_type: "Page View", weight: 10 });
    const trigger = await insertTrigger(unit, "milestone", milestone(10), { name: "Ten" });
    const [later = ""] = await ingest(client, asEmail("a@example.com", "Page View", { timestamp: "2026-03-02T00:00:00Z" }));
    const [earlier = ""] = await ingest(client, asEmail("a@example.com", "Page View", { timestamp: "2026-03-01T00:00:00Z" }));
    expect(await firingsOf(unit)).toMatchObject([{ trigger_id: trigger, n: 1, event_id: earlier, score: 10 }]);
    expect((await getReceipt(client, later)).triggers_fired).toEqual([{ kind: "milestone", id: trigger, name: "Ten" }]);
    expect((await getReceipt(client, earlier)).triggers_fired).toEqual([]);
  });
});

describe("a poisoned message", () => {
  const BROKEN = "the row cannot be written";
  /** A D1 on which no commit succeeds that holds this event. */
  const poisonedBy = (eventId: string) =>
    interceptedD1(async (call, run) => {
      if (call.statements.some(({ text, values }) => text.startsWith("INSERT INTO events") && JSON.stringify(values).includes(eventId)))
        throw new Error(BROKEN);
      return run();
    });

  it("comes again alone: its neighbours are processed, and it ends in the feed of rejected events", async () => {
    const messages = await queueEvents(client, ...story);
    const DB = poisonedBy("event-07");
    await logged(async () => {
      expect((await deliverEvents(messages, { DB })).retried).toHaveLength(EVENTS);
      const again = await deliverEvents(messages, { DB }, 2);
      expect(again.retried).toEqual([7]);
      for (let attempt = 3; attempt <= 21; attempt++) expect((await deliverEvents([messages[7]], { DB }, attempt)).retried).toEqual([0]);
    });
    expect(await storedEvents(unit)).toMatchObject({ events: EVENTS - 1, refused_events: 0 });
    await logged(async () => {
      for (const _ of ["once", "twice"]) expect((await deliverDead([messages[7]], { DB })).acked).toEqual([0]);
    });
    expect(await getReceipt(client, "event-07")).toMatchObject({ status: "rejected", error: expect.any(String) });
    expect(await (await client.get("/ingest/rejected")).json()).toMatchObject({
      total: 1,
      events: [{ event_id: "event-07", event_type: "Page View" }],
    });
    // nothing is lost: sent again when the trouble is over, it counts
    await ingest(client, story[7] as Sent);
    expect(await storedEvents(unit)).toMatchObject({ events: EVENTS, refused_events: 0 });
  });

  it("of many events: after a few attempts the good ones are processed one by one, and only the bad one is rejected", async () => {
    const messages = await queueEvents(client, ...story);
    const whole = { unit, events: messages.flatMap(({ events }) => events) };
    const DB = poisonedBy("event-07");
    await logged(async () => {
      for (const attempt of [1, 2, 3]) expect((await deliverEvents([whole], { DB }, attempt)).retried).toEqual([0]);
      expect((await storedEvents(unit)).events).toBe(0);
      expect((await deliverEvents([whole], { DB }, 4)).retried).toEqual([0]);
    });
    expect(await storedEvents(unit)).toMatchObject({ events: EVENTS - 1 });
    await logged(() => deliverDead([whole], { DB }));
    expect(await storedEvents(unit)).toMatchObject({ events: EVENTS - 1, refused_events: 1 });
    expect(await getReceipt(client, "event-07")).toMatchObject({ status: "rejected" });
    expect(await getReceipt(client, "event-08")).toMatchObject({ status: "processed" });
  });

  it.each([null, {}, "text", 5, { unit: 0 }, { unit: 1, events: "none" }, { events: [] }])(
    "that is no message at all is retried alone: %j",
    async (body) => {
      const messages = await queueEvents(client, ...story);
      await logged(async () => {
        const { acked, retried } = await deliverEvents([messages[0], body, ...messages.slice(1)]);
        expect([acked.length, retried]).toEqual([EVENTS, [1]]);
      });
      expect((await storedEvents(unit)).events).toBe(EVENTS);
    },
  );

  it.each([null, { events: [] }, { unit: 999_999_999, events: [] }])("that belongs to no unit goes to the operator: %j", async (body) => {
    const marked = body === null ? { lost: crypto.randomUUID() } : { ...body, lost: crypto.randomUUID() };
    expect((await deliverDead([marked])).acked).toEqual([0]);
    const { results } = await env.DB.prepare("SELECT queue FROM dead_letters WHERE body = ?1").bind(JSON.stringify(marked)).all();
    expect(results).toEqual([{ queue: "leadedge-events-dead-letters" }]);
  });

  it("of a unit that does not exist is retried alone", async () => {
    const messages = await queueEvents(client, ...story);
    await logged(async () => {
      const { acked, retried } = await deliverEvents([{ ...messages[0], unit: 999_999_999 }, ...messages]);
      expect([acked.length, retried]).toEqual([EVENTS, [0]]);
    });
  });
});

describe("a lead deleted between reading and commit", () => {
  const remove = async (leadId: string) => deleteLead(await openSystem(env, unit, "req_test"), leadId.slice(3));

  it("named by its id: the event is rejected, and nothing of it is left on a timeline", async () => {
    await mintRule(client, { event_type: "x", weight: 5 });
    const lead_id = await mintLead(client, { email: "a@example.com" });
    const messages = await queueEvents(client, { lead_id, event_type: "x" });
    const DB = meanwhile(() => env.DB.prepare("DELETE FROM leads WHERE unit = ?1 AND lead_id = ?2").bind(unit, lead_id.slice(3)).run());
    expect((await deliverEvents(messages, { DB })).acked).toEqual([0]);
    expect(await getReceipt(client, messages[0]?.events[0]?.event_id ?? "")).toMatchObject({ status: "rejected" });
    expect(await storedEvents(unit)).toMatchObject({ events: 0, contributions: 0, lead_scores: 0 });
  });

  it("found by an alias: the event makes a lead of its own", async () => {
    const lead_id = await mintLead(client, { email: "a@example.com" });
    const messages = await queueEvents(client, asEmail("a@example.com", "x"));
    expect((await deliverEvents(messages, { DB: meanwhile(() => remove(lead_id)) })).acked).toEqual([0]);
    const receipt = await getReceipt(client, messages[0]?.events[0]?.event_id ?? "");
    expect(receipt).toMatchObject({ status: "processed", lead_id: expect.not.stringContaining(lead_id) });
    expect(await storedEvents(unit)).toMatchObject({ events: 1, leads: 1 });
    expect(await orphans(unit)).toBe(0);
  });

  it("whose row went and whose alias stayed: no orphan, whatever becomes of the event", async () => {
    const lead_id = await mintLead(client, { email: "a@example.com" });
    const messages = await queueEvents(client, asEmail("a@example.com", "x"));
    const DB = meanwhile(() => env.DB.prepare("DELETE FROM leads WHERE unit = ?1 AND lead_id = ?2").bind(unit, lead_id.slice(3)).run());
    await logged(() => deliverEvents(messages, { DB }));
    expect(await orphans(unit)).toBe(0);
  });
});
