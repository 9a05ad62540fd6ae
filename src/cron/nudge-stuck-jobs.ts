import { findStuckBulkJobs } from "../core/bulk";
import { findStuckErasures } from "../core/erasure";
import { findStuckJobs, findStuckPlans } from "../core/imports";
import { findStuckMerges } from "../core/merging";
import { logLine } from "../log";
import { outbox } from "../open-context";
import { shardsInTurn } from "./shards-in-turn";

export async function nudgeStuckJobs(env: Env): Promise<void> {
  for (const db of shardsInTurn(env)) {
    const jobs = [
      ...(await findStuckJobs(db, Date.now())),
      ...(await findStuckMerges(db, Date.now())),
      ...(await findStuckBulkJobs(db, Date.now())),
      ...(await findStuckErasures(db, Date.now())),
    ];
    for (const job of jobs) await outbox(env).importJob(job);
    for (const plan of await findStuckPlans(db, Date.now())) await outbox(env).importPlan(plan);
    if (jobs.length > 0) logLine({ level: "warn", message: "stuck jobs nudged", jobs: jobs.length });
  }
}
