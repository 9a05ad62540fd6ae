/** A lead with very many events: every event counts, and triggers look back as far as the guide says. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { asEmail, firingsOf, ingest, insertTrigger, milestone, mintRule, mintUnitTenant, rowsOf, scoreOf } from "../../support/events";
import type { Client } from "../../support/tenant";

const EVENTS = 6_000;
const EVALUATED = 2_500;
const MINUTE_MS = 60_000;
const START = Date.now() - 10 * 86_400_000;

let client: Client;
let unit: number;
let lead: string;
/** When the n-th of the stored events happened, and half a minute later. */
const after = (n: number) => ({ timestamp: new Date(START + n * MINUTE_MS + MINUTE_MS / 2).toISOString() });
const send = (n: number, type: string) => ingest(client, asEmail("a@example.com", type, after(n)));
const ofTrigger = async (id: string) => (await firingsOf(unit)).filter(({ trigger_id }) => trigger_id === id);

beforeAll(async () => {
  const tenant = await mintUnitTenant();
  ({ client, unit } = tenant);
  const rule = await mintRule(client, { event_type: "view", weight: 1 });
  await mintRule(client, { event_type: "loss", weight: -1_000_000 });
  await mintRule(client, { event_type: "gain", weight: 1_000_000 });
  await ingest(client, asEmail("a@example.com", "view", { timestamp: new Date(START).toISOString() }));
  lead = (await rowsOf<{ lead_id: string }>(unit, "leads"))[0]?.lead_id ?? "";
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${EVENTS - 1})`;
  await env.DB.batch([
    env.DB.prepare(
      `${numbers} INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, received_at, processed_at, silent, score_before, score_after)
       SELECT ?1, ?2, ?3 + i * ${MINUTE_MS}, 'bulk-' || i, 'view', 'view', ?3 + i * ${MINUTE_MS}, 0, 0, 0, 0 FROM n`,
    ).bind(unit, lead, START),
    env.DB.prepare(
      `INSERT INTO contributions (unit, lead_id, at, event_id, rule_id, ruleset_id, weight)
       SELECT unit, lead_id, occurred_at, event_id, ?3, (SELECT ruleset_id FROM rules WHERE unit = ?1 AND rule_id = ?3), 1
       FROM events WHERE unit = ?1 AND lead_id = ?2 AND event_id LIKE 'bulk-%'`,
    ).bind(unit, lead, rule),
  ]);
});

it("a lead whose ledger was written before there were blocks gets them with its first late event, and the score is the sum", async () => {
  const [last] = await rowsOf<{ at: number; event_id: string }>(unit, "contributions", "at DESC");
  const [score] = await rowsOf<{ groups: string }>(unit, "lead_scores");
  const [term] = JSON.parse(score?.groups ?? "[]") as [[string, null, number, number]];
  await env.DB.prepare("UPDATE lead_scores SET groups = ?2, at = ?3, event_id = ?4, event_count = ?5 WHERE unit = ?1")
    .bind(unit, JSON.stringify([[term[0], null, EVENTS, last?.at]]), last?.at ?? 0, last?.event_id ?? "", EVENTS)
    .run();
  await send(10, "view");
  expect(await scoreOf(client, lead)).toBe(EVENTS + 1);
  const blocks = await rowsOf<{ terms: string }>(unit, "score_blocks", "at");
  expect(blocks.length).toBeGreaterThan(2);
  const closed = blocks.reduce(
    (sum, { terms }) => sum + (JSON.parse(terms) as [string, null, number][]).reduce((all, [, , value]) => all + value, 0),
    0,
  );
  expect(closed).toBeGreaterThan(EVENTS / 2);
  expect(closed).toBeLessThanOrEqual(EVENTS + 1);
});

it("however old a late event is, it counts at its time", async () => {
  const before = await scoreOf(client, lead);
  await send(100, "view");
  expect(await scoreOf(client, lead)).toBe(before + 1);
  const past = await client.get(`/score/${lead}?at=${new Date(START + 200 * MINUTE_MS).toISOString()}`);
  // 201 stored events until then, and the late ones at 10 and 100
  expect(await past.json()).toMatchObject({ score: 203 });
});

const minutesOf = async (trigger: string) => (await ofTrigger(trigger)).map(({ fired_at }) => Math.floor((fired_at - START) / MINUTE_MS));

it("a window holds watched events only: a late pair fires however many other events came after it", async () => {
  const pair = { event_types: ["offer", "order"], window_seconds: 3600, window_unit: null, ordered: true };
  const sequence = await insertTrigger(unit, "sequence", pair);
  for (const n of [EVENTS - 100, 500]) {
    await send(n, "order");
    await send(n - 1, "offer");
  }
  expect(await minutesOf(sequence)).toEqual([500, EVENTS - 100]);
});

it("a late crossing fires among the newest 2,500 events; before them it fires nothing and moves nothing", async () => {
  const crossed = await insertTrigger(unit, "milestone", milestone(0, { fire_mode: "always" }));
  await send(EVENTS - EVALUATED + 400, "loss");
  await send(EVENTS - EVALUATED + 401, "gain");
  const fired = [EVENTS - EVALUATED + 401];
  expect(await minutesOf(crossed)).toEqual(fired);
  await send(EVENTS - EVALUATED - 400, "loss");
  await send(EVENTS - EVALUATED - 399, "gain");
  expect(await minutesOf(crossed)).toEqual(fired);
  // both counted: what is lost and gained cancels out
  expect(await scoreOf(client, lead)).toBe(EVENTS + 2);
});
