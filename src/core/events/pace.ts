/**
 * How a unit works off a backlog without holding up the others, with which it shares the database: its commits take a short time each, and
 * after a commit it rests for half as long as the database worked on it.
 */
import { sleep } from "../../event-loop";

/** What one commit takes of the database's own time, in ms: three round trips, during the longest of which others wait for about 25. */
const COMMIT_SQL_MS = 40;
const EVENTS_MAX = 500;
/** Below it, what every commit costs outweighs its events. */
const EVENTS_MIN = 200;
/** Of the database's time, a third is left to the others at least. */
const REST_PER_SQL_MS = 0.5;
/** A database that is slow for everybody does not stop the backlog. */
const REST_MS_MAX = 250;

/** `sqlMs`: how long the database has worked so far, in ms. */
export type Clock = { sqlMs(): number; sleep(ms: number): Promise<void> };

export const clockOf = (db: { sqlMs(): number }): Clock => ({ sqlMs: () => db.sqlMs(), sleep });

export class Pace {
  #events = EVENTS_MAX;
  #restMs = 0;

  /** What the next commit is to hold, at most. */
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

  /** In proportion, and at most twice as many. A part that was much smaller than it might have been says little. */
  #sizeAfter(events: number, sqlMs: number): number {
    if (events < this.#events / 2) return this.#events;
    const fitting = sqlMs > 0 ? (events * COMMIT_SQL_MS) / sqlMs : EVENTS_MAX;
    return Math.round(Math.min(EVENTS_MAX, this.#events * 2, Math.max(EVENTS_MIN, fitting)));
  }
}
