/** A score over time, computed from the contributions: no snapshots are stored. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { DAY_MS, HOUR_MS } from "../../time";
import { parseInput } from "../../validation";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { type Contribution, scoreAt } from "./decay";
import { contributionPages, foldUntil } from "./read-ledger";
import { type Fold, replay, stepsOf } from "./replay";
import { HISTORY_DAYS_MAX, HistoryInput } from "./schemas";

export type Snapshot = { at: number; score: number };
/** In ms. */
type Period = { start: number; end: number };
export type ScoreHistory = { lead_id: string; snapshots: Snapshot[]; period: Period };

/**
 * The score at every full hour of the period, starting with the lead's first points. Throws invalid_request, not_found.
 * Three D1 round trips, and one for each 5,000 contributions.
 */
export async function scoreHistory(ctx: Ctx, leadId: string, given: z.input<typeof HistoryInput>): Promise<ScoreHistory> {
  const input = parseInput(HistoryInput, given);
  const period = periodOf(input, ctx.now());
  const lead_id = parseLeadId(leadId) ?? "";
  if ((await ctx.db.all(selectLeadExists(ctx.db, lead_id))).length === 0) throw noSuchLead();
  const past = await foldUntil(ctx, lead_id, period.start);
  const history = hourlyScores(past, period.start, period.end, input.ruleset_id);
  for await (const page of contributionPages(ctx, lead_id, past.end, period.end)) history.add(page);
  return { lead_id, snapshots: history.finish(), period };
}

function periodOf({ days, start_date: start, end_date: end }: z.output<typeof HistoryInput>, now: number): Period {
  if (start === undefined && end === undefined) return { start: now - days * DAY_MS, end: now };
  if (start === undefined || end === undefined) {
    throw new AppError("invalid_request", "start_date and end_date belong together", [
      { path: start === undefined ? "start_date" : "end_date", message: "is required with the other one" },
    ]);
  }
  const period = { start, end: Math.min(end, now) };
  if (period.end < start)
    throw new AppError("invalid_request", "start_date is not before end_date", [
      { path: "end_date", message: "must be later than start_date, and start_date not in the future" },
    ]);
  if (period.end - start > HISTORY_DAYS_MAX * DAY_MS) {
    throw new AppError("invalid_request", `At most ${HISTORY_DAYS_MAX} days`, [
      { path: "start_date", message: `must be at most ${HISTORY_DAYS_MAX} days before end_date` },
    ]);
  }
  return period;
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
