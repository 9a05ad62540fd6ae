/**
 * How a unit works off a backlog without holding up the others, with which it shares the database: its commits take a short time each, and
 * after a commit it rests for half as long as the database worked on it.
 */
import { sleep } from "../../event-loop";

/** The time in the database that a commit is meant to take, in ms: three round trips, during the longest of which others wait for about 25. */
const COMMIT_SQL_MS = 40;
const EVENTS_MAX = 500;
/** Below it, what every commit costs outweighs its events. */
const EVENTS_MIN = 200;
/** At least a third of the database's time is left to the others. */
const REST_PER_SQL_MS = 0.5;
/** A database that is slow for everybody does not stop the backlog. */
const REST_MS_MAX = 250;

/** `sqlMs`: how long the database has worked so far, in ms. */
export type Clock = { sqlMs(): number; sleep(ms: number): Promise<void> };

export const clockOf = (db: { sqlMs(): number }): Clock => ({ sqlMs: () => db.sqlMs(), sleep });

export class Pace {
  #events = EVENTS_MAX;
  #restMs = 0;

  /** How many events the next commit may hold. */
  get events(): number {
    return this.#events;
  }

  /** Rests as the last commit demands, then runs this one. Nothing rests after the last commit of a backlog. */
  async commit<Result>(clock: Clock, events: number, run: () => Promise<Result>): Promise<Result> {
    await clock.sleep(this.#restMs);
    const before = clock.sqlMs();
    try {
      return await run();
    } finally {
      const tookMs = clock.sqlMs() - before;
      this.#restMs = Math.min(tookMs * REST_PER_SQL_MS, REST_MS_MAX);
      this.#events = this.#sizeAfter(events, tookMs);
    }
  }

  /** In proportion to the time taken, and at most twice as many as before. A part much smaller than it could have been is no measure. */
  #sizeAfter(events: number, sqlMs: number): number {
    if (events < this.#events / 2) return this.#events;
    const fitting = sqlMs > 0 ? (events * COMMIT_SQL_MS) / sqlMs : EVENTS_MAX;
    return Math.round(Math.min(EVENTS_MAX, this.#events * 2, Math.max(EVENTS_MIN, fitting)));
  }
}
