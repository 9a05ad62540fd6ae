/** Ticks only find due work: what they start is safe to start twice. */
import { nudgeStuckJobs } from "./nudge-stuck-jobs";
import { removeExpiredPreviews } from "./remove-expired-previews";

/** As in wrangler.toml. */
const EVERY_MINUTE = "* * * * *";

export async function tick(controller: ScheduledController, env: Env): Promise<void> {
  if (controller.cron === EVERY_MINUTE) await nudgeStuckJobs(env);
  else await removeExpiredPreviews(env);
}
