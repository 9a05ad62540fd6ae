/**
 * One object for each org unit, apart from those that serve requests: the unit's events are processed here, one call after the other, so
 * that a unit fails, waits and runs out of CPU alone. It also keeps the members of the unit's watched segments, and notifies the channels that
 * subscribe to changes of leads. It stores the unit's number and an alarm, nothing else.
 */
import { DurableObject } from "cloudflare:workers";
import { followChanges } from "../queues/follow-changes";
import { JobTurns } from "../queues/job-turns";
import { processUnit, type UnitOutcome, type UnitWork } from "../queues/process-unit";
import { openReplay } from "../queues/replay-unit";
import { allLeft, type DeadWork, type LeftOver, settleUnit } from "../queues/settle-unit";

/** One call of each of the five consumers (`max_concurrency`), and as many whose caller gave up waiting. */
const CALLS_MAX = 10;
/** What a caller waits for at most. */
const WAITED_MS_MAX = 1_000;
/** An alarm has 15 minutes; a shorter run lets go of what it has in memory. */
const ALARM_MS_MAX = 20_000;

export class UnitLane extends DurableObject<Env> {
  #last: Promise<unknown> = Promise.resolve();
  #calls = 0;
  readonly #jobs = new JobTurns<object>();

  /** `until`: when the caller stops waiting, in ms; work that has not begun by then is left to its retry. Never throws. */
  async process(work: UnitWork, until: number): Promise<UnitOutcome> {
    if (this.#calls >= CALLS_MAX) return { failure: "The lane is full" };
    return this.#inTurn(() =>
      Date.now() < until ? processUnit(this.env, work) : { failure: "The lane was busy until its caller gave up" },
    );
  }

  /** Tries events once more that no attempt could settle, as `process` does. Returns those that are left. Never throws. */
  async settle(work: DeadWork, until: number): Promise<LeftOver> {
    if (this.#calls >= CALLS_MAX) return allLeft(work);
    return this.#inTurn(() => (Date.now() < until ? settleUnit(this.env, work) : allLeft(work)));
  }

  /** Replays the unit's spilled events, with its new ones in between. Never throws. */
  async replay(unit: number, until: number): Promise<void> {
    const replay = openReplay(this.env, unit);
    while (Date.now() < until && (await this.#inTurn(replay)));
  }

  /** See `JobTurns`. */
  beginJob(job: object): boolean {
    return this.#jobs.begin(job, Date.now());
  }

  endJob(job: object, again: boolean): object | null {
    return this.#jobs.end(job, again);
  }

  /** Has the alarm follow the unit's changes at once; with `waits`, follows them for up to a second before it returns. */
  async followChanges(unit: number, waits: boolean): Promise<void> {
    await this.ctx.storage.put("unit", unit);
    const next = waits ? await followChanges(this.env, unit, Date.now() + WAITED_MS_MAX) : Date.now();
    if (next !== null) await this.#wakeAt(next);
  }

  override async alarm(): Promise<void> {
    const unit = await this.ctx.storage.get<number>("unit");
    if (unit === undefined) return;
    const next = await followChanges(this.env, unit, Date.now() + ALARM_MS_MAX);
    if (next !== null) await this.#wakeAt(next);
  }

  #inTurn<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    this.#calls += 1;
    const turn = this.#last.then(work);
    this.#last = turn.finally(() => {
      this.#calls -= 1;
    });
    return turn;
  }

  async #wakeAt(time: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > time) await this.ctx.storage.setAlarm(time);
  }
}
