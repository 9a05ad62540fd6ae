/**
 * Lets few jobs of an org unit run at once, so that a unit with many of them leaves consumers to the others. The rest wait, in the order in
 * which they came; when a run ends, one message goes out for the next. In memory: what is lost with it is found by the sweeps of stuck jobs.
 * Pure.
 */
const AT_ONCE_MAX = 2;
/** A run that has not ended by then has died: it begins nothing after 20 seconds. */
const RUN_MS_MAX = 90_000;
const WAITING_MAX = 1_000;

export class JobTurns<Job> {
  #running: { key: string; until: number }[] = [];
  readonly #waiting = new Map<string, Job>();

  /** Whether the job may run now; else it waits for its turn, and its message is done with. */
  begin(job: Job, now: number): boolean {
    const key = JSON.stringify(job);
    this.#running = this.#running.filter(({ until }) => until > now);
    if (this.#running.length < AT_ONCE_MAX) {
      this.#waiting.delete(key);
      this.#running.push({ key, until: now + RUN_MS_MAX });
      return true;
    }
    if (this.#waiting.size < WAITING_MAX) this.#waiting.set(key, job);
    return false;
  }

  /** Ends a run; `again`: the job has more to do. Returns the job that a message is to be sent for. */
  end(job: Job, again: boolean): Job | null {
    const key = JSON.stringify(job);
    const at = this.#running.findIndex((run) => run.key === key);
    if (at >= 0) this.#running.splice(at, 1);
    if (again && !this.#waiting.has(key)) this.#waiting.set(key, job);
    const [next] = this.#waiting;
    if (!next) return null;
    this.#waiting.delete(next[0]);
    return next[1];
  }
}
