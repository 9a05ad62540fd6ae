/** Runs jobs of an org unit in their turn: few at once, so that a unit with many jobs does not keep all consumers to itself. */
import { logError } from "../log";
import { laneOf, sendAgain } from "../open-context";

/** A job that has to wait is sent again by the run that makes room for it. `run` returns whether the job has more to do. */
export async function inTurn(env: Env, message: Message, run: (env: Env, message: Message) => Promise<boolean>): Promise<void> {
  const job = message.body as { unit: number };
  const lane = laneOf(env, job.unit);
  // a lane that fails stops nothing: then jobs take more than their share for a while
  const begins: boolean = await lane.beginJob(job).catch(() => true);
  if (!begins) return;
  let again = false;
  try {
    again = await run(env, message);
  } finally {
    const next: object | null = await lane.endJob(job, again).catch(() => (again ? job : null));
    if (next) await nudge(env, next);
  }
}

/** The work is in the database, and a sweep finds what has no message. */
async function nudge(env: Env, job: object): Promise<void> {
  try {
    await sendAgain(env, "imports", job);
  } catch (error) {
    logError("job message not sent", error, {});
  }
}
