/** A preview of many leads with many events reads a bounded number of rows, says that it is incomplete, and goes on by its cursor. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { compareSegments, createSegment, previewRules } from "../../../src/core/segments";
import { openSystem } from "../../../src/open-context";
import { mintCtx } from "../../support/context";
import { countingD1 } from "../../support/worker";

const LEADS = 300;
const EVENTS = 500;
const BUSY = { type: "event_count", event_type: "Page View", operator: "greater_or_equal", value: 500 };
const OTHER = { type: "event_metadata", field: "path", operator: "contains", value: "nowhere" };

const upTo = (last: number) =>
  `(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${last}) SELECT value FROM n)`;

let unit: number;
beforeAll(async () => {
  ({
    unit: { unit },
  } = await mintCtx());
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
       SELECT ?1, printf('%032x', n.value), '{"plan":"pro"}', '[]', 1, 0, 0 FROM ${upTo(LEADS)} n`,
    ).bind(unit),
    env.DB.prepare(
      `INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, metadata, received_at, processed_at, silent, score_before, score_after)
       SELECT l.unit, l.lead_id, n.value, printf('%s-%d', l.lead_id, n.value), 'Page View', 'page view', '{"path":"/x"}', 0, 0, 0, 0, 0
       FROM leads l CROSS JOIN ${upTo(EVENTS)} n
       WHERE l.unit = ?1`,
    ).bind(unit),
    env.DB.prepare(
      `INSERT INTO lead_scores (unit, lead_id, groups, at, event_id, last_event_at, event_count, version, bound)
       SELECT unit, lead_id, '[]', 0, '', 0, ${EVENTS}, 1, 0 FROM leads WHERE unit = ?1`,
    ).bind(unit),
  ]);
});

describe("150,000 events", () => {
  it("a preview reads 50,000 events a request, some 150,000 rows as D1 counts them; its parts add up to all leads", async () => {
    const { DB, count } = countingD1();
    const ctx = await openSystem({ ...env, DB }, unit, "req_test");
    let [found, requests, cursor] = [0, 0, undefined as string | undefined];
    do {
      count.rowsRead = 0;
      const part = await previewRules(ctx, BUSY, cursor);
      expect(count.rowsRead).toBeLessThan(160_000);
      expect(part.complete).toBe(part.next_cursor === null);
      [found, requests, cursor] = [found + part.count, requests + 1, part.next_cursor ?? undefined];
    } while (cursor !== undefined);
    expect([found, requests]).toEqual([LEADS, 3]);
  });

  it("a comparison of two segments reads no more", async () => {
    const { DB, count } = countingD1();
    const ctx = await openSystem({ ...env, DB }, unit, "req_test");
    const [a, b] = [await createSegment({ ...ctx }, { name: "A", rules: BUSY }), await createSegment(ctx, { name: "B", rules: OTHER })];
    count.rowsRead = 0;
    const part = await compareSegments(ctx, a.segment_id, b.segment_id);
    expect(part).toMatchObject({ b: 0, both: 0, complete: false });
    expect(part.a).toBe(part.checked);
    expect(part.next_cursor).toMatch(/^sc_/);
    expect(count.rowsRead).toBeLessThan(160_000);
  });

  it("a cursor that no response returned is invalid_request", async () => {
    const ctx = await openSystem(env, unit, "req_test");
    await expect(previewRules(ctx, BUSY, "sc_x")).rejects.toMatchObject({ code: "invalid_request" });
  });
});
