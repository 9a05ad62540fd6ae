/** What merges cost: D1 round trips and rows written, and no statement that reads all that a unit has of something. */
import { describe, expect, it } from "vitest";
import { asEmail, deliverEvents, ingest, insertTrigger, milestone, mintRule, mintUnitTenant, queueEvents } from "../../support/events";
import { leadIdOf, leadWith } from "../../support/merges";
import { planOf } from "../../support/query-plans";
import { type Client, mintLead } from "../../support/tenant";
import { countingD1, type D1Count } from "../../support/worker";

/** A POST's cost; the directory's look-ups of the caller are not part of it. */
async function costOf(client: Client, path: string, json?: unknown): Promise<D1Count> {
  const { DB, count } = countingD1();
  const answer = await client.call("POST", path, { ...(json === undefined ? {} : { json }), bindings: { DB } });
  expect(answer.ok, `${path}: ${await answer.clone().text()}`).toBe(true);
  return count;
}

const view = (n: number, of: string) => ({
  event_type: "x",
  event_id: `${of}-${n}`,
  timestamp: new Date(Date.now() - n * 60_000).toISOString(),
});

async function mintPair(events: number) {
  const tenant = await mintUnitTenant();
  await mintRule(tenant.client, { event_type: "x", weight: 5, half_life_days: 7 });
  const leads = events === 0 ? ["t", "s"].map((name) => mintLead(tenant.client, { email: `${name}@example.com` })) : [];
  const [target = "", source = ""] =
    events === 0
      ? await Promise.all(leads)
      : await Promise.all(
          ["t", "s"].map((name) =>
            leadWith(
              tenant.client,
              `${name}@example.com`,
              Array.from({ length: events }, (_, n) => view(n, name)),
            ),
          ),
        );
  // warms the caches of credentials and units
  await tenant.client.get(`/lead/${target}`);
  return { ...tenant, target, source };
}

describe("round trips and rows written", () => {
  it("a merge of leads without events: two round trips; taken back in six", async () => {
    const { client, target, source } = await mintPair(0);
    const merged = await costOf(client, "/leads/merge", { targetLeadId: target, sourceLeadIds: [source] });
    expect(merged.trips).toBe(2);
    expect(merged.rowsWritten).toBeLessThanOrEqual(45);
    const undone = await costOf(client, `/leads/${target}/unmerge`);
    expect(undone.trips).toBeLessThanOrEqual(6);
    expect(undone.rowsWritten).toBeLessThanOrEqual(45);
  });

  it("with events: three more, and at most ten rows for each event that moves", async () => {
    const EVENTS = 40;
    const { client, target, source } = await mintPair(EVENTS);
    const merged = await costOf(client, "/leads/merge", { targetLeadId: target, sourceLeadIds: [source] });
    expect(merged.trips).toBeLessThanOrEqual(5);
    expect(merged.rowsWritten).toBeLessThanOrEqual(55 + 10 * EVENTS);
    const undone = await costOf(client, `/leads/${target}/unmerge`);
    expect(undone.trips).toBeLessThanOrEqual(10);
    expect(undone.rowsWritten).toBeLessThanOrEqual(55 + 10 * EVENTS);
  });

  it("an event of a merged lead costs no more round trips than another", async () => {
    const { client, target, source } = await mintPair(2);
    await costOf(client, "/leads/merge", { targetLeadId: target, sourceLeadIds: [source] });
    const trips = async (event: Parameters<typeof queueEvents>[1]) => {
      const messages = await queueEvents(client, event);
      const { DB, count } = countingD1();
      await deliverEvents(messages, { DB });
      return count.trips;
    };
    const plain = await trips({ lead_id: target, event_type: "x" });
    expect(await trips({ lead_id: source, event_type: "x" })).toBe(plain);
    expect(await trips(asEmail("s@example.com", "x"))).toBe(plain);
  });

  it("an erasure: a fixed number of round trips, whatever else the unit has", async () => {
    const few = await mintPair(2);
    const many = await mintPair(2);
    await ingest(many.client, ...Array.from({ length: 50 }, (_, n) => asEmail(`p${n}@example.com`, "x")));
    const [a, b] = [await costOf(few.client, `/lead/${few.source}/erase`), await costOf(many.client, `/lead/${many.source}/erase`)];
    expect(b.trips).toBe(a.trips);
    expect(a.trips).toBeLessThanOrEqual(20);
    expect(b.rowsWritten).toBe(a.rowsWritten);
  });
});

describe("no statement", () => {
  it("scans what a unit has many of, nor reads all of it", async () => {
    const { client, unit, target, source } = await mintPair(3);
    await insertTrigger(unit, "milestone", milestone(5, { fire_mode: "always" }));
    const third = await leadWith(client, "o@example.com", [view(9, "o")]);
    await client.post(`/lead/${source}/aliases`, { kind: "email", value: "o@example.com" });
    await client.post(`/lead/${third}/aliases`, { kind: "email", value: "t@example.com" });
    const { DB, count } = countingD1();
    const call = async (method: string, path: string, json?: unknown) => {
      const answer = await client.call(method, path, { ...(json === undefined ? {} : { json }), bindings: { DB } });
      expect(answer.ok, `${method} ${path}: ${await answer.clone().text()}`).toBe(true);
      return answer;
    };
    const { conflicts } = await (await call("GET", "/identity/conflicts")).json<{ conflicts: { id: string }[] }>();
    await call("GET", "/identity/conflicts?kind=email");
    await call("GET", `/identity/conflicts?lead_id=${target}`);
    await call("GET", "/leads/duplicates");
    await call("POST", "/leads/merge/preview", { targetLeadId: target, sourceLeadIds: [source] });
    await call("POST", "/leads/merge", { targetLeadId: target, sourceLeadIds: [source] });
    await call("GET", `/lead/${source}?follow=true`);
    await call("POST", `/leads/${target}/unmerge`);
    await call("POST", `/identity/conflicts/${conflicts[0]?.id}/resolve`, { action: "keep_apart" });
    await call("POST", `/identity/conflicts/${conflicts[1]?.id}/resolve`, { action: "move" });
    await call("POST", "/identity/blocked-values", { kind: "email", value: "o@example.com" });
    await call("POST", `/lead/${await leadIdOf(client, "s@example.com")}/erase`);
    const MANY =
      "events|e|contributions|c|leads|l|aliases|a|lead_scores|s|firings|f|alias_conflicts|merged_leads|m|withheld_aliases|w|lead_terms|t";
    const scan = new RegExp(`^SCAN (${MANY})\\b`);
    const wholeUnit = new RegExp(`^SEARCH (${MANY}) USING (PRIMARY KEY|INDEX \\w+|COVERING INDEX \\w+) \\(unit=\\?\\)$`);
    const found: string[] = [];
    for (const text of new Set(count.statements)) {
      // looks at the unit's own table of withheld values, or at any row of it; `s` are slices of logs there, `t` the terms
      if (/withheld_aliases x|FROM json_each\(\?2\) t|json_each\(\?3\) t|ORDER BY \w+ DESC|rulesets s/.test(text)) continue;
      for (const detail of await planOf(text)) {
        if (detail.includes("VIRTUAL TABLE")) continue;
        if (scan.test(detail) || wholeUnit.test(detail)) found.push(`${detail}: ${text.replace(/\s+/g, " ").slice(0, 200)}`);
      }
    }
    expect(found).toEqual([]);
  });
});
