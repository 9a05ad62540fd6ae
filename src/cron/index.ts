/** Ticks only find due work: what they start is safe to start twice. */
import { logError } from "../log";
import { forgetOldDeliveries } from "./forget-old-deliveries";
import { nudgeDueDeliveries } from "./nudge-due-deliveries";
import { nudgeStuckJobs } from "./nudge-stuck-jobs";
import { removeExpiredPreviews } from "./remove-expired-previews";

/** As in wrangler.toml. */
const EVERY_MINUTE = "* * * * *";

const MINUTE_JOBS = [nudgeStuckJobs, nudgeDueDeliveries];
const TEN_MINUTE_JOBS = [removeExpiredPreviews, forgetOldDeliveries];

export async function tick(controller: ScheduledController, env: Env): Promise<void> {
  for (const job of controller.cron === EVERY_MINUTE ? MINUTE_JOBS : TEN_MINUTE_JOBS) {
    // one job's failure does not cost the others their tick
    await job(env).catch((error: unknown) => logError("cron job failed", error, { job: job.name }));
  }
}
