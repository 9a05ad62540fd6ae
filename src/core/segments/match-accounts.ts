/** Which accounts match the rules of a segment of accounts. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { invalidRequest } from "../../validation";
import { LEADS_READ_MAX, selectLinked, statsIn, statsOf } from "../account-overview";
import { selectLevels } from "../scoring";
import { type CheckBudget, takeSlice } from "./check-budget";
import { TOO_MANY_LEADS } from "./load-facts";
import { type AccountFacts, matchesAccount } from "./match";
import { conditionsOf, type Rule, sumsAccounts } from "./schemas";
import { requireSegment } from "./segments";
import { type SizedAccount, selectAccountFields } from "./store";

export type AccountMember = AccountFacts & { account_id: string };
type MatchedAccounts = { members: AccountMember[][]; last: string };

/**
 * The accounts that match each of the rules, slice by slice; fewer slices when the budget is used up. One D1 round trip a slice. Throws
 * invalid_request for a score of accounts with too many leads.
 */
export async function* matchAccountSlices(
  ctx: Ctx,
  rules: readonly Rule[],
  accounts: readonly SizedAccount[],
  budget: CheckBudget,
): AsyncGenerator<MatchedAccounts> {
  const slicing = { conditions: 0, sumsAccounts: sumsAccounts(rules) };
  const sized = accounts.map(({ account_id, bytes }) => ({ lead_id: account_id, bytes, events: 0 }));
  for (let from = 0; from < sized.length; ) {
    const end = takeSlice(sized, from, slicing, budget);
    if (end === from) return;
    const ids = sized.slice(from, end).map(({ lead_id }) => lead_id);
    const { facts, summed } = await loadAccounts(ctx, rules, ids);
    budget.events -= summed;
    yield { members: rules.map((rule) => facts.filter((account) => matchesAccount(rule, account))), last: ids.at(-1) ?? "" };
    from = end;
  }
}

async function loadAccounts(ctx: Ctx, rules: readonly Rule[], ids: readonly string[]): Promise<{ facts: AccountMember[]; summed: number }> {
  const { db } = ctx;
  const sums = sumsAccounts(rules);
  const conditions = rules.flatMap(conditionsOf);
  const keys = conditions.flatMap((condition) => (condition.type === "account_metadata" ? condition.field : []));
  const found = await queryGroups(db, {
    accounts: [selectAccountFields(db, ids, [...new Set(keys)])],
    linked: sums ? [selectLinked(db, ids)] : [],
    levels: sums ? [selectLevels(db, "account")] : [],
  });
  if (found.linked.length > LEADS_READ_MAX) throw invalidRequest([{ path: "rules", message: TOO_MANY_LEADS }]);
  const stats = statsOf(found.linked, found.levels, ctx.now());
  const facts = found.accounts.map(({ account_id, name, domain, fields }) => ({
    account_id,
    name,
    domain,
    fields: JSON.parse(fields),
    stats: sums ? statsIn(stats, found.levels, account_id) : null,
  }));
  return { facts, summed: found.linked.length };
}

/** Those of up to 10,000 accounts that are members of a segment. Throws not_found, invalid_request for a segment of leads. */
export async function matchAccounts(ctx: Ctx, segmentId: string, accountIds: readonly string[]): Promise<Set<string>> {
  const { subject, rules, active } = await requireSegment(ctx, segmentId);
  if (subject !== "accounts") throw invalidRequest([{ path: "segment", message: "is a segment of leads: GET /leads?segment= lists them" }]);
  const members = new Set<string>();
  if (!active) return members;
  const accounts = accountIds.map((account_id) => ({ account_id, bytes: 0 }));
  const budget = { bytes: Number.POSITIVE_INFINITY, events: LEADS_READ_MAX };
  let last: string | undefined;
  for await (const slice of matchAccountSlices(ctx, [rules], accounts, budget)) {
    for (const { account_id } of slice.members.flat()) members.add(account_id);
    last = slice.last;
  }
  if (last !== accountIds.at(-1)) throw invalidRequest([{ path: "segment", message: TOO_MANY_LEADS }]);
  return members;
}
