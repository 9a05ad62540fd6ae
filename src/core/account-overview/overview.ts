/** An account with the sums of its leads. */
import type { Ctx } from "../../context";
import type { Account } from "../accounts";
import { currentScore, type LeadScoreRow, type Level, levelOf, selectLevels } from "../scoring";
import { type LinkedLead, selectLeadCounts, selectLinked, selectMetadata } from "./store";

/** `score`: the sum of its leads' scores at this moment, two decimals. */
export type AccountStats = { leads: number; score: number; level: Level | null; last_activity_at: number | null };
export type AccountOverview = { account: Account; stats: AccountStats; metadata: Record<string, unknown> };

const NO_LEADS: AccountStats = { leads: 0, score: 0, level: null, last_activity_at: null };

/** `levels`: those of accounts. Pure. */
export function statsOf(linked: readonly LinkedLead[], levels: readonly Level[], now: number): Map<string, AccountStats> {
  const found = new Map<string, AccountStats>();
  for (const row of linked) {
    const before = found.get(row.account_id) ?? NO_LEADS;
    const { score, last_event_at } = currentScore(row.groups === null ? undefined : (row as LeadScoreRow), [], now);
    const latest = Math.max(before.last_activity_at ?? 0, last_event_at ?? 0) || null;
    found.set(row.account_id, { leads: before.leads + 1, score: before.score + score, level: null, last_activity_at: latest });
  }
  for (const [id, stats] of found) {
    const score = Math.round(stats.score * 100) / 100 + 0;
    found.set(id, { ...stats, score, level: levelOf(levels, score) ?? null });
  }
  return found;
}

export const statsIn = (stats: ReadonlyMap<string, AccountStats>, levels: readonly Level[], accountId: string): AccountStats =>
  stats.get(accountId) ?? { ...NO_LEADS, level: levelOf(levels, 0) ?? null };

/**
 * Accounts with their leads' sums and their metadata. One D1 round trip. Of each account up to 20,000 leads are counted; scores are summed up
 * over at most 20,000 leads together.
 */
export async function overviewsOf(ctx: Ctx, accounts: readonly Account[]): Promise<AccountOverview[]> {
  const ids = accounts.map(({ account_id }) => account_id);
  const [linked, counts, metadata, levels] = await ctx.db.batch([
    selectLinked(ctx.db, ids),
    selectLeadCounts(ctx.db, ids),
    selectMetadata(ctx.db, ids),
    selectLevels(ctx.db, "account"),
  ]);
  const stats = statsOf(linked, levels, ctx.now());
  const leadsOf = new Map(counts.map(({ account_id, leads }) => [account_id, leads]));
  const kept = new Map(metadata.map((row) => [row.account_id, row.metadata]));
  return accounts.map((account) => ({
    account,
    stats: { ...statsIn(stats, levels, account.account_id), leads: leadsOf.get(account.account_id) ?? 0 },
    metadata: JSON.parse(kept.get(account.account_id) ?? "{}"),
  }));
}
