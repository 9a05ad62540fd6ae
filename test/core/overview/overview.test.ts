/** The overview of an org unit: what it counts, and what that costs. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readOverview } from "../../../src/core/overview";
import { OVERVIEW_SQL } from "../../../src/core/overview/store";
import { openSystem } from "../../../src/open-context";
import { mintChannel } from "../../support/deliveries";
import { asEmail, ingest, insertTrigger, milestone, mintRule, mintUnitTenant } from "../../support/events";
import { importCsv } from "../../support/imports";
import { planOf } from "../../support/query-plans";
import { countingD1 } from "../../support/worker";

const DAY_MS = 86_400_000;
const today = () => Math.floor(Date.now() / DAY_MS);
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

const open = (unit: number, bindings: Partial<Env> = {}) => openSystem({ ...env, ...bindings }, unit, "req_test");

describe("the overview", () => {
  it("shows leads, events, imports and firings by day, scores and sources, and nothing of another unit", async () => {
    const { client, unit } = await mintUnitTenant();
    const other = await mintUnitTenant();
    await ingest(other.client, asEmail("foreign@example.com", "Foreign"));
    await importCsv(client, "email,source\na@example.com,Fair\nb@example.com,Fair\nc@example.com,Web\n", {
      primary_identifier: { column: "email", kind: "email" },
      field_mappings: { source: "source" },
    });
    await mintRule(client, { event_type: "Page View", weight: 30 });
    await insertTrigger(unit, "milestone", milestone(50));
    await ingest(
      client,
      asEmail("a@example.com"),
      asEmail("a@example.com"),
      asEmail("b@example.com"),
      asEmail("c@example.com", "Old", { timestamp: daysAgo(3) }),
    );
    const seen = await readOverview(await open(unit), { days: 7 });
    expect(seen.days).toEqual({ first: today() - 6, length: 7 });
    expect(seen.leads).toMatchObject({ total: 3, created: [0, 0, 0, 0, 0, 0, 3], newest: { n: 3, least: false } });
    expect(seen.leads.totals.at(-1)).toBe(3);
    expect(seen.leads.sources).toEqual([
      { source: "Fair", leads: 2 },
      { source: "Web", leads: 1 },
    ]);
    expect(seen.events.daily).toEqual([0, 0, 0, 1, 0, 0, 3]);
    expect(seen.events.types).toEqual([
      { event_type: "Page View", count: 3 },
      { event_type: "Old", count: 1 },
    ]);
    expect(seen.imports).toEqual({ rows: [0, 0, 0, 0, 0, 0, 3], jobs: { n: 1, least: false }, failed_jobs: 0, failed_rows: 0 });
    expect(seen.firings).toEqual({ daily: [0, 0, 0, 0, 0, 0, 1], total: { n: 1, least: false } });
    expect(seen.scores.leads).toBe(3);
    expect(seen.scores.bins.reduce((sum, { leads }) => sum + leads, 0)).toBe(3);
  });

  it("shows what is used of each quota, what waits and what was rejected", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintChannel(client);
    await mintRule(client, { event_type: "Page View", weight: 30 });
    await ingest(client, asEmail("a@example.com"));
    const { quotas, deliveries, rejected, queue_seconds } = await readOverview(await open(unit), { days: 30 });
    const used = Object.fromEntries(quotas.map(({ name, used: n }) => [name, n]));
    expect(used).toMatchObject({ leads: 1, events_per_day: 1, event_types: 1, rulesets: 1, rules: 1, triggers: 0, channels: 1 });
    expect(quotas.find(({ name }) => name === "leads")?.max).toBe(5_000_000);
    expect(deliveries).toEqual({ waiting: { n: 0, least: false }, oldest_at: null, delivered: 0, failed: 0, least: false });
    expect(rejected).toEqual({ n: 0, least: false });
    expect(queue_seconds === null || queue_seconds >= 0).toBe(true);
  });

  it("costs two round trips and writes nothing, however many days are asked for", async () => {
    const { client, unit } = await mintUnitTenant();
    await ingest(client, asEmail("a@example.com"));
    const { DB, count } = countingD1();
    const ctx = await open(unit, { DB });
    const before = { ...count };
    await readOverview(ctx, { days: 90 });
    expect([count.trips - before.trips, count.rowsWritten - before.rowsWritten]).toEqual([2, 0]);
  });

  it("is whole without the object that counts usage: what that counts is not known", async () => {
    const { unit } = await mintUnitTenant();
    const away = { getByName: () => ({ ofUnit: () => Promise.reject(new Error("away")), add: () => Promise.reject(new Error("away")) }) };
    const { quotas, leads } = await readOverview(await open(unit, { USAGE: away as never }), { days: 7 });
    expect(quotas.find(({ name }) => name === "stored_bytes")?.used).toBeNull();
    expect(leads.total).toBe(0);
  });

  it("takes 7, 30 or 90 days", async () => {
    const { unit } = await mintUnitTenant();
    await expect(readOverview(await open(unit), { days: 31 as never })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("reads no table from end to end", async () => {
    for (const [name, sql] of Object.entries(OVERVIEW_SQL)) {
      const scans = (await planOf(sql)).filter((step) => /^SCAN (?!newest|\(subquery|CONSTANT)/.test(step));
      expect(scans, name).toEqual([]);
    }
  });
});
