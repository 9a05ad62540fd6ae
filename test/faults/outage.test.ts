/** A database that is away for hours: what was accepted with a 202 waits in R2, is processed once, and its receipt is true throughout. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  asEmail,
  deliverDead,
  deliverEvents,
  type EventMessage,
  getReceipt,
  heldEvents,
  ingest,
  mintRule,
  mintUnitTenant,
  queueEvents,
  rowsOf,
  scoreOf,
  storedEvents,
} from "../support/events";
import { cronTick, interceptedD1 } from "../support/imports";
import { spilledIds, spilledKeys } from "../support/spill";
import { type Client, mintClient, mintTenant, type Tenant } from "../support/tenant";
import { failingD1, logged, readProblem, request } from "../support/worker";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ATTEMPTS = 21;
const LOST = "D1_ERROR: Network connection lost.";

let tenant: Tenant & { unit: number };
let client: Client;
let unit: number;
beforeEach(async () => {
  tenant = await mintUnitTenant();
  ({ client, unit } = tenant);
});
afterEach(() => {
  vi.useRealTimers();
});

/** Moves the clock, and nothing else: timers run as ever. */
function advance(ms: number): void {
  const now = Date.now() + ms;
  vi.useFakeTimers({ toFake: ["Date"], now });
}

const idsOf = (messages: readonly EventMessage[]) => messages.flatMap(({ events }) => events.map(({ event_id }) => event_id));

/** Messages of `count` events of a hundred leads, in requests of 500 events; nobody has them yet. */
async function accepted(count: number): Promise<EventMessage[]> {
  const { sent, EVENT_QUEUE } = heldEvents();
  for (let from = 0; from < count; from += 500) {
    const events = Array.from({ length: Math.min(500, count - from) }, (_, n) => asEmail(`p${(from + n) % 100}@example.com`));
    const answer = await client.post("/ingest/batch", { events }, { bindings: { EVENT_QUEUE } });
    expect(answer.status).toBe(202);
  }
  return sent;
}

describe("a database that is away", () => {
  it("for 12 hours loses none of 10,000 events, and each counts once", async () => {
    await mintRule(client, { event_type: "Page View", weight: 1 });
    const messages = await accepted(10_000);
    const ids = idsOf(messages);
    expect(new Set(ids).size).toBe(10_000);
    const away = failingD1(LOST);
    await logged(async () => {
      // an hour of attempts, then the dead-letter queue; of a first attempt, most would wait in R2 at once
      for (let attempt = 2; attempt <= ATTEMPTS; attempt++) {
        expect((await deliverEvents(messages, away, attempt)).retried).toHaveLength(messages.length);
        advance(200_000);
      }
      const { acked } = await deliverDead(messages, away);
      expect(acked).toHaveLength(messages.length);
      for (let hour = 2; hour < 12; hour++) {
        advance(HOUR_MS);
        await cronTick("* * * * *", away);
      }
    });
    expect((await spilledIds(unit)).sort()).toEqual(ids.toSorted());
    expect((await storedEvents(unit)).events).toBe(0);
    expect(await getReceipt(client, ids[0] ?? "")).toMatchObject({ status: "queued" });
    for (let tick = 0; tick < 5; tick++) await cronTick("* * * * *");
    expect(await spilledKeys(unit)).toEqual([]);
    expect(await storedEvents(unit)).toMatchObject({ events: 10_000, leads: 100, refused_events: 0 });
    const receipt = await getReceipt(client, ids[0] ?? "");
    expect(receipt).toMatchObject({ status: "processed", lag_ms: expect.any(Number) });
    expect(receipt.lag_ms).toBeGreaterThan(11 * HOUR_MS);
    expect(await scoreOf(client, receipt.lead_id ?? "")).toBe(100);
  }, 120_000);

  it.each([LOST, "D1_ERROR: D1 is not reachable", "anything at all"])(
    "and says %j: its events are spilled, not rejected",
    async (message) => {
      const messages = await queueEvents(client, asEmail("a@example.com"), asEmail("b@example.com"));
      await logged(async () => expect((await deliverDead(messages, failingD1(message))).acked).toEqual([0, 1]));
      expect((await spilledIds(unit)).sort()).toEqual(idsOf(messages).toSorted());
      await cronTick("* * * * *");
      expect(await storedEvents(unit)).toMatchObject({ events: 2, refused_events: 0 });
    },
  );

  it("only for the lead tables: the same", async () => {
    const messages = await queueEvents(client, asEmail("a@example.com"), asEmail("b@example.com"), asEmail("c@example.com"));
    const DB = interceptedD1((call, run) =>
      call.statements.some(({ text }) => text.includes(" events ")) ? Promise.reject(new Error(LOST)) : run(),
    );
    await logged(() => deliverDead(messages, { DB }));
    expect((await spilledIds(unit)).sort()).toEqual(idsOf(messages).toSorted());
    // still away when the cron comes: nothing is removed, and nothing written anew
    const before = await spilledKeys(unit);
    await logged(() => cronTick("* * * * *", { DB }));
    expect(await spilledKeys(unit)).toEqual(before);
    await cronTick("* * * * *");
    expect(await storedEvents(unit)).toMatchObject({ events: 3 });
  });

  it("spills one tenant's events under keys of its own that nobody can guess", async () => {
    const other = await mintUnitTenant();
    const messages = [
      ...(await queueEvents(client, asEmail("a@example.com"))),
      ...(await queueEvents(other.client, asEmail("b@example.com"))),
    ];
    await logged(() => deliverDead(messages, failingD1(LOST)));
    for (const each of [unit, other.unit]) {
      expect(await spilledKeys(each)).toEqual([expect.stringMatching(new RegExp(`^spill/${each}/\\d{13}-\\d{13}-[0-9a-f]{32}\\.ndjson$`))]);
      expect(await spilledIds(each)).toHaveLength(1);
    }
    await cronTick("* * * * *");
    for (const each of [unit, other.unit]) expect((await storedEvents(each)).events).toBe(1);
  });

  it("and comes back before the last resort: the events are processed at once", async () => {
    const messages = await queueEvents(client, asEmail("a@example.com"));
    expect((await deliverDead(messages)).acked).toEqual([0]);
    expect(await storedEvents(unit)).toMatchObject({ events: 1, refused_events: 0 });
    expect(await spilledKeys(unit)).toEqual([]);
  });

  it("while R2 is away, too: the messages are retried, and after many attempts queued anew", async () => {
    const messages = await queueEvents(client, asEmail("a@example.com"));
    const FILES = { put: () => Promise.reject(new Error("R2 is away")) } as unknown as R2Bucket;
    const { sent, EVENT_QUEUE } = heldEvents();
    const bindings = { ...failingD1(LOST), FILES, EVENT_QUEUE };
    await logged(async () => {
      expect(await deliverEvents(messages, bindings, 1, "leadedge-events-dead-letters")).toEqual({ acked: [], retried: [0] });
      expect(await deliverEvents(messages, bindings, 50, "leadedge-events-dead-letters")).toEqual({ acked: [0], retried: [] });
    });
    expect(sent).toEqual(messages);
  });
});

describe("a replay of spilled events", () => {
  async function spill(...values: string[]): Promise<string[]> {
    const messages = await queueEvents(client, ...values.map((value) => asEmail(value)));
    await logged(() => deliverDead(messages, failingD1(LOST)));
    return idsOf(messages);
  }

  it("that dies after the commit counts nothing twice", async () => {
    await spill("a@example.com", "b@example.com");
    const FILES = new Proxy(env.FILES, {
      get: (bucket, name: keyof R2Bucket) =>
        name === "delete" ? () => Promise.reject(new Error("killed")) : (bucket[name] as () => void).bind(bucket),
    });
    await logged(() => cronTick("* * * * *", { FILES }));
    expect((await storedEvents(unit)).events).toBe(2);
    expect(await spilledKeys(unit)).toHaveLength(1);
    await cronTick("* * * * *");
    expect((await storedEvents(unit)).events).toBe(2);
    expect(await spilledKeys(unit)).toEqual([]);
  });

  it("of events that were spilled twice, or came again meanwhile, counts each once", async () => {
    const messages = await queueEvents(client, asEmail("a@example.com", "x", { event_id: "one" }), asEmail("b@example.com"));
    await logged(async () => {
      await deliverDead(messages, failingD1(LOST));
      await deliverDead(messages, failingD1(LOST));
    });
    await ingest(client, asEmail("a@example.com", "x", { event_id: "one" }));
    await cronTick("* * * * *");
    expect(await storedEvents(unit)).toMatchObject({ events: 2, refused_events: 0 });
  });

  it("two at once count each event once", async () => {
    await spill("a@example.com", "b@example.com", "c@example.com");
    await logged(() => Promise.all([cronTick("* * * * *"), cronTick("* * * * *")]));
    expect((await storedEvents(unit)).events).toBe(3);
    expect(await spilledKeys(unit)).toEqual([]);
  });

  /** A D1 on which no commit succeeds that holds this event. */
  const poisonedBy = (eventId: string, message: string) =>
    interceptedD1(async (call, run) => {
      if (call.statements.some(({ text, values }) => text.startsWith("INSERT INTO events") && JSON.stringify(values).includes(eventId)))
        throw new Error(message);
      return run();
    });

  it("an event that can never be processed is rejected, and its neighbours are stored", async () => {
    const [first, bad = "", last] = await spill("a@example.com", "bad@example.com", "c@example.com");
    await logged(() => cronTick("* * * * *", { DB: poisonedBy(bad, "the row cannot be written") }));
    expect(await storedEvents(unit)).toMatchObject({ events: 2, refused_events: 1 });
    expect(await getReceipt(client, bad)).toMatchObject({ status: "rejected" });
    for (const id of [first, last]) expect(await getReceipt(client, id ?? "")).toMatchObject({ status: "processed" });
  });

  it("an event on which the database gives up waits for a week, then it is rejected: it holds up nobody", async () => {
    const ids = await spill("a@example.com", "slow@example.com", "c@example.com", "d@example.com", "e@example.com");
    const slow = ids[1] ?? "";
    const DB = poisonedBy(slow, "D1_ERROR: D1 DB exceeded timeout");
    await logged(async () => {
      // which event is probed first is left to chance
      const storesTheOthers = async () => {
        await cronTick("* * * * *", { DB });
        expect((await storedEvents(unit)).events).toBe(4);
      };
      await vi.waitFor(storesTheOthers, { timeout: 20_000 });
      expect(await spilledIds(unit)).toEqual([slow]);
      advance(6 * DAY_MS);
      await cronTick("* * * * *", { DB });
      expect(await getReceipt(client, slow)).toMatchObject({ status: "queued" });
      advance(2 * DAY_MS);
      await cronTick("* * * * *", { DB });
    });
    expect(await getReceipt(client, slow)).toMatchObject({ status: "rejected" });
    expect(await spilledKeys(unit)).toEqual([]);
  });

  it("the receipt of a spilled event says queued, however long that takes, and to its own tenant alone", async () => {
    const messages = await queueEvents(client, asEmail("a@example.com"), asEmail("b@example.com", "x", { event_id: "mine" }));
    await logged(() => deliverDead(messages, failingD1(LOST)));
    const other = await mintTenant();
    advance(30 * DAY_MS);
    for (const id of idsOf(messages)) {
      expect(await getReceipt(client, id)).toMatchObject({ status: "queued" });
      await readProblem(await other.client.get(`/ingest/receipts/${id}`), 404);
    }
    await cronTick("* * * * *");
    for (const id of idsOf(messages)) expect(await getReceipt(client, id)).toMatchObject({ status: "processed" });
  });

  it("an org unit that was deleted takes its spilled events with it", async () => {
    await env.FILES.put(`spill/999999999/1-2-${"0".repeat(32)}.ndjson`, "{}\n");
    await logged(() => cronTick("* * * * *"));
    expect(await spilledKeys(999_999_999)).toEqual([]);
  });
});

describe("rejected events", () => {
  const UNKNOWN = `ld_${"0".repeat(32)}`;

  /** Replays through the API; delivers what was queued. */
  async function replay(path: string, json?: unknown, by = client): Promise<{ status: number; body: Record<string, unknown> }> {
    const { sent, EVENT_QUEUE } = heldEvents();
    const answer = await by.post(path, json, { bindings: { EVENT_QUEUE } });
    await deliverEvents(sent);
    return { status: answer.status, body: await answer.json() };
  }

  /** Rejects an event for a lead that does not exist yet. */
  async function rejected(event_id: string, lead_id = UNKNOWN): Promise<void> {
    await ingest(client, { lead_id, event_type: "x", event_id });
    expect(await getReceipt(client, event_id)).toMatchObject({ status: "rejected" });
  }

  it("replayed while the reason holds stay in the feed; afterwards they are stored and leave it", async () => {
    await rejected("one");
    expect(await replay("/ingest/rejected/one/replay")).toEqual({ status: 202, body: { queued: 1, not_found: [], next_before: null } });
    expect(await getReceipt(client, "one")).toMatchObject({ status: "rejected" });
    await env.DB.prepare(
      "UPDATE refused_events SET event = json_set(event, '$.lead_id', NULL, '$.aliases', json('[[\"email\",\"a@example.com\",null]]')) WHERE unit = ?1",
    )
      .bind(unit)
      .run();
    await replay("/ingest/rejected/one/replay");
    expect(await getReceipt(client, "one")).toMatchObject({ status: "processed" });
    expect(await (await client.get("/ingest/rejected")).json()).toMatchObject({ total: 0, events: [] });
    await readProblem(await client.post("/ingest/rejected/one/replay"), 404);
    expect((await storedEvents(unit)).events).toBe(1);
  });

  it("are replayed by their ids, and the unknown ones are named", async () => {
    for (const id of ["one", "two", "three"]) await rejected(id);
    const { status, body } = await replay("/ingest/rejected/replay", { event_ids: ["one", "nine", "three", "one"] });
    expect([status, body]).toEqual([202, { queued: 2, not_found: ["nine"], next_before: null }]);
  });

  it("are replayed by time, with a place to go on from", async () => {
    for (const id of ["one", "two", "three"]) await rejected(id);
    const times = (await rowsOf<{ refused_at: number }>(unit, "refused_events", "refused_at")).map(({ refused_at }) => refused_at);
    const until = (ms: number) => ({ before: new Date(ms).toISOString() });
    expect((await replay("/ingest/rejected/replay", until((times[2] ?? 0) + 1))).body).toMatchObject({ queued: 3, next_before: null });
    expect((await replay("/ingest/rejected/replay", until(times[0] ?? 0))).body).toMatchObject({ queued: 0 });
  });

  it("a thousand are replayed in one call, those of another tenant are not", async () => {
    const other = await mintUnitTenant();
    const [theirs = ""] = await ingest(other.client, { lead_id: UNKNOWN, event_type: "x" });
    const { sent, EVENT_QUEUE } = heldEvents();
    for (let part = 0; part < 2; part++) {
      const events = Array.from({ length: 500 }, () => ({ lead_id: UNKNOWN, event_type: "x" }));
      await client.post("/ingest/batch", { events }, { bindings: { EVENT_QUEUE } });
    }
    await deliverEvents(sent);
    expect((await storedEvents(unit)).refused_events).toBe(1000);
    const { body } = await replay("/ingest/rejected/replay", { before: new Date(Date.now() + 1000).toISOString() });
    expect(body).toEqual({ queued: 1000, not_found: [], next_before: null });
    expect((await replay("/ingest/rejected/replay", { event_ids: [theirs] })).body).toEqual({
      queued: 0,
      not_found: [theirs],
      next_before: null,
    });
    expect((await replay("/ingest/rejected/replay", { before: "2026-01-01T00:00:00Z" })).body).toMatchObject({ queued: 0 });
  });

  it("an event whose key was used meanwhile becomes a duplicate", async () => {
    const { sent, EVENT_QUEUE } = heldEvents();
    const headers = { "Idempotency-Key": "key-1" };
    await client.post("/ingest", { lead_id: UNKNOWN, event_type: "x", event_id: "one" }, { headers, bindings: { EVENT_QUEUE } });
    await deliverEvents(sent);
    await ingest(client, asEmail("a@example.com", "x", { event_id: "key-1" }));
    await replay("/ingest/rejected/one/replay");
    expect(await getReceipt(client, "one")).toMatchObject({ status: "duplicate", duplicate_of: "key-1" });
    expect(await (await client.get("/ingest/rejected")).json()).toMatchObject({ total: 0 });
  });

  it.each<[unknown, string]>([
    [{}, "event_ids"],
    [{ event_ids: [], before: "2026-01-01T00:00:00Z" }, "event_ids"],
    [{ event_ids: [] }, "event_ids"],
    [{ event_ids: [5] }, "event_ids.0"],
    [{ before: "yesterday" }, "before"],
    [{ before: 5 }, "before"],
  ])("a selection of another shape is a 400 that names the field: %j", async (json, path) => {
    const { errors } = await readProblem(await client.post("/ingest/rejected/replay", json), 400);
    expect(errors?.map((error) => error.path)).toContain(path);
  });

  it("are replayed by editors, not by viewers", async () => {
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    for (const path of ["/ingest/rejected/replay", "/ingest/rejected/one/replay"])
      await readProblem(await viewer.post(path, { event_ids: ["one"] }), 403);
  });

  it("that the queue does not take are a 503, and stay", async () => {
    await rejected("one");
    const EVENT_QUEUE = { send: () => Promise.reject(new Error("Too Many Requests")) } as unknown as Queue;
    await logged(async () => readProblem(await client.post("/ingest/rejected/one/replay", undefined, { bindings: { EVENT_QUEUE } }), 503));
    expect(await getReceipt(client, "one")).toMatchObject({ status: "rejected" });
  });
});

describe("a queue in which too many events wait", () => {
  /** A queue that says how much waits, and keeps what is sent. */
  function backlogged(backlogCount: number, backlogBytes = 0) {
    const { sent, EVENT_QUEUE } = heldEvents();
    const metrics = async () => ({ backlogCount, backlogBytes, oldestMessageTimestamp: new Date(0) });
    return { sent, bindings: { EVENT_QUEUE: { send: EVENT_QUEUE.send, metrics } as unknown as Queue } };
  }
  const event = asEmail("a@example.com");

  it.each([
    [1_000_001, 0],
    [1, 20_000_000_001],
  ])("%d messages of %d bytes: 503 with Retry-After, and nothing more is queued", async (messages, bytes) => {
    const { sent, bindings } = backlogged(messages, bytes);
    for (const [path, json] of [
      ["/ingest", event],
      ["/ingest/batch", { events: [event] }],
      ["/ingest/rejected/replay", { before: "2026-01-01T00:00:00Z" }],
    ] as const) {
      const answer = await client.post(path, json, { bindings });
      expect(answer.headers.get("Retry-After")).toBe("60");
      await readProblem(answer, 503);
    }
    expect(sent).toEqual([]);
    const ready = await client.get("/health/ready", { bindings: { ...bindings, DB: new Proxy(env.DB, {}) } });
    expect((await ready.json<{ checks: { backlog: { ok: boolean } } }>()).checks.backlog.ok).toBe(false);
  });

  it("the limit itself is accepted, and so is an event when the queue does not say", async () => {
    const { sent, bindings } = backlogged(1_000_000);
    expect((await client.post("/ingest", event, { bindings })).status).toBe(202);
    const broken = { send: bindings.EVENT_QUEUE.send, metrics: () => Promise.reject(new Error("away")) } as unknown as Queue;
    expect((await client.post("/ingest", event, { bindings: { EVENT_QUEUE: broken } })).status).toBe(202);
    expect(sent).toHaveLength(2);
  });

  it("is read every few seconds, not for every event", async () => {
    let reads = 0;
    const { EVENT_QUEUE } = heldEvents();
    const metrics = async () => {
      reads += 1;
      return { backlogCount: 0, backlogBytes: 0 };
    };
    const bindings = { EVENT_QUEUE: { send: EVENT_QUEUE.send, metrics } as unknown as Queue };
    for (let n = 0; n < 20; n++) await client.post("/ingest", event, { bindings });
    expect(reads).toBeLessThan(3);
  });
});

describe("a database failure is 503 with Retry-After", () => {
  it.each([LOST, "D1_ERROR: D1 is not reachable", "D1_ERROR: database is locked: SQLITE_BUSY"])("%s", async (message) => {
    const bindings = failingD1(message);
    const form = { method: "POST", body: new URLSearchParams({ grant_type: "client_credentials", client_id: "x", client_secret: "y" }) };
    await logged(async () => {
      for (const answer of [
        await client.get("/events", { bindings }),
        await client.get("/lead/by-alias?kind=email&value=a@example.com", { bindings }),
        await request("/oauth/token", form, bindings),
        await request(
          "/partner",
          { method: "POST", headers: { "X-Api-Key": crypto.randomUUID() }, body: '{"action":"get_leads"}' },
          bindings,
        ),
        await request("/api/v1/leads", { headers: { Authorization: `Bearer ${"sk-workspace_".padEnd(64, "x")}` } }, bindings),
        await request(
          "/admin/organizations",
          {
            method: "POST",
            headers: { Authorization: "Bearer test-admin-token", "Content-Type": "application/json" },
            body: '{"name":"x"}',
          },
          bindings,
        ),
      ]) {
        expect([answer.status, answer.headers.get("Retry-After"), answer.url], await answer.text()).toEqual([503, "1", answer.url]);
      }
    });
  });
});
