/** The scores of today: those of all leads, or exactly those of the leads with the most points, and the rest is said to be missing. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { scoreCounts, scoreDistribution } from "../../../src/core/scoring";
import { mintCtx } from "../../support/context";
import { asEmail, ingest, mintRule } from "../../support/events";
import { countingD1 } from "../../support/worker";

it("counts leads by their scores as they are now, rounded down", async () => {
  const ctx = await mintCtx();
  const { client } = ctx.tenant;
  await mintRule(client, { event_type: "Page View", weight: 10 });
  await mintRule(client, { event_type: "Visit", weight: 16, half_life_days: 1 });
  const yesterday = { timestamp: new Date(ctx.now() - 86_400_000).toISOString() };
  await ingest(
    client,
    asEmail("ann@example.com"),
    asEmail("ann@example.com"),
    asEmail("bob@example.com"),
    asEmail("cy@example.com"),
    asEmail("dot@example.com", "Visit", yesterday),
    asEmail("eve@example.com", "Other"),
  );
  expect(await scoreCounts(ctx)).toEqual({
    scores: [
      [0, 1],
      [7, 1],
      [10, 2],
      [20, 1],
    ],
    leads: 5,
    complete_from: null,
  });
});

it("of very many leads reads 5,000, those with the most points, and says from which score on every lead is counted", async () => {
  const { DB, count } = countingD1();
  const ctx = await mintCtx({ DB });
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5099)
     INSERT INTO lead_scores (unit, lead_id, groups, at, event_id, last_event_at, event_count, version, bound)
     SELECT ?1, printf('%032x', i), json_array(json_array('rs_1', NULL, i / 51, 0)), 0, 'e', 0, 1, 1, i / 51 FROM n`,
  )
    .bind(ctx.unit.unit)
    .run();
  count.trips = 0;
  const { scores, leads, complete_from } = await scoreCounts(ctx);
  // of the 51 leads with 1 point two are read
  expect([leads, complete_from, scores[0], scores[1], scores.at(-1)]).toEqual([5_000, 2, [1, 2], [2, 51], [99, 51]]);
  expect(count.trips).toBe(1);
  expect((await scoreDistribution(ctx)).complete_from).toBe(2);
});
