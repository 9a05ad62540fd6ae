/** A score over time, computed from the contributions: no snapshots are stored. */
import type { Ctx } from "../../context";
import { HOUR_MS } from "../../time";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { type Contribution, scoreAt } from "./decay";
import { contributionPages, foldUntil } from "./read-ledger";
import { type Fold, replay, stepsOf } from "./replay";

export const HISTORY_DAYS_MAX = 90;

export type Snapshot = { at: number; score: number };
export type ScoreHistory = { lead_id: string; snapshots: Snapshot[] };

/**
 * The score at every full hour from `start` to `end` (ms), starting with the lead's first points. Throws not_found.
 * Three D1 round trips, and one for each 5,000 contributions.
 */
export async function scoreHistory(ctx: Ctx, leadId: string, start: number, end: number, rulesetId?: string): Promise<ScoreHistory> {
  const lead_id = parseLeadId(leadId) ?? "";
  if ((await ctx.db.all(selectLeadExists(ctx.db, lead_id))).length === 0) throw noSuchLead();
  const past = await foldUntil(ctx, lead_id, start);
  const history = hourlyScores(past, start, end, rulesetId);
  for await (const page of contributionPages(ctx, lead_id, past.end, end)) history.add(page);
  return { lead_id, snapshots: history.finish() };
}

/** Collects the hourly scores of contributions that follow `past` and are added in fold order. Pure. */
export function hourlyScores(past: Fold, start: number, end: number, rulesetId?: string) {
  const snapshots: Snapshot[] = [];
  let fold = past;
  let next = past.decay.length === 0 ? null : fullHour(start);
  const snapshotsUntil = (before: number) => {
    for (; next !== null && next < before && next <= end; next += HOUR_MS)
      snapshots.push({ at: next, score: scoreAt(fold.decay, next, rulesetId) });
  };
  return {
    add(contributions: readonly Contribution[]) {
      for (const step of stepsOf(contributions)) {
        next ??= fullHour(Math.max(start, step.at));
        snapshotsUntil(step.at);
        fold = replay(fold, [step]);
      }
    },
    finish(): Snapshot[] {
      snapshotsUntil(Number.POSITIVE_INFINITY);
      return snapshots;
    },
  };
}

const fullHour = (at: number): number => Math.ceil(at / HOUR_MS) * HOUR_MS;
