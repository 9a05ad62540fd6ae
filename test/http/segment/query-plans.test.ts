/** What a call does to stored rows finds them by their keys. */
import { expect, it } from "vitest";
import { GROUP_SQL } from "../../../src/core/accounts/link-groups";
import { CALL_SQL } from "../../../src/core/events/calls-store";
import { BULK_SQL } from "../../../src/core/leads/bulk-store";
import { planOf } from "../../support/query-plans";

const SQL = {
  ...GROUP_SQL,
  restate: BULK_SQL.restate,
  knownCalls: CALL_SQL.known,
  insertCalls: CALL_SQL.insert,
  acceptCalls: CALL_SQL.accept,
};

/** JSON may be scanned: it holds the batch. */
const TABLE_SCAN = /^SCAN (f|g|a|l|leads|accounts|account_groups|fact_calls|refused_events)\b(?! VIRTUAL)/;
const WHOLE_UNIT = /^SEARCH (f|g|a|l|leads|accounts|account_groups|fact_calls|refused_events) .*\(unit=\?\)$/;

it.each(Object.entries(SQL))("%s neither scans a table nor reads all of a unit", async (_, text) => {
  const plan = await planOf(text);
  expect(plan.filter((detail) => TABLE_SCAN.test(detail) || WHOLE_UNIT.test(detail))).toEqual([]);
});

it("a known call, a known group and a lead that is stated again are found by their whole keys", async () => {
  expect((await planOf(CALL_SQL.known)).join("\n")).toMatch(/SEARCH f USING PRIMARY KEY \(unit=\? AND event_id=\?\)/);
  expect((await planOf(GROUP_SQL.known)).join("\n")).toMatch(/SEARCH g USING PRIMARY KEY \(unit=\? AND group_id=\?\)/);
  expect((await planOf(BULK_SQL.restate)).join("\n")).toMatch(/SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/);
});
