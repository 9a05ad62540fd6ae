/** No statement of events, scores and firings scans what a unit has many of: every one that is sent is captured and its plan read. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { PROFILE_SQL } from "../../../src/core/events/profiles";
import { EVENT_SQL } from "../../../src/core/events/store";
import { TIMELINE_SQL } from "../../../src/core/events/timeline-store";
import { BULK_SQL } from "../../../src/core/leads/bulk-store";
import { LEDGER_SQL } from "../../../src/core/scoring/ledger-store";
import { SCORE_SQL } from "../../../src/core/scoring/store";
import { TRIAL_SQL } from "../../../src/core/scoring/trial-store";
import { TRIGGER_SQL } from "../../../src/core/triggers/store";
import {
  asEmail,
  blockEndingIds,
  deliverDead,
  deliverEvents,
  ingest,
  insertTrigger,
  milestone,
  mintRule,
  mintRuleset,
  mintUnitTenant,
  post,
  queueEvents,
} from "../../support/events";
import { planOf } from "../../support/query-plans";
import { countingD1 } from "../../support/worker";

// those of segments: test/core/memberships
const { activeOfSegments: _, ...EVENT_TRIGGER_SQL } = TRIGGER_SQL;
const SQL = { ...EVENT_SQL, ...PROFILE_SQL, ...TIMELINE_SQL, ...SCORE_SQL, ...LEDGER_SQL, ...TRIAL_SQL, ...EVENT_TRIGGER_SQL };
/** Tables of which a unit may have millions of rows, with the names that statements give them. */
const MANY = "events|e|contributions|c|leads|l|aliases|a|lead_scores|s|firings|f|refused_events|event_keys|k";

let statements: string[];
beforeAll(async () => {
  statements = await capture();
});

/** Every statement of a life of events: new, known, late, repeated, rejected and dead ones, read in every way. */
async function capture(): Promise<string[]> {
  const { DB, count } = countingD1();
  const bindings = { DB };
  const { client, unit } = await mintUnitTenant();
  const call = async (method: string, path: string, json?: unknown) => {
    const answer = await client.call(method, path, json === undefined ? { bindings } : { json, bindings });
    expect(answer.ok, `${method} ${path}: ${await answer.clone().text()}`).toBe(true);
    return answer;
  };
  const ruleset = await mintRuleset(client);
  const rule = await mintRule(client, { event_type: "x", weight: 10, half_life_days: 0.1 }, ruleset);
  await mintRule(client, { event_type: "y", weight: -30 }, ruleset);
  await insertTrigger(unit, "milestone", milestone(10, { fire_mode: "always" }));
  await insertTrigger(unit, "sequence", { event_types: ["x", "y"], window_seconds: 86_400, window_unit: null, ordered: true });
  const at = (hours: number) => ({ timestamp: new Date(Date.now() - hours * 3_600_000).toISOString() });
  const send = async (...events: Parameters<typeof queueEvents>[1][]) => {
    const messages = await queueEvents(client, ...events);
    for (const event of messages.flatMap((message) => message.events)) {
      if (event.event_id === "keyed") event.idempotency_key = "key-1";
      if (event.event_type === "y") event.traits = { company: "Acme" };
    }
    await deliverEvents(messages, bindings);
    return messages;
  };
  await send(
    asEmail("c@example.com", "x", at(10)),
    asEmail("c@example.com", "x", { ...at(9), event_id: blockEndingIds(1)[0] }),
    asEmail("a@example.com", "x", at(2)),
    asEmail("b@example.com", "x", { ...at(200), event_id: "keyed" }),
  );
  const again = await send(asEmail("a@example.com", "x"), asEmail("b@example.com", "y"));
  // late ones, which take firings away
  await send(asEmail("a@example.com", "y", at(5)), asEmail("a@example.com", "x", at(3)));
  await deliverEvents(again, bindings);
  const rejected = await send({ lead_id: "ld_abc123", event_type: "x" });
  await deliverDead(rejected, bindings);
  const { events } = await (await call("GET", "/events")).json<{ events: { id: string; lead_id: string }[] }>();
  const lead = events[0]?.lead_id ?? "";
  await send({ lead_id: lead, event_type: "x" });
  const day = `at=${new Date(Date.now() - 3 * 3_600_000).toISOString()}`;
  for (const path of [
    "/events?event_type=x&range=last_7d&page=2",
    `/events/${lead}?event_type=x&range=last_7d`,
    "/event-types",
    "/event-stats",
    "/events-analytics?event_type=x",
    `/ingest/receipts/${events[0]?.id}`,
    "/ingest/rejected",
    `/score/${lead}`,
    `/score/${lead}?${day}`,
    `/lead/${lead}/score-explain`,
    `/lead/${lead}/score-history`,
    "/top-leads",
    "/engagement-scoring/rulesets",
    `/engagement-scoring/rulesets/${ruleset}`,
    `/engagement-scoring/rulesets/${ruleset}/rules`,
    "/engagement-levels",
  ])
    await call("GET", path);
  const attribute_filters = [{ field: "path", operator: "exists" }];
  await call("POST", "/engagement-scoring/test", { lead_id: lead, rule: { event_type: "x", weight: 1, attribute_filters } });
  const level = await post<{ id: string }>(client, "/engagement-levels", { name: "Cold", min_score: 0 });
  await call("POST", "/engagement-levels", { name: "Below", min_score: -10, max_score: -1 });
  await call("PUT", `/engagement-levels/${level.id}`, { min_score: 1 });
  await call("DELETE", `/engagement-levels/${level.id}`);
  await call("PUT", `/rules/${rule}`, { weight: 11 });
  await call("DELETE", `/rules/${rule}`);
  await call("PUT", `/engagement-scoring/rulesets/${ruleset}`, { active: false });
  await call("DELETE", `/engagement-scoring/rulesets/${ruleset}`);
  return [...new Set(count.statements)];
}

it("the capture holds every statement there is", () => {
  const missing = Object.entries(SQL).filter(([, text]) => !statements.includes(text));
  expect(missing.map(([name]) => name)).toEqual([]);
});

it("no statement scans a table of which a unit has many rows, nor reads all that the unit has of it", async () => {
  const scan = new RegExp(`^SCAN (${MANY})\\b`);
  const wholeUnit = new RegExp(`^SEARCH (${MANY}) USING (PRIMARY KEY|INDEX \\w+|COVERING INDEX \\w+) \\(unit=\\?\\)$`);
  const found: string[] = [];
  for (const text of statements) {
    for (const detail of await planOf(text)) {
      // `s`, `r` and `f` are rulesets, rules and JSON there; an overview of all time counts one short row for each lead
      if ([SCORE_SQL.activeRules, SCORE_SQL.snapshot, TIMELINE_SQL.leadsEver, BULK_SQL.updateLeads].some((known) => known === text))
        continue;
      if (scan.test(detail) || wholeUnit.test(detail)) found.push(`${detail}: ${text.replace(/\s+/g, " ").slice(0, 160)}`);
    }
  }
  expect(found).toEqual([]);
});

it("what a batch does to stored rows finds them by as much of their key as there is to know", async () => {
  const plans: Partial<Record<keyof typeof SQL, RegExp>> = {
    known: /SEARCH e USING COVERING INDEX events_by_id \(unit=\? AND event_id=\?\)/,
    keys: /SEARCH k USING PRIMARY KEY \(unit=\? AND idempotency_key=\?\)/,
    held: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
    aliasCounts: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
    since:
      /SEARCH e USING PRIMARY KEY \(unit=\? AND lead_id=\? AND occurred_at=\? AND event_id=\?\)[\s\S]*SEARCH x USING PRIMARY KEY \(unit=\? AND lead_id=\? AND occurred_at>\?\)/,
    afterLate: /SEARCH x USING PRIMARY KEY \(unit=\? AND lead_id=\? AND occurred_at>\?\)/,
    leadsStillExist: /SEARCH l USING (COVERING )?(PRIMARY KEY|INDEX \w+) \(unit=\? AND lead_id=\?\)/,
    scores: /SEARCH s USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
    scoresStillHold: /SEARCH s USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
    blocksOfLate: /SEARCH b USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
    ranges: /SEARCH c USING PRIMARY KEY \(unit=\? AND lead_id=\? AND \(at,event_id\)>\(\?,\?\) AND \(at,event_id\)<\(\?,\?\)\)/,
    page: /SEARCH c USING PRIMARY KEY \(unit=\? AND lead_id=\? AND \(at,event_id\)>\(\?,\?\) AND at<\?\)/,
    blocksUntil: /SEARCH score_blocks USING PRIMARY KEY \(unit=\? AND lead_id=\? AND at<\?\)/,
    firings: /SEARCH f USING PRIMARY KEY \(unit=\? AND lead_id=\? AND trigger_id=\? AND n>\?\)/,
    activeRules:
      /SEARCH s USING INDEX rulesets_living \(unit=\? AND active=\?\)[\s\S]*SEARCH r USING INDEX rules_living \(unit=\? AND ruleset_id=\? AND active=\?\)/,
    active: /SEARCH triggers USING INDEX triggers_living \(unit=\? AND active=\?\)/,
    removeFirings: /SEARCH firings USING PRIMARY KEY \(unit=\? AND lead_id=\? AND trigger_id=\? AND n=\?\)/,
    accept: /SEARCH refused_events USING PRIMARY KEY \(unit=\? AND event_id=\?\)/,
    refuse: /SEARCH e USING (COVERING )?INDEX events_by_id \(unit=\? AND event_id=\?\)/,
    lowerBounds: /SEARCH s USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
  };
  for (const [name, plan] of Object.entries(plans)) expect((await planOf(SQL[name as keyof typeof SQL])).join("\n"), name).toMatch(plan);
});

it("lists come from an index in their order: nothing is sorted to be shown", async () => {
  const sorted = async (text: string) => (await planOf(text)).filter((detail) => detail.includes("TEMP B-TREE"));
  expect(await sorted(TIMELINE_SQL.ofLead)).toEqual([]);
  expect(await sorted(SCORE_SQL.byBound)).toEqual([]);
  expect(await sorted(LEDGER_SQL.page)).toEqual([]);
  expect(await sorted(LEDGER_SQL.blocksUntil)).toEqual([]);
  expect(await sorted(TRIAL_SQL.newestOfType)).toEqual([]);
  // the page itself, of a hundred at most, may be
  expect((await planOf(TIMELINE_SQL.events)).join("\n")).toMatch(
    /SEARCH events USING COVERING INDEX events_by_time \(unit=\? AND occurred_at>\? AND occurred_at<\?\)/,
  );
  expect((await planOf(TIMELINE_SQL.leads)).join("\n")).toMatch(/USING COVERING INDEX events_by_time/);
  const rejected = statements.find((text) => text.includes("ORDER BY refused_at DESC")) ?? "";
  expect(await sorted(rejected)).toEqual([]);
});

it("tables of events have no rowid, and no index but the ones that a reader pays for", async () => {
  const names = [
    "events",
    "event_keys",
    "refused_events",
    "event_types",
    "event_counts",
    "contributions",
    "lead_scores",
    "score_blocks",
    "rules",
    "rulesets",
    "engagement_levels",
    "triggers",
    "firings",
  ];
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all<{ name: string; sql: string }>();
  const tables = results.filter(({ name }) => names.includes(name));
  expect(tables.map(({ name }) => name).sort()).toEqual(names.toSorted());
  expect(tables.filter(({ sql }) => !/\)\s*WITHOUT ROWID\s*$/.test(sql))).toEqual([]);
  const indexes = await env.DB.prepare("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").all<{
    name: string;
    tbl_name: string;
  }>();
  expect(
    indexes.results
      .filter(({ tbl_name }) => names.includes(tbl_name))
      .map(({ name }) => name)
      .sort(),
  ).toEqual([
    "event_keys_by_event",
    "events_by_id",
    "events_by_time",
    "firings_by_time",
    "lead_scores_by_bound",
    "refused_events_by_original",
    "refused_events_by_time",
    "rules_living",
    "rulesets_living",
    "triggers_living",
  ]);
});

it("a batch reads a few rows of each lead, however many there are", async () => {
  const { client } = await mintUnitTenant();
  await mintRule(client, { event_type: "x", weight: 1 });
  for (let part = 0; part < 3; part++) await ingest(client, ...Array.from({ length: 200 }, (_, n) => asEmail(`p${n}@example.com`, "x")));
  const { DB, count } = countingD1();
  await deliverEvents(await queueEvents(client, asEmail("p7@example.com", "x")), { DB });
  expect(count.rowsRead).toBeLessThan(60);
});
