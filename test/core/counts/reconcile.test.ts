/** Counters that are kept beside their rows are counted again by cron, and say so when they were off. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { reconcileCounts } from "../../../src/core/counts";
import { openShards } from "../../../src/open-context";
import { asEmail, ingest, mintUnitTenant, rowsOf } from "../../support/events";
import { contactsCsv, cronTick, importCsv } from "../../support/imports";
import type { Tenant } from "../../support/tenant";
import { logged, request } from "../../support/worker";

let tenant: Tenant & { unit: number };
beforeEach(async () => {
  tenant = await mintUnitTenant();
  const { unit } = tenant;
  await begin("lead_counts", { done: unit - 1, current: null });
  await begin("event_counts", { done: { unit, day: -1 }, current: null });
  await begin("lead_scores", [unit, ""]);
});

/** The next tick begins there. */
const begin = (job: string, position: unknown) =>
  env.DB.prepare("INSERT OR REPLACE INTO sweep_positions (job, position) VALUES (?1, ?2)").bind(job, JSON.stringify(position)).run();
const run = (sql: string, ...values: (string | number)[]) =>
  env.DB.prepare(sql)
    .bind(tenant.unit, ...values)
    .run();
const leadCounts = async () =>
  Object.fromEntries(
    (await rowsOf<{ status: string; leads: number }>(tenant.unit, "lead_counts")).map(({ status, leads }) => [status, leads]),
  );
const own = <Found extends { unit: number }>(found: readonly Found[]): Found[] => found.filter(({ unit }) => unit === tenant.unit);

const EMAIL = { primary_identifier: { column: "Email", kind: "email" } };

async function sumOfMetric(): Promise<number> {
  const text = await (await request("/metrics")).text();
  return [...text.matchAll(/^kept_counters_off_total\S* (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

describe("a tick", () => {
  it("corrects what is off, logs it, and counts it in /metrics", async () => {
    await ingest(tenant.client, asEmail("a@example.com", "Signup"), asEmail("b@example.com", "Signup"), asEmail("b@example.com", "Visit"));
    const [counts, days] = [await leadCounts(), await rowsOf(tenant.unit, "event_counts")];
    await run("UPDATE lead_counts SET leads = leads + 5 WHERE unit = ?1");
    await run("INSERT INTO lead_counts (unit, status, leads) VALUES (?1, 'lost', 3)");
    await run("UPDATE event_counts SET count = count - 1 WHERE unit = ?1 AND type_key = 'signup'");
    await run("DELETE FROM event_counts WHERE unit = ?1 AND type_key = 'visit'");
    await run("UPDATE lead_scores SET event_count = event_count + 2 WHERE unit = ?1 AND event_count = 2");
    const before = await sumOfMetric();
    const lines = await logged(() => cronTick("*/10 * * * *"));
    const said = lines.filter((line) => line.includes("kept counter was off")).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(own(said as { unit: number }[]).map((line) => ({ ...line, at: null, of: null }))).toEqual(
      [
        ["lead_counts", 3],
        ["lead_counts", 5],
        ["event_counts", -1],
        ["event_counts", -1],
        ["lead_scores", 2],
      ].map(([counter, off]) => ({ at: null, level: "warn", message: "kept counter was off", counter, unit: tenant.unit, of: null, off })),
    );
    expect(await leadCounts()).toEqual({ ...counts, lost: 0 });
    expect(await rowsOf(tenant.unit, "event_counts")).toEqual(days);
    expect((await rowsOf<{ event_count: number }>(tenant.unit, "lead_scores")).map(({ event_count }) => event_count).sort()).toEqual([
      1, 2,
    ]);
    expect(await sumOfMetric()).toBe(before + 5);
  });

  it("says nothing and writes nothing when all is right", async () => {
    await ingest(tenant.client, asEmail("a@example.com", "Signup"));
    await importCsv(tenant.client, contactsCsv(20), EMAIL);
    for (const db of openShards(env)) expect(own(await reconcileCounts(db))).toEqual([]);
  });
});

it("a unit of several slices is counted over all of them, and left alone when it changes meanwhile", async () => {
  await importCsv(tenant.client, contactsCsv(10), EMAIL);
  // as many leads as a slice has, without the cost of importing them
  await run(
    `INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500) SELECT ?1, printf('%032x', i), '{}', '[]', 1, 0, 0 FROM n`,
  );
  await run("UPDATE lead_counts SET leads = 7 WHERE unit = ?1");
  const [db] = openShards(env);
  if (!db) throw new Error("no database");
  let changes = 1;
  const busy = {
    ...db,
    all: async <Row>(text: string, ...params: (string | number | null)[]): Promise<Row[]> => {
      const rows = await db.all<Row>(text, ...params);
      if (text.includes("FROM leads") && params[0] === tenant.unit && changes-- > 0) {
        await run("UPDATE lead_counts SET leads = leads + 1 WHERE unit = ?1");
      }
      return rows;
    },
  };
  expect(own(await reconcileCounts(busy))).toEqual([]);
  expect(await leadCounts()).toEqual({ new: 8 });
  await begin("lead_counts", { done: tenant.unit - 1, current: null });
  expect(own(await reconcileCounts(db))).toMatchObject([{ counter: "lead_counts", of: "new", off: 8 - 10_510 }]);
  expect(await leadCounts()).toEqual({ new: 10_510 });
});
