/** What it costs to match leads by scores of their accounts: D1 accepts 1,000 statements in an invocation, so what is counted must be true. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { matchCost, matchIds } from "../../../src/core/segments";
import { mintCtx } from "../../support/context";
import { countingD1 } from "../../support/worker";

const RULE = { type: "account_score", operator: "less_than", value: 1 } as const;
const PAGE = { pageLeads: 1_000, pageBytes: 4_000_000, pageStatements: 2 };
const ACCOUNTS = 8;

it("counts the statements that were issued where the accounts of a slice have more than 20,000 leads together", async () => {
  const { DB, count } = countingD1();
  const ctx = await mintCtx({ DB });
  await env.DB.batch([
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)
       INSERT INTO accounts (unit, account_id, name, metadata, created_at, updated_at) SELECT ?1, 'acc_' || i, 'A' || i, '{}', 1, 1 FROM n`,
    ).bind(ctx.db.unit, ACCOUNTS),
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 20799)
       INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at, account_id)
       SELECT ?1, printf('%032x', i), '{}', '[]', 1, 1, 1, 'acc_' || (i % CAST(?2 AS INTEGER)) FROM n`,
    ).bind(ctx.db.unit, ACCOUNTS),
  ]);
  const leadIds = Array.from({ length: 100 }, (_, n) => n.toString(16).padStart(32, "0"));
  count.statements.length = 0;
  const { ids, statements } = await matchIds(ctx, RULE, leadIds, { bytes: 1e9, events: 1e9 });
  expect(ids.size).toBe(100);
  expect(statements).toBe(count.statements.length);
  // sizes, then for each of two slices the facts and two halves of the accounts
  expect(statements).toBe(1 + 2 * (6 + 2));
});

it("expects of a slice what it takes at most, in a unit where accounts can have so many leads", () => {
  const ofPage = (unitLeads: number) => 1_000 * matchCost(RULE, unitLeads, PAGE).perLead;
  const slices = 1_000 / 50;
  expect(ofPage(20_001)).toBeGreaterThanOrEqual(3 + slices * (6 + 2 + 4 + 8));
  expect(ofPage(20_000)).toBeLessThan(3 + (slices + 1) * 6 + 1);
});
