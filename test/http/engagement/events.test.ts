/** The timeline of a lead and of the org unit, event types, and events in numbers. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { asEmail, getReceipt, ingest, mintUnitTenant, type Sent, storedEvents } from "../../support/events";
import { type Client, mintLead, mintTenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

const DAY_MS = 86_400_000;
afterEach(() => void vi.useRealTimers());

type Page = {
  events: { id: string; lead_id: string; event_type: string; created_at: string }[];
  total: number;
  page: number;
  limit: number;
};
const get = async <Answer = Page>(client: Client, path: string): Promise<Answer> => {
  const answer = await client.get(path);
  expect(answer.status, `${path}: ${await answer.clone().text()}`).toBe(200);
  return answer.json<Answer>();
};
const ids = async (client: Client, path: string) => (await get(client, path)).events.map(({ id }) => id);
const event = (event_id: string, timestamp: string, event_type = "Page View", more: Sent = {}) =>
  asEmail("a@example.com", event_type, { event_id, timestamp, ...more });
const iso = (ms: number) => new Date(ms).toISOString();

describe("timelines", () => {
  it("an event has the shape of the contract", async () => {
    const { client } = await mintTenant();
    await ingest(client, event("e1", "2026-03-01T10:00:00+01:00", "page_view", { metadata: { path: "/pricing" } }));
    const { lead_id } = await getReceipt(client, "e1");
    const page = {
      events: [
        {
          id: "e1",
          lead_id,
          event_type: "page_view",
          metadata: { path: "/pricing" },
          suppression_reason: null,
          original_lead_id: null,
          created_at: "2026-03-01T09:00:00.000Z",
        },
      ],
      total: 1,
      page: 1,
      limit: 25,
    };
    for (const path of ["/events", `/events/${lead_id}`, `/events?lead_id=${lead_id}`]) expect(await get(client, path)).toEqual(page);
  });

  it("newest first by the events' own time, whenever they came; of one moment in the order of their ids", async () => {
    const { client } = await mintTenant();
    await ingest(client, event("middle", "2026-03-02T00:00:00Z"));
    await ingest(
      client,
      event("newest", "2026-03-03T00:00:00Z"),
      event("same-b", "2026-03-02T12:00:00Z"),
      event("same-a", "2026-03-02T12:00:00Z"),
    );
    await ingest(client, event("oldest", "2020-01-01T00:00:00Z"));
    const { lead_id } = await getReceipt(client, "oldest");
    const order = ["newest", "same-b", "same-a", "middle", "oldest"];
    for (const path of ["/events", `/events/${lead_id}`]) {
      expect(await ids(client, path)).toEqual(order);
      expect(await ids(client, `${path}?limit=2&page=1`)).toEqual(order.slice(0, 2));
      expect(await ids(client, `${path}?limit=2&page=3`)).toEqual(order.slice(4));
      expect(await get(client, `${path}?limit=2&page=4`)).toEqual({ events: [], total: 5, page: 4, limit: 2 });
    }
  });

  it("pages leave nothing out and show nothing twice", async () => {
    const { client } = await mintTenant();
    await ingest(
      client,
      ...Array.from({ length: 30 }, (_, n) =>
        asEmail(`p${n % 3}@example.com`, "x", { event_id: `e${n}`, timestamp: iso(Date.UTC(2026, 2, 1, n % 5)) }),
      ),
    );
    const found = [];
    for (let page = 1; page <= 5; page++) found.push(...(await ids(client, `/events?limit=7&page=${page}`)));
    expect(found).toEqual(await ids(client, "/events?limit=100"));
    expect(new Set(found).size).toBe(30);
    expect(await get(client, "/events?limit=7")).toMatchObject({ total: 30, limit: 7 });
    expect((await get(client, "/events")).events).toHaveLength(25);
  });

  it("only of a type, in any spelling; only of a range; with totals that agree", async () => {
    const { client } = await mintTenant();
    const noon = Date.UTC(2026, 6, 15, 12);
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(noon);
    const at = (days: number, hours = 0) => iso(noon - days * DAY_MS - hours * 3_600_000);
    await ingest(
      client,
      event("today", at(0, 12), "page_view"),
      event("yesterday", at(0, 12.001)),
      event("day-6", at(6, 12), "Demo Request"),
      event("day-7", at(7)),
      event("day-29", at(29), "PAGE VIEW"),
      event("day-30", at(30), "Demo Request"),
      event("day-89", at(89)),
      event("day-90", at(90)),
      event("ahead", at(-0.9), "page view"),
    );
    const { lead_id } = await getReceipt(client, "today");
    const expected: Record<string, string[]> = {
      "range=today": ["today"],
      "range=yesterday": ["yesterday"],
      "range=last_7d": ["today", "yesterday", "day-6"],
      "range=last_30d": ["today", "yesterday", "day-6", "day-7", "day-29"],
      "range=last_90d": ["today", "yesterday", "day-6", "day-7", "day-29", "day-30", "day-89"],
      "event_type=demo_request": ["day-6", "day-30"],
      "event_type=Page%20View&range=last_7d": ["today", "yesterday"],
      "event_type=nothing": [],
      "event_type=": [],
    };
    for (const [query, found] of Object.entries(expected)) {
      for (const path of [`/events?${query}`, `/events/${lead_id}?${query}`, `/events?lead_id=${lead_id}&${query}`]) {
        expect(await ids(client, path), path).toEqual(found);
        expect((await get(client, path)).total, path).toBe(found.length);
      }
    }
    expect(await ids(client, "/events")).toEqual(["ahead", ...(expected["range=last_90d"] ?? []), "day-90"]);
  });

  it("of one lead, of the unit, of nobody else's", async () => {
    const { client } = await mintTenant();
    const { client: rival } = await mintTenant();
    await ingest(client, event("mine", "2026-03-01T00:00:00Z"), asEmail("b@example.com", "x", { event_id: "other" }));
    await ingest(rival, event("mine", "2026-03-01T00:00:00Z"), event("theirs", "2026-03-01T00:00:00Z"));
    const { lead_id } = await getReceipt(client, "mine");
    expect(await ids(client, `/events/${lead_id}`)).toEqual(["mine"]);
    expect((await ids(client, "/events")).sort()).toEqual(["mine", "other"]);
    for (const path of [`/events/${lead_id}`, `/events?lead_id=${lead_id}`, "/events/ld_abc123", "/events?lead_id=", "/events/%00"])
      await readProblem(await rival.get(path), 404);
    const silent = await mintLead(client, { email: "c@example.com" });
    expect(await get(client, `/events/${silent}`)).toEqual({ events: [], total: 0, page: 1, limit: 25 });
  });

  it.each(["limit=0", "limit=101", "limit=x", "page=0", "page=1.5", "page=1000001", "range=last_year", "range="])(
    "%s is refused",
    async (query) => {
      const { client } = await mintTenant();
      for (const path of ["/events", "/events/ld_abc123"]) await readProblem(await client.get(`${path}?${query}`), 400);
    },
  );

  it("a silent update leaves no trace, and neither does an import of leads", async () => {
    const { client, unit } = await mintUnitTenant();
    const lead = await mintLead(client, { email: "a@example.com" }, { company: "Acme" });
    const answer = await client.patch("/lead/by-alias/metadata", { alias_value: "a@example.com", attributes: { company: "Beta" } });
    expect(answer.status).toBe(200);
    expect(await get(client, `/events/${lead}`)).toMatchObject({ events: [], total: 0 });
    expect(await get(client, "/events")).toMatchObject({ events: [], total: 0 });
    expect(await storedEvents(unit)).toMatchObject({ events: 0, lead_scores: 0, firings: 0 });
  });

  it("each list is one round trip, and reads no more than it shows", async () => {
    const { client } = await mintTenant();
    await ingest(client, ...Array.from({ length: 100 }, (_, n) => asEmail(`p${n % 5}@example.com`, "x", { event_id: `e${n}` })));
    const { lead_id } = await getReceipt(client, "e0");
    for (const [path, rows] of [
      ["/events?limit=10", 60],
      [`/events/${lead_id}?limit=10`, 60],
      ["/event-types", 10],
      ["/event-stats", 250],
      ["/events-analytics", 150],
    ] as const) {
      const { DB, count } = countingD1();
      expect((await client.get(path, { bindings: { DB } })).status).toBe(200);
      expect(count.trips, path).toBe(1);
      expect(count.rowsRead, path).toBeLessThan(rows);
    }
  });
});

describe("event types", () => {
  it("register themselves under the spelling that came first, each once", async () => {
    const { client } = await mintTenant();
    expect(await get(client, "/event-types")).toEqual([]);
    await ingest(client, asEmail("a@example.com", "Page View"));
    await ingest(
      client,
      asEmail("a@example.com", "page_view"),
      asEmail("a@example.com", "PAGE  VIEW"),
      asEmail("b@example.com", "Demo Request"),
    );
    expect(await get(client, "/event-types")).toEqual(["Demo Request", "Page View"]);
    const { client: other } = await mintTenant();
    vi.useFakeTimers({ toFake: ["Date"] });
    await ingest(other, asEmail("a@example.com", "sign_up"), asEmail("b@example.com", "Sign Up"), asEmail("a@example.com", "SIGN UP"));
    expect(await get(other, "/event-types")).toEqual(["sign_up"]);
  });

  it("may be called anything", async () => {
    const { client } = await mintTenant();
    const names = ["__proto__", "constructor", "日本語", "a/b", "'; --", "0"];
    await ingest(client, ...names.map((name) => asEmail("a@example.com", name)));
    expect((await get<string[]>(client, "/event-types")).sort()).toEqual([...names].sort());
    const { events_by_type } = await get<{ events_by_type: object }>(client, "/events-analytics");
    expect(Object.entries(events_by_type).sort()).toEqual(names.map((name) => [name, 1]).sort());
    expect(await ids(client, `/events?event_type=${encodeURIComponent("'; --")}`)).toHaveLength(1);
  });
});

describe("numbers", () => {
  async function mintWeek() {
    const { client } = await mintTenant();
    const noon = Date.UTC(2026, 6, 15, 12);
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(noon);
    const at = (name: string, days: number, event_type: string) =>
      asEmail(`${name}@example.com`, event_type, { timestamp: iso(noon - days * DAY_MS) });
    await ingest(
      client,
      at("a", 0, "Page View"),
      at("a", 0, "page_view"),
      at("b", 0, "Demo Request"),
      at("b", 1, "Page View"),
      at("c", 6, "Page View"),
      at("c", 20, "Bounce"),
      at("d", 40, "Bounce"),
    );
    return client;
  }

  it("at a glance: of all time, and of a range", async () => {
    const client = await mintWeek();
    expect(await get(client, "/event-stats")).toEqual({
      total_events: 7,
      total_leads: 4,
      events_today: 3,
      events_this_week: 5,
      top_event_types: [
        { event_type: "Page View", count: 4 },
        { event_type: "Bounce", count: 2 },
        { event_type: "Demo Request", count: 1 },
      ],
    });
    expect(await get(client, "/event-stats?range=yesterday")).toEqual({
      total_events: 1,
      total_leads: 1,
      events_today: 3,
      events_this_week: 5,
      top_event_types: [{ event_type: "Page View", count: 1 }],
    });
  });

  it("by day, newest first, and by type", async () => {
    const client = await mintWeek();
    expect(await get(client, "/events-analytics")).toEqual({
      total_events: 6,
      unique_leads: 3,
      events_by_type: { "Page View": 4, Bounce: 1, "Demo Request": 1 },
      truncated: false,
      daily_counts: [
        { date: "2026-07-15", count: 3 },
        { date: "2026-07-14", count: 1 },
        { date: "2026-07-09", count: 1 },
        { date: "2026-06-25", count: 1 },
      ],
    });
    expect(await get(client, "/events-analytics?range=last_7d&event_type=PAGE_VIEW")).toEqual({
      total_events: 4,
      unique_leads: 3,
      events_by_type: { "Page View": 4 },
      truncated: false,
      daily_counts: [
        { date: "2026-07-15", count: 2 },
        { date: "2026-07-14", count: 1 },
        { date: "2026-07-09", count: 1 },
      ],
    });
    expect(await get(client, "/events-analytics?range=last_90d")).toMatchObject({ total_events: 7, unique_leads: 4 });
  });

  it("of nothing are nothing, and an unknown range is refused", async () => {
    const { client } = await mintTenant();
    expect(await get(client, "/event-stats")).toEqual({
      total_events: 0,
      total_leads: 0,
      events_today: 0,
      events_this_week: 0,
      top_event_types: [],
    });
    expect(await get(client, "/events-analytics")).toEqual({
      total_events: 0,
      unique_leads: 0,
      events_by_type: {},
      truncated: false,
      daily_counts: [],
    });
    for (const path of ["/event-stats?range=x", "/events-analytics?range=x"]) await readProblem(await client.get(path), 400);
  });
});
