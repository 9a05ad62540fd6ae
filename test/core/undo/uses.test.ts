import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { UNDO_SQL, USES } from "../../../src/core/undo/undo-store";
import { planOf } from "../../support/query-plans";

/** They go with the lead: by triggers, or by statements of the undo. */
const GO_WITH_IT = ["alias_conflicts", "aliases", "lead_terms", "leads", "undo_kept"];
/** No lead has one without a row in a table that keeps it. */
const IMPLIED = ["channel_events", "contributions", "purchases", "reward_events", "score_blocks"];
/** Memberships of segments follow the log of changes, which says that the lead is gone. */
const FOLLOW = ["segment_members", "segment_queue"];

it("every table with a lead's id is classified: its rows keep a created lead from being removed, or do not", async () => {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%`unit` integer%' AND sql LIKE '%`lead_id` text%' ORDER BY name",
  ).all<{ name: string }>();
  expect(results.map(({ name }) => name)).toEqual([...GO_WITH_IT, ...IMPLIED, ...FOLLOW, ...Object.keys(USES)].sort());
});

it("no statement of an undo reads more than the leads of its row", async () => {
  const free = /^SCAN (r|e|f|g|s|writers|json_each|CONSTANT ROW|\d+ CONSTANT ROWS|\(subquery-\d+)\b/;
  for (const [name, text] of Object.entries(UNDO_SQL)) {
    for (const detail of await planOf(text)) {
      if (detail.startsWith("SCAN ")) expect(detail, name).toMatch(free);
      // the newest entry of the log: the end of its key
      if (detail.startsWith("SEARCH") && !detail.startsWith("SEARCH change_log")) expect(detail, name).not.toMatch(/\(unit=\?\)$/);
    }
  }
});
