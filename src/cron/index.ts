/** Cron ticks find due work and start it; all of it may be started twice. */
import { logError } from "../log";
import { flushMetrics, ready } from "../open-context";
import { openStatementBudget } from "../statement-budget";
import { checkDueSegments } from "./check-due-segments";
import { continueMoves } from "./continue-moves";
import { eraseLateWrites } from "./erase-late-writes";
import { forgetOldDeliveries } from "./forget-old-deliveries";
import { keepExports } from "./keep-exports";
import { keepUsage } from "./keep-usage";
import { notifyOfChanges } from "./notify-of-changes";
import { nudgeDueDeliveries } from "./nudge-due-deliveries";
import { nudgeStuckJobs } from "./nudge-stuck-jobs";
import { nudgeStuckUndos } from "./nudge-stuck-undos";
import { pollDueSources } from "./poll-due-sources";
import { reconcileCounts } from "./reconcile-counts";
import { rekeyChangedRegions } from "./rekey-phones";
import { rekeyOldSocials } from "./rekey-socials";
import { removeExpiredPreviews } from "./remove-expired-previews";
import { removeOldAuditEntries } from "./remove-old-audit";
import { removeOldChangesOfLeads } from "./remove-old-changes";
import { removeOldIdempotencyKeys } from "./remove-old-idempotency-keys";
import { removeOldMergeJournals } from "./remove-old-merges";
import { removeOldRows } from "./remove-old-rows";
import { removeOldUndoJournal } from "./remove-old-undo-journal";
import { removeUnusedEventTypes } from "./remove-unused-event-types";
import { replaySpilledEvents } from "./replay-spilled-events";
import { shardsInTurn } from "./shards-in-turn";
import { takeHeldDeliveries } from "./take-held-deliveries";

/** The same text as in wrangler.toml. */
const EVERY_MINUTE = "* * * * *";

const TEN_MINUTES_MS = 600_000;

/** The jobs of a minute that only look for work run 9 statements in each database. */
const STATEMENTS_PER_SHARD = 10;

/** The last three share the statements that D1 allows one invocation: each leaves some to those after it. */
const MINUTE_JOBS = [
  nudgeStuckJobs,
  nudgeStuckUndos,
  pollDueSources,
  nudgeDueDeliveries,
  checkDueSegments,
  notifyOfChanges,
  continueMoves,
  replaySpilledEvents,
  takeHeldDeliveries,
  rekeyChangedRegions,
  keepExports,
];
/** Each runs only in databases for which statements are left: its position in a table or a queue of old rows is kept for another tick. */
const TEN_MINUTE_JOBS = [
  removeExpiredPreviews,
  forgetOldDeliveries,
  removeOldAuditEntries,
  removeOldChangesOfLeads,
  removeOldIdempotencyKeys,
  removeOldUndoJournal,
  removeOldMergeJournals,
  removeOldRows,
  removeUnusedEventTypes,
  keepUsage,
  reconcileCounts,
  eraseLateWrites,
  rekeyOldSocials,
];

export async function tick(controller: ScheduledController, env: Env): Promise<void> {
  await ready(env);
  const everyMinute = controller.cron === EVERY_MINUTE;
  const budget = openStatementBudget(everyMinute ? shardsInTurn(env).length * STATEMENTS_PER_SHARD : 0);
  for (const job of everyMinute ? MINUTE_JOBS : inTurn(TEN_MINUTE_JOBS, controller.scheduledTime)) {
    // a job that fails does not keep the others from running
    await job(env, budget).catch((error: unknown) => logError("cron job failed", error, { job: job.name }));
  }
  await flushMetrics(env);
}

/** Each tick begins with another job, so that none is always the one that finds no statements left. */
function inTurn<Job>(jobs: readonly Job[], at: number): Job[] {
  const first = Math.floor(at / TEN_MINUTES_MS) % jobs.length;
  return [...jobs.slice(first), ...jobs.slice(0, first)];
}
