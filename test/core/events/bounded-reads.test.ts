/** What a viewer reads, and what every batch reads of the rules, is bounded whatever a unit has piled up. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import {
  asEmail,
  blockEndingIds,
  deliverEvents,
  ingest,
  mintRule,
  mintRuleset,
  mintUnitTenant,
  post,
  queueEvents,
  rowsOf,
} from "../../support/events";
import { interceptedD1 } from "../../support/imports";
import type { Client } from "../../support/tenant";
import { countingD1 } from "../../support/worker";

/** Of one answer of the database, rows as JSON. */
const ANSWER_BYTES_MAX = 4_000_000;
const START = Date.now() - 30 * 86_400_000;

/** A D1 that remembers the largest answer it gave. */
function weighedD1() {
  const weight = { bytes: 0, statements: 0 };
  const DB = interceptedD1(async (call, run) => {
    const answer = (await run()) as D1Result | D1Result[];
    weight.statements += call.statements.length;
    weight.bytes = Math.max(weight.bytes, JSON.stringify([answer].flat().map(({ results }) => results)).length);
    return answer;
  });
  return { DB, weight };
}

/** A lead with one event, and `count` more that are put where the core reads them. */
async function mintLeadWith(count: number, metadataBytes: number) {
  const { client, unit } = await mintUnitTenant();
  const rule = await mintRule(client, { event_type: "Page View", weight: 1, half_life_days: 14 });
  await ingest(client, asEmail("a@example.com", "Page View", { timestamp: new Date(START).toISOString() }));
  const [lead] = await rowsOf<{ lead_id: string }>(unit, "leads");
  const lead_id = lead?.lead_id ?? "";
  const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)";
  await env.DB.prepare(
    `${numbers} INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, metadata, received_at, processed_at, silent, score_before, score_after)
     SELECT ?2, ?3, ?4 + i * 1000, 'bulk-' || i, 'Page View', 'page view', json_object('path', '/pricing', 'text', substr(hex(zeroblob(?5)), 1, ?5)), ?4, ?4, 0, 0, 0 FROM n`,
  )
    .bind(count, unit, lead_id, START, metadataBytes)
    .run();
  await env.DB.prepare(
    `${numbers} INSERT INTO contributions (unit, lead_id, at, event_id, rule_id, ruleset_id, weight, half_life_ms)
     SELECT ?2, ?3, ?4, 'bulk-' || i, ?5, (SELECT ruleset_id FROM rules WHERE unit = ?2), 1, NULL FROM n`,
  )
    .bind(count, unit, lead_id, START, rule)
    .run();
  await env.DB.prepare("UPDATE lead_scores SET event_count = ?3 WHERE unit = ?1 AND lead_id = ?2").bind(unit, lead_id, count).run();
  return { client, unit, lead: `ld_${lead_id}` };
}

async function read<Answer>(client: Client, method: string, path: string, json?: unknown) {
  const { DB, weight } = weighedD1();
  const answer = await client.call(method, path, json === undefined ? { bindings: { DB } } : { json, bindings: { DB } });
  expect(answer.status, await answer.clone().text()).toBe(200);
  expect(weight.bytes, path).toBeLessThan(ANSWER_BYTES_MAX);
  return { ...(await answer.json<Answer>()), statements: weight.statements };
}

it("a rule is tried on metadata of 30 MB in pages of 1 MB, and says that it stopped at 10 MB", async () => {
  const { client, lead } = await mintLeadWith(300, 100_000);
  const rule = { event_type: "Page View", weight: 5, attribute_filters: [{ field: "path", operator: "contains", value: "pricing" }] };
  const tried = await read<{ matching_events: number; truncated: boolean }>(client, "POST", "/engagement-scoring/test", {
    lead_id: lead,
    rule,
  });
  expect(tried).toMatchObject({ truncated: true, matching_events: 99 });
  const small = { ...rule, attribute_filters: [] };
  const all = await read<object>(client, "POST", "/engagement-scoring/test", { lead_id: lead, rule: small });
  expect(all).toMatchObject({ matching_events: 301, truncated: false });
});

it("a simulation reads 30,000 of a lead's 40,000 events in pages, and says so; an explanation and a history read no more than needed", async () => {
  const { client, lead } = await mintLeadWith(40_000, 10);
  const surge = { name: "Busy", threshold: 3, window_seconds: 60, webhook_url: null };
  const { id } = await post<{ id: string }>(client, "/surge-triggers", surge);
  const { id: reached } = await post<{ id: string }>(client, "/triggers", { name: "Many", score_threshold: 500 });
  for (const [path, body] of [
    [`/triggers/${reached}/simulate`, { lead_id: lead }],
    [`/surge-triggers/${id}/preview`, { days: 90 }],
  ] as const) {
    const found = await read<object>(client, "POST", path, body);
    expect(found).toMatchObject({ truncated: true, statements: expect.toSatisfy((count: number) => count < 40) });
    if (path.startsWith("/triggers")) expect(found).toMatchObject({ leads_checked: 1, events_checked: 30_000 });
  }
  const explained = await read<{ score: number }>(client, "GET", `/lead/${lead}/score-explain`);
  expect(explained).toMatchObject({ score: expect.any(Number), statements: expect.toSatisfy((count: number) => count < 15) });
  const history = await read<object>(client, "GET", `/lead/${lead}/score-history`);
  expect(history).toMatchObject({ statements: expect.toSatisfy((count: number) => count < 20) });
});

it("an explanation loads the filters of a rule once, however often it matched", async () => {
  const { client } = await mintUnitTenant();
  const value = "x".repeat(1_000);
  const attribute_filters = Array.from({ length: 20 }, (_, n) => ({ field: `f${n}`, operator: "not_equals", value }));
  await mintRule(client, { event_type: "x", weight: 1, attribute_filters });
  await ingest(client, ...Array.from({ length: 200 }, () => asEmail("a@example.com", "x")));
  const { events } = await (await client.get("/events")).json<{ events: { lead_id: string }[] }>();
  const { DB, weight } = weighedD1();
  const answer = await client.get(`/lead/${events[0]?.lead_id}/score-explain`, { bindings: { DB } });
  expect(await answer.json()).toMatchObject({
    top_drivers: [{ count: 200, filter_label: expect.toSatisfy((label: string) => label.length <= 1001) }],
  });
  expect(weight.bytes).toBeLessThan(200_000);
});

it("1,001 event types: 1,000 are listed, the most frequent ones are counted, and the rest is said to be missing", async () => {
  const { client, unit } = await mintUnitTenant();
  const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)";
  const today = Math.floor(Date.now() / 86_400_000);
  await env.DB.prepare(
    `${numbers} INSERT INTO event_types (unit, type_key, name, first_seen_at) SELECT ?1, printf('t%04d', i), printf('T%04d', i), 0 FROM n`,
  )
    .bind(unit)
    .run();
  await env.DB.prepare(`${numbers} INSERT INTO event_counts (unit, day, type_key, count) SELECT ?1, ?2, printf('t%04d', i), i FROM n`)
    .bind(unit, today)
    .run();
  const names = await (await client.get("/event-types")).json<string[]>();
  expect([names.length, names[0], names.at(-1)]).toEqual([1000, "T0001", "T1000"]);
  const analytics = await (await client.get("/events-analytics")).json<{ events_by_type: object }>();
  expect(analytics).toMatchObject({ total_events: (1001 * 1002) / 2, truncated: true });
  expect(Object.keys(analytics.events_by_type)).toHaveLength(1000);
  expect(analytics.events_by_type).not.toHaveProperty("T0001");
  const stats = await (await client.get("/event-stats")).json<{ top_event_types: object[] }>();
  expect(stats.top_event_types[0]).toEqual({ event_type: "T1001", count: 1001 });
});

it("a batch reads active rules and triggers only, however many were deleted", async () => {
  const { client, unit } = await mintUnitTenant();
  const ruleset = await mintRuleset(client);
  await mintRule(client, { event_type: "x", weight: 1 }, ruleset);
  await ingest(client, asEmail("a@example.com", "x"));
  const rowsRead = async () => {
    const { DB, count } = countingD1();
    await deliverEvents(await queueEvents(client, asEmail("a@example.com", "x")), { DB });
    return count.rowsRead;
  };
  await rowsRead();
  const before = await rowsRead();
  const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
  const statements = [
    `INSERT INTO rulesets (unit, ruleset_id, name, active, created_at, updated_at, deleted_at) SELECT ?1, 'rs_' || i, 'x', 1, 0, 0, 1 FROM n`,
    `INSERT INTO rules (unit, rule_id, ruleset_id, event_type, type_key, weight, active, attribute_filters, created_at, updated_at, deleted_at)
     SELECT ?1, 'rule_' || i, (SELECT ruleset_id FROM rulesets WHERE unit = ?1 AND deleted_at IS NULL), 'x', 'x', 1, 1, '[]', 0, 0, 1 FROM n`,
    `INSERT INTO triggers (unit, trigger_id, kind, name, active, active_since, condition, destination, created_at, updated_at, deleted_at)
     SELECT ?1, 'trg_' || i, 'milestone', 'x', 1, 0, '{}', '{}', 0, 0, 1 FROM n`,
  ];
  for (const text of statements) await env.DB.prepare(`${numbers} ${text}`).bind(unit).run();
  expect(await rowsRead()).toBeLessThanOrEqual(before + 5);
});

it("a late event among 20,000 reads its block, not the lead's ledger", async () => {
  const { client, unit } = await mintUnitTenant();
  await mintRule(client, { event_type: "x", weight: 1, half_life_days: 7 });
  const [first] = blockEndingIds(1);
  const at = (hours: number) => new Date(START + hours * 3_600_000).toISOString();
  await ingest(client, asEmail("a@example.com", "x", { timestamp: at(1), event_id: "one" }));
  await ingest(client, asEmail("a@example.com", "x", { timestamp: at(2), event_id: first }));
  // the open block after it, with as many as were never closed
  await ingest(
    client,
    ...Array.from({ length: 200 }, (_, n) => asEmail("a@example.com", "x", { timestamp: at(3 + n / 100), event_id: `n${n}` })),
  );
  const { DB, count } = countingD1();
  await deliverEvents(await queueEvents(client, asEmail("a@example.com", "x", { timestamp: at(1.5), event_id: "late" })), { DB });
  expect(count.rowsRead).toBeLessThan(60);
  expect((await rowsOf<{ event_count: number }>(unit, "lead_scores"))[0]?.event_count).toBe(203);
});
