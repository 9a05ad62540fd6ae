/** Random merges, unmerges and writes: every alias and every event is one lead's, and every score is the fold of its events. */

import { describe, expect, it } from "vitest";
import { foldContributions } from "../../../src/core/scoring/replay";
import { asEmail, ingest, insertTrigger, milestone, mintRule, mintUnitTenant, rowsOf } from "../../support/events";
import { fc } from "../../support/fast-check";
import { leadIdOf, snapshotOf } from "../../support/merges";
import type { Client } from "../../support/tenant";

const LEADS = 4;
const email = (n: number) => `p${n}@example.com`;
const START = Date.now() - 86_400_000;

type Action =
  | { do: "event"; lead: number; minute: number; type: string }
  | { do: "patch"; lead: number; key: string; value: number }
  | { do: "merge"; into: number; from: number }
  | { do: "unmerge"; lead: number };

const lead = fc.integer({ min: 0, max: LEADS - 1 });
const event = fc.record({
  do: fc.constant("event" as const),
  lead,
  minute: fc.integer({ min: 0, max: 600 }),
  type: fc.constantFrom("x", "y", "z"),
});
const patch = fc.record({
  do: fc.constant("patch" as const),
  lead,
  key: fc.constantFrom("a", "b", "c"),
  value: fc.integer({ min: 0, max: 3 }),
});
const merging = fc.record({ do: fc.constant("merge" as const), into: lead, from: lead });
const unmerging = fc.record({ do: fc.constant("unmerge" as const), lead });
const write = fc.oneof(event, patch);

async function mintScored() {
  const tenant = await mintUnitTenant();
  await mintRule(tenant.client, { event_type: "x", weight: 10, half_life_days: 0.1 });
  await mintRule(tenant.client, { event_type: "y", weight: -4 });
  await insertTrigger(tenant.unit, "milestone", milestone(15, { fire_mode: "always" }));
  await ingest(
    tenant.client,
    ...Array.from({ length: LEADS }, (_, n) => asEmail(email(n), "x", { timestamp: new Date(START).toISOString() })),
  );
  return tenant;
}

/** Carries an action out; returns whether something was merged. */
async function act(client: Client, action: Action): Promise<boolean> {
  switch (action.do) {
    case "event":
      await ingest(client, asEmail(email(action.lead), action.type, { timestamp: new Date(START + action.minute * 60_000).toISOString() }));
      return false;
    case "patch":
      await client.patch("/lead/by-alias/metadata", { alias_value: email(action.lead), attributes: { [action.key]: action.value } });
      return false;
    case "merge": {
      const [into, from] = [await leadIdOf(client, email(action.into)), await leadIdOf(client, email(action.from))];
      if (into === from) return false;
      const answer = await client.post("/leads/merge", { targetLeadId: into, sourceLeadIds: [from] });
      expect(answer.status, await answer.clone().text()).toBe(200);
      return true;
    }
    case "unmerge": {
      const answer = await client.post(`/leads/${await leadIdOf(client, email(action.lead))}/unmerge`);
      expect([200, 409], await answer.clone().text()).toContain(answer.status);
      return false;
    }
  }
}

type Row = Record<string, string | number | null>;

async function check(unit: number): Promise<void> {
  const read = (table: string) => rowsOf<Row>(unit, table);
  const [leads, aliases, events, contributions, scores, firings, counts] = await Promise.all(
    ["leads", "aliases", "events", "contributions", "lead_scores", "firings", "lead_counts"].map(read),
  );
  const ids = new Set(leads?.map(({ lead_id }) => lead_id));
  const listed = leads?.flatMap((row) =>
    (JSON.parse(String(row.aliases)) as string[][]).map(([kind, value]) => `${kind}:${value}=${row.lead_id}`),
  );
  expect(listed?.sort()).toEqual(aliases?.map(({ kind, value, lead_id }) => `${kind}:${value}=${lead_id}`).sort());
  expect(aliases).toHaveLength(LEADS);
  const ownerOf = new Map(events?.map(({ event_id, lead_id }) => [event_id, lead_id]));
  for (const row of [...(events ?? []), ...(scores ?? []), ...(firings ?? [])]) expect(ids).toContain(row.lead_id);
  for (const row of [...(contributions ?? []), ...(firings ?? [])]) expect(ownerOf.get(row.event_id ?? "")).toBe(row.lead_id);
  expect(counts?.reduce((sum, { leads: n }) => sum + Number(n), 0)).toBe(leads?.length);
  for (const score of scores ?? []) {
    const own = contributions?.filter(({ lead_id }) => lead_id === score.lead_id) ?? [];
    const inOrder = own.toSorted(
      (a, b) => Number(a.at) - Number(b.at) || (`${a.event_id} ${a.rule_id}` < `${b.event_id} ${b.rule_id}` ? -1 : 1),
    );
    expect(JSON.parse(String(score.groups))).toEqual(foldContributions(inOrder as never));
    const mine = events?.filter(({ lead_id }) => lead_id === score.lead_id) ?? [];
    expect(score.event_count).toBe(mine.length);
    expect(score.last_event_at).toBe(Math.max(...mine.map(({ occurred_at }) => Number(occurred_at))));
  }
}

describe("random merges", () => {
  it("keep every alias and event with one lead, and every score the fold of its events, whatever comes between", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(write, write, merging, unmerging), { minLength: 6, maxLength: 14 }), async (actions) => {
        const { client, unit } = await mintScored();
        for (const action of actions) await act(client, action);
        await check(unit);
      }),
      { numRuns: 6 },
    );
  });

  it("leave the same bytes in every table once they are taken back, the newest first", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 8 }), fc.array(merging, { minLength: 1, maxLength: 3 }), async (writes, merges) => {
        const { client, unit } = await mintScored();
        for (const action of writes) await act(client, action);
        const before = [await snapshotOf(unit)];
        const targets: string[] = [];
        for (const action of merges) {
          const target = await leadIdOf(client, email(action.into));
          if (!(await act(client, action))) continue;
          targets.push(target);
          before.push(await snapshotOf(unit));
        }
        for (const target of targets.reverse()) {
          before.pop();
          expect((await client.post(`/leads/${target}/unmerge`)).status).toBe(200);
          expect(await snapshotOf(unit)).toEqual(before.at(-1));
        }
      }),
      { numRuns: 5 },
    );
  });
});
