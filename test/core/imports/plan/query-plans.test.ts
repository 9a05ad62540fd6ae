/** A plan's statements find leads, aliases and conflicts by their whole keys. */
import { expect, it } from "vitest";
import { READS_SQL } from "../../../../src/core/imports/plan/reads";
import { KNOWN_CONFLICTS } from "../../../../src/core/imports/plan/rows-written";
import { DIFFS_SQL } from "../../../../src/core/imports/plan/stored-diffs";
import { planOf } from "../../../support/query-plans";

const KEYS: Record<string, RegExp> = {
  stored: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
  overlaid: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
  wideStored: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
  wideOverlaid: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
  versionsHold: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
  movedOwners: /SEARCH a USING PRIMARY KEY \(unit=\? AND kind=\? AND value=\?\)/,
  movedLeads: /SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/,
  knownConflicts: /SEARCH c USING .*\(unit=\? AND (kind=\? AND value=\? AND lead_id|lead_id=\? AND kind=\? AND value)=\?\)/,
};

it.each(Object.entries({ ...DIFFS_SQL, ...READS_SQL, knownConflicts: KNOWN_CONFLICTS }))("%s", async (name, text) => {
  const plan = (await planOf(text)).join("\n");
  expect(plan).not.toMatch(/SCAN (l|a|c)\b/);
  expect(plan).toMatch(KEYS[name] ?? /^$/);
});
