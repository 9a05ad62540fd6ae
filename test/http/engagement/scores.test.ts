/** Reading scores: now and then, why, over time, and who stands highest. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { asEmail, getReceipt, ingest, mintRule, mintRuleset, mintUnitTenant, post, rowsOf, type Sent, scoreOf } from "../../support/events";
import { interceptedD1 } from "../../support/imports";
import { type Client, mintLead, mintTenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

afterEach(() => void vi.useRealTimers());

const iso = (ms: number) => new Date(ms).toISOString();
const ago = (days: number) => iso(Date.now() - days * DAY_MS);
/** Stops the worker's clock, so that a score holds still while it is read twice. */
function stop(ms = Date.now()): number {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(ms);
  return ms;
}
const leadOf = async (client: Client, ...events: Sent[]): Promise<string> => {
  const ids = await ingest(client, ...events);
  return (await getReceipt(client, ids[0] ?? "")).lead_id ?? "";
};
const get = async <Answer>(client: Client, path: string): Promise<Answer> => {
  const answer = await client.get(path);
  expect(answer.status, `${path}: ${await answer.clone().text()}`).toBe(200);
  return answer.json<Answer>();
};
type Explained = {
  score: number;
  top_drivers: { rule_id: string; count: number; weight: number; total: number; contribution: number; filter_label?: string }[];
  decay_applied: number;
  outside_range: number;
  range_hours: number | null;
  snapshot: { event_type: string; weight: number }[];
};

describe("a lead's score", () => {
  it("is the same on both paths, by ruleset, with its level", async () => {
    const { client } = await mintTenant();
    const [one, two] = [await mintRuleset(client, "one"), await mintRuleset(client, "two")];
    await mintRule(client, { event_type: "x", weight: 40 }, one);
    await mintRule(client, { event_type: "x", weight: 60 }, two);
    const { id } = await post<{ id: string }>(client, "/engagement-levels", { name: "Hot", min_score: 100, color: "#f97316" });
    const timestamp = "2026-03-01T10:00:00Z";
    const lead = await leadOf(client, asEmail("a@example.com", "x", { timestamp }));
    stop();
    const score = await get(client, `/score/${lead}`);
    expect(score).toEqual({
      lead_id: lead,
      score: 100,
      ruleset_id: two,
      engagement_scores: { [one]: 40, [two]: 60 },
      profile_scores: {},
      level: { id, name: "Hot", color: "#f97316" },
      last_event_at: "2026-03-01T10:00:00.000Z",
      at: iso(Date.now()),
    });
    expect(await get(client, `/leads/${lead}/score`)).toEqual(score);
    const dashed = lead.slice(3).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    expect(await get(client, `/score/${dashed}`)).toEqual(score);
  });

  it("without events is nothing", async () => {
    const { client } = await mintTenant();
    const lead = await mintLead(client, { email: "a@example.com" });
    expect(await get(client, `/score/${lead}`)).toMatchObject({
      score: 0,
      ruleset_id: null,
      engagement_scores: {},
      level: null,
      last_event_at: null,
    });
    expect(await get(client, `/lead/${lead}/score-explain`)).toMatchObject({
      score: 0,
      top_drivers: [],
      decay_applied: 0,
      outside_range: 0,
    });
    expect(await get(client, `/lead/${lead}/score-history`)).toMatchObject({ lead_id: lead, snapshots: [], count: 0 });
  });

  it("fades by half each half-life, as the formula says and whenever it is read", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Page View", weight: 10, half_life_days: 14 });
    const now = stop();
    const lead = await leadOf(client, asEmail("a@example.com"));
    for (const [days, score] of [
      [0, 10],
      [14, 5],
      [30, 2.26],
      [90, 0.12],
    ] as const) {
      vi.setSystemTime(now + days * DAY_MS);
      expect(await scoreOf(client, lead)).toBe(score);
      // asked today, of that day
      vi.setSystemTime(now);
      expect(await get(client, `/score/${lead}?at=${iso(now + days * DAY_MS)}`)).toMatchObject({ score });
    }
  });

  it("at a past moment is what it was then, also when it was queried then", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Page View", weight: 10, half_life_days: 7 });
    await mintRule(client, { event_type: "Bounce", weight: -3 });
    const now = stop() - 20 * DAY_MS;
    vi.setSystemTime(now);
    const lead = await leadOf(client, asEmail("a@example.com"));
    const told: [number, number][] = [];
    for (const [days, type] of [
      [1, "Page View"],
      [3, "Bounce"],
      [9, "Page View"],
      [15, "Bounce"],
    ] as const) {
      vi.setSystemTime(now + days * DAY_MS - 1);
      told.push([Date.now(), await scoreOf(client, lead)]);
      vi.setSystemTime(now + days * DAY_MS);
      await ingest(client, asEmail("a@example.com", type));
      told.push([Date.now(), await scoreOf(client, lead)]);
    }
    for (const [at, score] of told) expect(await get(client, `/score/${lead}?at=${iso(at)}`)).toMatchObject({ score, at: iso(at) });
    expect(await get(client, `/score/${lead}?at=${iso(now - 1)}`)).toMatchObject({ score: 0, engagement_scores: {} });
    for (const at of ["yesterday", "", "2026-02-30T00:00:00Z"]) await readProblem(await client.get(`/score/${lead}?at=${at}`), 400);
  });

  it("of an event that is ahead of its time counts from when it came", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "x", weight: 10 });
    const lead = await leadOf(client, asEmail("a@example.com", "x", { timestamp: iso(Date.now() + 12 * HOUR_MS) }));
    expect(await scoreOf(client, lead)).toBe(10);
    expect(await get(client, "/top-leads")).toMatchObject({ leads: [{ lead_id: lead, score: 10 }] });
  });

  it.each(["/score/{}", "/leads/{}/score", "/lead/{}/score-explain", "/lead/{}/score-history"])("of nobody is a 404: %s", async (path) => {
    const { client } = await mintTenant();
    const stranger = await leadOf((await mintTenant()).client, asEmail("a@example.com"));
    for (const id of ["ld_abc123", "nobody", stranger, "%00", "x".repeat(3000)])
      await readProblem(await client.get(path.replace("{}", id)), 404);
  });
});

describe("an explanation", () => {
  async function mintExplained() {
    const { client } = await mintTenant();
    const ruleset = await mintRuleset(client);
    const pricing = [{ field: "path", operator: "contains", value: "/pricing" }];
    const view = await mintRule(client, { event_type: "Page View", weight: 10, half_life_days: 3 }, ruleset);
    const filtered = await mintRule(
      client,
      { event_type: "Page View", weight: 7, half_life_days: 1.7, attribute_filters: pricing },
      ruleset,
    );
    const bounce = await mintRule(client, { event_type: "Bounce", weight: -20 }, ruleset);
    const events = [0.1, 0.3, 0.9, 2, 4, 4.5, 9].map((days, n) =>
      asEmail("a@example.com", n === 2 ? "Bounce" : "Page View", {
        timestamp: ago(days),
        metadata: { path: n % 2 === 0 ? "/pricing" : "/" },
      }),
    );
    return { client, view, filtered, bounce, lead: await leadOf(client, ...events) };
  }

  it.each(["", "?hours=1", "?hours=24", "?hours=72", "?hours=87600"])("sums to the score, to the cent%s", async (query) => {
    const { client, lead } = await mintExplained();
    stop();
    const explained = await get<Explained>(client, `/lead/${lead}/score-explain${query}`);
    expect(explained.score).toBe(await scoreOf(client, lead));
    const cents = (amounts: number[]) => amounts.reduce((sum, amount) => sum + Math.round(amount * 100), 0);
    const { top_drivers, decay_applied, outside_range } = explained;
    expect(cents([...top_drivers.map(({ contribution }) => contribution), outside_range])).toBe(cents([explained.score]));
    expect(cents([...top_drivers.map(({ total }) => total), decay_applied, outside_range])).toBe(cents([explained.score]));
    for (const { total, count, weight } of top_drivers) expect(total).toBe(count * weight);
    if (query === "" || query === "?hours=87600") expect(outside_range).toBe(0);
    else expect(outside_range).not.toBe(0);
  });

  it("names its drivers, the greatest first, their filters, and the rules in force", async () => {
    const { client, lead, view, filtered, bounce } = await mintExplained();
    const explained = await get<Explained>(client, `/lead/${lead}/score-explain`);
    expect(explained.top_drivers.map(({ rule_id, count, total, filter_label }) => [rule_id, count, total, filter_label])).toEqual([
      [view, 6, 60, undefined],
      [filtered, 3, 21, "path contains /pricing"],
      [bounce, 1, -20, undefined],
    ]);
    expect(explained.snapshot).toEqual([
      { event_type: "Bounce", weight: -20 },
      { event_type: "Page View", weight: 10 },
      { event_type: "Page View", weight: 7 },
    ]);
    expect(explained.range_hours).toBeNull();
    expect((await get<Explained>(client, `/lead/${lead}/score-explain?hours=24`)).top_drivers.map(({ count }) => count)).toEqual([2, 1, 1]);
    expect((await get<Explained>(client, `/lead/${lead}/score-explain?hours=24`)).range_hours).toBe(24);
  });

  it("of a past moment explains the score of that moment", async () => {
    const { client, lead } = await mintExplained();
    const at = ago(3);
    expect((await get<Explained>(client, `/lead/${lead}/score-explain?at=${at}`)).score).toBe(
      (await get<{ score: number }>(client, `/score/${lead}?at=${at}`)).score,
    );
  });

  it.each(["hours=0", "hours=-1", "hours=1.5", "hours=x", "hours=87601", "at=then"])("%s is refused", async (query) => {
    const { client } = await mintTenant();
    await readProblem(await client.get(`/lead/ld_abc123/score-explain?${query}`), 400);
  });
});

describe("a history", () => {
  type History = {
    lead_id: string;
    snapshots: { snapshot_at: string; score: number; ruleset_id: string | null }[];
    count: number;
    period: { start: string; end: string };
  };

  it("has every full hour since the first points, ascending, and each is the score of its hour", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Page View", weight: 10, half_life_days: 1 });
    const now = stop(Math.floor(Date.now() / HOUR_MS) * HOUR_MS + 30 * 60_000);
    const lead = await leadOf(
      client,
      asEmail("a@example.com", "Page View", { timestamp: iso(now - 5.2 * HOUR_MS) }),
      asEmail("a@example.com", "Page View", { timestamp: iso(now - 2 * HOUR_MS) }),
    );
    const { snapshots, count, period, lead_id } = await get<History>(client, `/lead/${lead}/score-history`);
    expect([lead_id, count, period]).toEqual([lead, 5, { start: iso(now - 30 * DAY_MS), end: iso(now) }]);
    expect(snapshots.map(({ snapshot_at }) => snapshot_at)).toEqual([4.5, 3.5, 2.5, 1.5, 0.5].map((hours) => iso(now - hours * HOUR_MS)));
    for (const { snapshot_at, score } of snapshots) expect(await get(client, `/score/${lead}?at=${snapshot_at}`)).toMatchObject({ score });
  });

  it("of a time that is named, of one ruleset", async () => {
    const { client } = await mintTenant();
    const [one, two] = [await mintRuleset(client, "one"), await mintRuleset(client, "two")];
    await mintRule(client, { event_type: "Page View", weight: 10 }, one);
    await mintRule(client, { event_type: "Page View", weight: 3 }, two);
    const lead = await leadOf(client, asEmail("a@example.com", "Page View", { timestamp: "2026-03-01T00:30:00Z" }));
    const query = "start_date=2026-03-01T00:00:00Z&end_date=2026-03-01T03:00:00Z";
    expect(await get(client, `/lead/${lead}/score-history?${query}&ruleset_id=${two}`)).toEqual({
      lead_id: lead,
      snapshots: [1, 2, 3].map((hour) => ({ snapshot_at: `2026-03-01T0${hour}:00:00.000Z`, score: 3, ruleset_id: two })),
      count: 3,
      period: { start: "2026-03-01T00:00:00.000Z", end: "2026-03-01T03:00:00.000Z" },
    });
    expect(await get(client, `/lead/${lead}/score-history?${query}`)).toMatchObject({
      snapshots: [{ score: 13, ruleset_id: null }, {}, {}],
    });
    const dashed = lead.slice(3).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    expect(await get(client, `/lead/${dashed}/score-history?${query}`)).toMatchObject({ lead_id: lead });
  });

  it("goes back 90 days and no further, and never ahead", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Page View", weight: 10 });
    const lead = await leadOf(client, asEmail("a@example.com", "Page View", { timestamp: ago(120) }));
    const path = `/lead/${lead}/score-history`;
    const { count } = await get<History>(client, `${path}?days=90`);
    expect(count).toBeGreaterThanOrEqual(90 * 24);
    const now = stop();
    const range = (start: number, end: number) => `${path}?start_date=${iso(start)}&end_date=${iso(end)}`;
    expect((await get<History>(client, range(now - 90 * DAY_MS, now))).count).toBe(count);
    expect((await get<History>(client, range(now - DAY_MS, now + DAY_MS))).period.end).toBe(iso(now));
    await readProblem(await client.get(range(now - 90 * DAY_MS - 1, now)), 400);
    await readProblem(await client.get(range(now, now - 1)), 400);
    await readProblem(await client.get(range(now + 1, now + DAY_MS)), 400);
    for (const query of [
      "days=0",
      "days=91",
      "days=1.5",
      "days=x",
      `start_date=${iso(now)}`,
      `end_date=${iso(now)}`,
      "start_date=x&end_date=y",
    ])
      await readProblem(await client.get(`${path}?${query}`), 400);
  });
});

describe("the highest scores", () => {
  type Top = { leads: { lead_id: string; score: number; last_event_at: string }[] };

  it("come first; of equal ones who was active last", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "x", weight: 10 });
    const leads = [];
    for (const [name, count, time] of [
      ["a", 1, "2026-03-01"],
      ["b", 3, "2026-03-01"],
      ["c", 1, "2026-03-02"],
      ["d", 0, "2026-03-03"],
    ] as const) {
      const events = Array.from({ length: count }, () => asEmail(`${name}@example.com`, "x", { timestamp: `${time}T00:00:00Z` }));
      leads.push(await leadOf(client, ...(count === 0 ? [asEmail(`${name}@example.com`, "other")] : events)));
    }
    const [a, b, c, d] = leads;
    const { leads: top } = await get<Top>(client, "/top-leads");
    expect(top.map(({ lead_id, score }) => [lead_id, score])).toEqual([
      [b, 30],
      [c, 10],
      [a, 10],
      [d, 0],
    ]);
    expect(top[0]?.last_event_at).toBe("2026-03-01T00:00:00.000Z");
    expect((await get<Top>(client, "/top-leads?limit=2")).leads).toEqual(top.slice(0, 2));
    for (const limit of ["0", "101", "1.5", "x"]) await readProblem(await client.get(`/top-leads?limit=${limit}`), 400);
    expect(await get((await mintTenant()).client, "/top-leads")).toEqual({ leads: [] });
  });

  it("a high score that fades sinks below a lower one that does not", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Hype", weight: 1000, half_life_days: 1 });
    await mintRule(client, { event_type: "Steady", weight: 50 });
    const now = stop();
    const [fading, steady] = [
      await leadOf(client, asEmail("a@example.com", "Hype")),
      await leadOf(client, asEmail("b@example.com", "Steady")),
    ];
    const order = async () => (await get<Top>(client, "/top-leads")).leads.map(({ lead_id }) => lead_id);
    expect(await order()).toEqual([fading, steady]);
    vi.setSystemTime(now + 4 * DAY_MS);
    expect(await order()).toEqual([fading, steady]);
    vi.setSystemTime(now + 5 * DAY_MS);
    expect(await order()).toEqual([steady, fading]);
    expect((await get<Top>(client, "/top-leads?limit=1")).leads).toMatchObject([{ lead_id: steady, score: 50 }]);
    // and comes back when something happens
    await ingest(client, asEmail("a@example.com", "Hype"));
    expect(await order()).toEqual([fading, steady]);
  });

  it("a score that rises while what is against it fades is found in time", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "Good", weight: 50 });
    await mintRule(client, { event_type: "Bad", weight: -40, half_life_days: 1 });
    await mintRule(client, { event_type: "Fair", weight: 30 });
    const now = stop();
    const rising = await leadOf(client, asEmail("a@example.com", "Good"), asEmail("a@example.com", "Bad"));
    const fair = await leadOf(client, asEmail("b@example.com", "Fair"));
    const order = async () => (await get<Top>(client, "/top-leads?limit=1")).leads.map(({ lead_id }) => lead_id);
    expect(await order()).toEqual([fair]);
    vi.setSystemTime(now + 2 * DAY_MS);
    expect(await order()).toEqual([rising]);
  });

  /** Puts folds of many leads where the ranking reads them: a lead each, of one ruleset and one half-life. */
  async function insertFolds(unit: number, folds: { id: number; value: number; half_life_ms: number | null; at: number }[]) {
    const rows = folds.map(({ id, value, half_life_ms, at }) => [
      id.toString(16).padStart(32, "0"),
      JSON.stringify([["rs_1", half_life_ms, value, at]]),
      at,
      value,
    ]);
    await env.DB.prepare(
      `INSERT INTO lead_scores (unit, lead_id, groups, at, event_id, last_event_at, event_count, version, bound)
       SELECT ?1, value->>0, value->>1, value->>2, 'e', value->>2, 1, 1, value->>3 FROM json_each(?2)`,
    )
      .bind(unit, JSON.stringify(rows))
      .run();
  }

  it("of more leads than one read holds, most of them faded, are exactly the highest", async () => {
    const { client, unit } = await mintUnitTenant();
    const now = stop();
    const folds = Array.from({ length: 900 }, (_, id) => {
      const half_life_ms = id % 3 === 0 ? null : DAY_MS * (1 + (id % 5));
      return { id, value: half_life_ms === null ? id / 100 : 1000 + ((id * 37) % 500), half_life_ms, at: now - (id % 30) * DAY_MS };
    });
    await insertFolds(unit, folds);
    const exact = folds
      .map(({ id, value, half_life_ms, at }) => ({ id, score: half_life_ms === null ? value : value * 0.5 ** ((now - at) / half_life_ms) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 100)
      .map(({ score }) => Math.round(score * 100) / 100);
    for (const limit of [100, 10, 1]) {
      const { leads } = await get<Top>(client, `/top-leads?limit=${limit}`);
      expect(leads.map(({ score }) => score)).toEqual(exact.slice(0, limit));
    }
    // faded to nothing: all of them, below those that stay
    vi.setSystemTime(now + 1000 * DAY_MS);
    const later = (await get<Top>(client, "/top-leads?limit=100")).leads.map(({ score }) => score);
    expect(later).toEqual(Array.from({ length: 100 }, (_, n) => Math.round(897 - 3 * n) / 100));
  });

  it("of more equal leads than one request can read are ranked all the same", async () => {
    const { client, unit } = await mintUnitTenant();
    const now = stop();
    for (let from = 0; from < 21_000; from += 7_000)
      await insertFolds(
        unit,
        Array.from({ length: 7_000 }, (_, n) => ({ id: from + n, value: 10, half_life_ms: null, at: now })),
      );
    const { DB, count } = countingD1();
    const { leads } = await (await client.get("/top-leads?limit=3", { bindings: { DB } })).json<Top>();
    expect(leads.map(({ score }) => score)).toEqual([10, 10, 10]);
    expect([count.statements.filter((text) => text.includes("lead_scores")).length, count.rowsWritten]).toEqual([100, 0]);
  });

  it("after more decayed leads than one request can pass, the highest are found by another request", async () => {
    const { client, unit } = await mintUnitTenant();
    const now = stop();
    for (let from = 0; from < 21_000; from += 7_000)
      await insertFolds(
        unit,
        Array.from({ length: 7_000 }, (_, n) => ({ id: from + n, value: 1000, half_life_ms: DAY_MS, at: now - 30 * DAY_MS })),
      );
    await insertFolds(unit, [{ id: 100_000, value: 50, half_life_ms: null, at: now }]);
    const first = await client.get("/top-leads?limit=1");
    expect([first.status, first.headers.get("Retry-After")]).toEqual([503, "1"]);
    expect((await get<Top>(client, "/top-leads?limit=1")).leads.map(({ score }) => score)).toEqual([50]);
  });

  it("what has faded is read once: the next ranking finds it sunk, and one that moves nothing writes nothing", async () => {
    const { client, unit } = await mintUnitTenant();
    const now = stop();
    await insertFolds(unit, [
      ...Array.from({ length: 450 }, (_, id) => ({ id, value: 1000, half_life_ms: DAY_MS, at: now - 30 * DAY_MS })),
      ...Array.from({ length: 30 }, (_, id) => ({ id: 1000 + id, value: 20 + id, half_life_ms: null, at: now })),
      ...Array.from({ length: 3 }, (_, id) => ({ id: 2000 + id, value: -10, half_life_ms: null, at: now })),
    ]);
    const first = countingD1();
    const before = await rowsOf(unit, "contributions");
    const ranked = await (await client.get("/top-leads", { bindings: { DB: first.DB } })).json<Top>();
    expect(ranked.leads.map(({ score }) => score)).toEqual(Array.from({ length: 10 }, (_, n) => 49 - n));
    expect(first.count.rowsWritten).toBeGreaterThan(450);
    const second = countingD1();
    expect(await (await client.get("/top-leads", { bindings: { DB: second.DB } })).json()).toEqual(ranked);
    expect([second.count.rowsWritten, second.count.trips]).toEqual([0, 1]);
    expect(second.count.rowsRead).toBeLessThanOrEqual(2 * 200);
    expect((await get<Top>(client, "/top-leads?limit=100")).leads).toHaveLength(100);
    const third = countingD1();
    await client.get("/top-leads?limit=100", { bindings: { DB: third.DB } });
    expect(third.count.rowsWritten).toBe(0);
    expect(await rowsOf(unit, "contributions")).toEqual(before);
  });

  it("a ranking reads no contribution, and does not write over a score that has just changed", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "x", weight: 100, half_life_days: 1 });
    const now = stop();
    const lead = await leadOf(client, asEmail("a@example.com", "x"));
    vi.setSystemTime(now + 3 * DAY_MS);
    const texts: string[] = [];
    const DB = interceptedD1(async (call, run) => {
      texts.push(...call.statements.map(({ text }) => text));
      if (call.statements.some(({ text }) => text.startsWith("INSERT INTO lead_scores")))
        await ingest(client, asEmail("a@example.com", "x"));
      return run();
    });
    await client.get("/top-leads", { bindings: { DB } });
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.filter((text) => text.includes("contributions"))).toEqual([]);
    expect(await scoreOf(client, lead)).toBe(112.5);
    expect(await get(client, "/top-leads")).toMatchObject({ leads: [{ lead_id: lead, score: 112.5 }] });
  });
});
