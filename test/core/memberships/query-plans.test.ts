/** No statement of memberships scans what a unit has many of. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { MEMBERSHIP_SQL } from "../../../src/core/memberships/store";
import { WATCH_SQL } from "../../../src/core/segments/watch-store";
import { planOf } from "../../support/query-plans";

const SEARCHES: Record<keyof typeof MEMBERSHIP_SQL, RegExp[]> = {
  lane: [/SEARCH segment_lanes USING PRIMARY KEY \(unit=\?\)/],
  watches: [/SEARCH w USING PRIMARY KEY \(unit=\?\)/, /SEARCH s USING PRIMARY KEY \(unit=\? AND segment_id=\?\)/],
  queue: [/SEARCH segment_queue USING PRIMARY KEY \(unit=\?\)/],
  due: [/SEARCH segment_members USING .*INDEX segment_members_due \(unit=\? AND due_at<\?\)/],
  nextDue: [/SEARCH segment_members USING .*INDEX segment_members_due \(unit=\?/],
  accounts: [/SEARCH segment_accounts USING PRIMARY KEY \(unit=\?\)/],
  leadsOfAccount: [/SEARCH leads USING .*INDEX leads_by_account \(unit=\? AND account_id=\? AND lead_id>\?\)/],
  leads: [/SEARCH leads USING PRIMARY KEY \(unit=\? AND lead_id>\?\)/],
  members: [/SEARCH m USING PRIMARY KEY \(unit=\? AND segment_id=\? AND lead_id=\?\)/],
  lastFirings: [/SEARCH f USING PRIMARY KEY \(unit=\? AND lead_id=\? AND trigger_id=\?\)/],
  isLaneAsLoaded: [/SEARCH segment_lanes USING PRIMARY KEY/],
  moveLane: [/SEARCH segment_lanes USING PRIMARY KEY/],
  leaveQueue: [/SEARCH segment_queue USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/],
  write: [],
  remove: [/SEARCH segment_members USING PRIMARY KEY \(unit=\? AND segment_id=\? AND lead_id=\?\)/],
  fire: [],
  scanned: [/SEARCH segment_watches USING PRIMARY KEY \(unit=\?\)/],
  dueAccounts: [/SEARCH segment_account_scores USING .*INDEX segment_account_scores_due \(unit=\? AND due_at<\?\)/],
  nextDueAccount: [/SEARCH segment_account_scores USING .*INDEX segment_account_scores_due \(unit=\?/],
  unknownAccounts: [/SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/, /SEARCH s USING PRIMARY KEY \(unit=\? AND account_id=\?\)/],
  markAccounts: [],
  keepAccountScore: [/SEARCH segment_account_scores USING PRIMARY KEY \(unit=\? AND account_id=\?\)/],
  forgetAccountScore: [/SEARCH segment_account_scores USING PRIMARY KEY \(unit=\? AND account_id=\?\)/],
  walkAccount: [],
  accountChecked: [/SEARCH segment_accounts USING PRIMARY KEY \(unit=\? AND account_id=\?\)/],
  accountDone: [/SEARCH segment_accounts USING PRIMARY KEY \(unit=\? AND account_id=\?\)/],
  removeSlice: [/SEARCH segment_members USING PRIMARY KEY \(unit=\? AND segment_id=\?(?: AND lead_id=\?)?\)/],
  removeWatch: [/SEARCH segment_watches USING PRIMARY KEY \(unit=\? AND segment_id=\?\)/],
  move: [/SEARCH segment_members USING .*PRIMARY KEY \(unit=\? AND segment_id=\? AND lead_id=\?\)/],
  eraseMember: [/SEARCH segment_members USING PRIMARY KEY \(unit=\? AND segment_id=\? AND lead_id=\?\)/],
  eraseQueued: [/SEARCH segment_queue USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/],
};

it.each(Object.entries(SEARCHES))("%s finds its rows by key", async (name, searches) => {
  const plan = await planOf(MEMBERSHIP_SQL[name as keyof typeof MEMBERSHIP_SQL]);
  for (const search of searches) expect(plan, name).toContainEqual(expect.stringMatching(search));
  expect(plan.filter((step) => /^SCAN (?!r\b|json_each|\d|CONSTANT|\(subquery)/.test(step))).toEqual([]);
});

it.each(Object.entries(WATCH_SQL))("%s of a watch reads definitions only", async (_, text) => {
  expect((await planOf(text)).filter((step) => /^SCAN (?!CONSTANT|r VIRTUAL)/.test(step))).toEqual([]);
});

it("the database triggers that queue leads look for a watch by its unit", async () => {
  const { results } = await env.DB.prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'segment_queue%'").all<{
    sql: string;
  }>();
  expect(results).toHaveLength(4);
  for (const { sql } of results) expect(sql).toContain("WHEN EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1)");
  expect(await planOf("SELECT 1 FROM segment_watches WHERE unit = ?1 AND active = 1")).toEqual([
    expect.stringMatching(/SEARCH segment_watches USING PRIMARY KEY \(unit=\?\)/),
  ]);
});

it("a memberships table has no row id", async () => {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name LIKE 'segment%'").all<{
    name: string;
    sql: string;
  }>();
  expect(results).toHaveLength(7);
  expect(results.filter(({ sql }) => !/\)\s*WITHOUT ROWID\s*$/.test(sql))).toEqual([]);
});
