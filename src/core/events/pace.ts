/**
 * How a unit works off a backlog without holding up the others, with which it shares the database: its commits take a short time each, and
 * after a commit it rests for as long as that took.
 */
import { sleep } from "../../event-loop";

/** What others wait for while the database stores one commit, in ms of its own time. */
const COMMIT_SQL_MS = 25;
const EVENTS_MAX = 500;
/** Below it, what every commit costs outweighs its events. */
const EVENTS_MIN = 50;
/** A database that is slow for everybody does not stop the backlog. */
const REST_MS_MAX = 250;

/** `sqlMs`: how long the database has worked so far. All in ms. */
export type Clock = { now(): number; sqlMs(): number; sleep(ms: number): Promise<void> };

export const clockOf = (db: { sqlMs(): number }): Clock => ({ now: () => Date.now(), sqlMs: () => db.sqlMs(), sleep });

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
    const [startedAt, sqlBefore] = [clock.now(), clock.sqlMs()];
    try {
      return await run();
    } finally {
      this.#restMs = Math.min(clock.now() - startedAt, REST_MS_MAX);
      this.#events = this.#sizeAfter(events, clock.sqlMs() - sqlBefore);
    }
  }

  /** In proportion, and at most twice as many. A part that was much smaller than it might have been says little. */
  #sizeAfter(events: number, sqlMs: number): number {
    if (events < this.#events / 2) return this.#events;
    const fitting = sqlMs > 0 ? (events * COMMIT_SQL_MS) / sqlMs : EVENTS_MAX;
    return Math.round(Math.min(EVENTS_MAX, this.#events * 2, Math.max(EVENTS_MIN, fitting)));
  }
}
