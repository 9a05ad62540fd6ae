/** Sums up accounts that have changed or are due, and schedules a check of their leads where the outcome of a rule changes. */
import type { Ctx, Statement } from "../../context";
import { LEADS_READ_MAX, type LinkedLead, selectLinked, statsOf } from "../account-overview";
import { type DecayState, type LeadScoreRow, type Level, readLeadScore, scoreAt, selectLevels } from "../scoring";
import { nextAccountChange, type Rule, standsOtherwise } from "../segments";
import { type DueAccountRow, forgetAccountScore, keepAccountScore, laneWrites, walkAccount } from "./store";

/** One D1 round trip to read and one to write, for up to five accounts. `version`: the lane's. */
export async function settleAccounts(ctx: Ctx, version: number, due: readonly DueAccountRow[], rules: readonly Rule[]): Promise<void> {
  const { db } = ctx;
  const now = ctx.now();
  const [levels, ...linked] = await db.batch([
    selectLevels(db, "account"),
    ...due.map(({ account_id }) => selectLinked(db, [account_id])),
  ] as [Statement<Level>, ...Statement<LinkedLead>[]]);
  const writes = due.flatMap((account, at): Statement<never>[] => {
    const leads = (linked[at] ?? []).slice(0, LEADS_READ_MAX);
    const stats = statsOf(leads, levels, now).get(account.account_id);
    if (!stats) return [forgetAccountScore(db, account)];
    const due_at = nextAccountChange(rules, levels, summedDecay(leads, now), now);
    // an account without a stored score: no lead has been checked against it yet
    const changed = account.score !== null && standsOtherwise(rules, levels, account.score, stats.score);
    return [keepAccountScore(db, account, { score: stats.score, due_at }), ...(changed ? [walkAccount(db, account.account_id)] : [])];
  });
  await db.batch<readonly Statement[]>([...laneWrites(db, version), ...writes]);
}

/** The decay of a sum of scores: one term for each half-life and sign. */
function summedDecay(leads: readonly LinkedLead[], now: number): DecayState {
  const sums = new Map<string, [halfLife: number | null, value: number]>();
  for (const row of leads) {
    if (row.groups === null) continue;
    for (const term of readLeadScore(row as LeadScoreRow).decay) {
      const value = scoreAt([term], now);
      const key = `${term[1]} ${value < 0}`;
      sums.set(key, [term[1], (sums.get(key)?.[1] ?? 0) + value]);
    }
  }
  return [...sums.values()].map(([halfLife, value]) => ["", halfLife, value, now]);
}
