import type { z } from "zod";
import type { Ctx } from "../../context";
import { invalidRequest, parseInput } from "../../validation";
import type { Account } from "../accounts";
import { selectLevels } from "../scoring";
import { type AccountOverview, type AccountStats, overviewsOf, statsIn, statsOf } from "./overview";
import { AccountListInput } from "./schemas";
import { ACCOUNTS_READ_MAX, LEADS_READ_MAX, selectLinked, selectMatching } from "./store";

type AccountQuery = z.output<typeof AccountListInput>;

/**
 * A page of accounts, and how many there are. Two D1 round trips; three where scores or activity sort or narrow the list: this works for
 * accounts with up to 20,000 leads together. `among` returns those of the accounts that are listed, null: all. Throws invalid_request, also for more than 10,000 accounts that no search narrows.
 */
export async function listAccounts(
  ctx: Ctx,
  given: z.input<typeof AccountListInput>,
  among: (accountIds: readonly string[]) => Promise<ReadonlySet<string>> | null = () => null,
): Promise<{ accounts: AccountOverview[]; total: number }> {
  const query = parseInput(AccountListInput, given);
  const { search, created_after, created_before, page, per_page } = query;
  const searched = await ctx.db.all(selectMatching(ctx.db, { search, created_after, created_before }));
  if (searched.length > ACCOUNTS_READ_MAX)
    throw invalidRequest([{ path: "search", message: `is required to list more than ${ACCOUNTS_READ_MAX} accounts` }]);
  const kept = await among(searched.map(({ account_id }) => account_id));
  const matching = kept === null ? searched : searched.filter(({ account_id }) => kept.has(account_id));
  const sorted = needsStats(query) ? await byStats(ctx, query, matching) : byName(query, matching);
  const from = (page - 1) * per_page;
  const shown = sorted.slice(from, from + per_page);
  return { accounts: shown.length === 0 ? [] : await overviewsOf(ctx, shown), total: sorted.length };
}

const needsStats = (query: AccountQuery): boolean =>
  query.sort_by !== "name" ||
  [query.account_level, query.min_score, query.max_score, query.min_engagement, query.last_activity_after].some(
    (value) => value !== undefined,
  );

function byName({ sort_order, surge_status }: AccountQuery, accounts: readonly Account[]): Account[] {
  // surges of accounts are not measured: none is active
  if (surge_status === "active") return [];
  return sort_order === "asc" ? [...accounts] : accounts.toReversed();
}

async function byStats(ctx: Ctx, query: AccountQuery, accounts: readonly Account[]): Promise<Account[]> {
  const ids = accounts.map(({ account_id }) => account_id);
  const [linked, levels] = await ctx.db.batch([selectLinked(ctx.db, ids), selectLevels(ctx.db, "account")]);
  if (linked.length > LEADS_READ_MAX) {
    const message = `goes for accounts with up to ${LEADS_READ_MAX} leads together: narrow the list by search, and sort it by name`;
    throw invalidRequest([{ path: query.sort_by === "name" ? "min_score" : "sort_by", message }]);
  }
  const stats = statsOf(linked, levels, ctx.now());
  const rated = byName(query, accounts)
    .map((account) => ({ account, its: statsIn(stats, levels, account.account_id) }))
    .filter(({ its }) => passes(query, its));
  if (query.sort_by !== "name") {
    const key = (its: AccountStats): number => (query.sort_by === "last_activity" ? (its.last_activity_at ?? 0) : its.score);
    rated.sort((a, b) => (query.sort_order === "asc" ? 1 : -1) * (key(a.its) - key(b.its)));
  }
  return rated.map(({ account }) => account);
}

function passes(query: AccountQuery, { score, level, last_activity_at }: AccountStats): boolean {
  if (query.account_level !== undefined && level?.name !== query.account_level && level?.level_id !== query.account_level) return false;
  if (query.min_score !== undefined && score < query.min_score) return false;
  if (query.max_score !== undefined && score > query.max_score) return false;
  if (query.min_engagement !== undefined && score < query.min_engagement) return false;
  return query.last_activity_after === undefined || (last_activity_at ?? 0) >= query.last_activity_after;
}
