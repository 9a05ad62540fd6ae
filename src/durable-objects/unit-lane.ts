/**
 * One object for each org unit, apart from those that serve requests: the unit's events are processed here, one call after the other, so
 * that a unit fails, waits and runs out of CPU alone. It stores nothing.
 */
import { DurableObject } from "cloudflare:workers";
import { processUnit, type UnitOutcome, type UnitWork } from "../queues/process-unit";

/** One call of each of the five consumers (`max_concurrency`), and as many whose caller gave up waiting. */
const CALLS_MAX = 10;

export class UnitLane extends DurableObject<Env> {
  #last: Promise<unknown> = Promise.resolve();
  #calls = 0;

  /** `until`: when the caller stops waiting, in ms; work that has not begun by then is left to its retry. Never throws. */
  async process(work: UnitWork, until: number): Promise<UnitOutcome> {
    if (this.#calls >= CALLS_MAX) return { failure: "The lane is full" };
    this.#calls += 1;
    const turn = this.#last.then(() =>
      Date.now() < until ? processUnit(this.env, work) : { failure: "The lane was busy until its caller gave up" },
    );
    this.#last = turn.finally(() => {
      this.#calls -= 1;
    });
    return turn;
  }
}
