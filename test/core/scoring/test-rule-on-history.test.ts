/** A rule that is not saved, tried on what happened: whom it would have given points, when, and which levels they would be at. */
import { expect, it } from "vitest";
import { createLevel, createRule, createRuleset, testRuleOnHistory } from "../../../src/core/scoring";
import { HISTORY_TRIAL_SQL } from "../../../src/core/scoring/trial-store";
import { mintCtx } from "../../support/context";
import { asEmail, ingest, storedEvents } from "../../support/events";
import { planOf } from "../../support/query-plans";
import { countingD1 } from "../../support/worker";

const DAY_MS = 86_400_000;

async function mintHistory() {
  const { DB, count } = countingD1();
  const ctx = await mintCtx({ DB });
  const now = ctx.now();
  const visit = (email: string, days: number, path: string) =>
    asEmail(email, "Page View", { timestamp: new Date(now - days * DAY_MS).toISOString(), metadata: { path } });
  const { ruleset_id } = await createRuleset(ctx, { name: "Engagement" });
  await createRule(ctx, ruleset_id, { event_type: "Page View", weight: 10 });
  await createLevel(ctx, { name: "Cold", min_score: 0, max_score: 19 });
  await createLevel(ctx, { name: "Hot", min_score: 30 });
  await ingest(
    ctx.tenant.client,
    visit("ann@example.com", 1.5, "/pricing"),
    visit("ann@example.com", 0.5, "/pricing/teams"),
    visit("bob@example.com", 1.4, "/pricing"),
    visit("bob@example.com", 1.3, "/blog"),
    visit("cy@example.com", 40, "/pricing"),
    asEmail("dot@example.com", "Demo Request"),
  );
  count.trips = 0;
  return { ctx, now, count };
}

const TRIED = { event_type: "page_view", weight: 5, attribute_filters: [{ field: "path", operator: "starts_with", value: "/pricing" }] };

it("counts matching events and their leads by period, and the levels of these leads as they are and as they would be", async () => {
  const { ctx, now, count } = await mintHistory();
  const before = await storedEvents(ctx.unit.unit);
  const found = await testRuleOnHistory(ctx, TRIED as never, [now - 2 * DAY_MS, now - DAY_MS]);
  expect(found).toMatchObject({
    events_checked: 4,
    matching_events: 3,
    leads: 2,
    truncated: false,
    periods: [
      { at: now - 2 * DAY_MS, events: 2, leads: 2 },
      { at: now - DAY_MS, events: 1, leads: 1 },
    ],
    levels: [
      { level: { name: "Cold" }, before: 0, after: 0 },
      { level: { name: "Hot" }, before: 0, after: 1 },
      { level: null, before: 2, after: 1 },
    ],
  });
  expect(found.samples.map(({ points, current_score, projected_score }) => [points, current_score, projected_score])).toEqual([
    [10, 20, 30],
    [5, 20, 25],
  ]);
  expect(count.trips).toBe(3);
  expect(await storedEvents(ctx.unit.unit)).toEqual(before);
});

it("points that would have decayed since are counted as what is left of them", async () => {
  const { ctx, now } = await mintHistory();
  const rule = { event_type: "Page View", weight: 640, half_life_days: 10, attribute_filters: [] };
  const { samples } = await testRuleOnHistory(ctx, rule, [now - 60 * DAY_MS]);
  expect(samples.map(({ points }) => Math.round(points))).toEqual([1195, 1166, 40]);
});

it("a type that nobody sends matches nothing", async () => {
  const { ctx, now } = await mintHistory();
  const found = await testRuleOnHistory(ctx, { event_type: "Signup", weight: 5 }, [now - DAY_MS]);
  expect(found).toMatchObject({ events_checked: 0, matching_events: 0, leads: 0, truncated: false, samples: [] });
});

it("the newest events are found by their time, and each by its whole key", async () => {
  expect((await planOf(HISTORY_TRIAL_SQL.recentOfType)).join("\n")).toMatch(
    /SEARCH events USING COVERING INDEX events_by_time \(unit=\? AND occurred_at>\?\)[\s\S]*SEARCH e USING PRIMARY KEY \(unit=\? AND lead_id=\? AND occurred_at=\? AND event_id=\?\)/,
  );
  expect((await planOf(HISTORY_TRIAL_SQL.eventsSince)).join("\n")).toMatch(/COVERING INDEX events_by_time \(unit=\? AND occurred_at>\?\)/);
});
