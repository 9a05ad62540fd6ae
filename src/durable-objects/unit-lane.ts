/**
 * One object for each org unit, apart from those that serve requests: the unit's events are processed here, one call after the other, so
 * that a unit fails, waits and runs out of CPU alone. Of a flood of events, those that no consumer waits for are in R2, and the lane
 * processes them from there. It also keeps the members of the unit's watched segments up to date, and notifies the channels that subscribe
 * to changes of leads. It stores the unit's number and an alarm, nothing else.
 */
import { DurableObject } from "cloudflare:workers";
import { JobTurns } from "../queues/job-turns";
import { allLeft, type DeadWork, type LeftOver } from "../queues/left-over";
import type { UnitOutcome, UnitWork } from "../queues/process-unit";
import { openStatementBudget, STATEMENTS_MAX } from "../statement-budget";

/** One call of each of the five consumers (`max_concurrency`), and as many whose caller gave up waiting. */
const CALLS_MAX = 10;
/** What a caller waits for at most. */
const WAITED_MS_MAX = 1_000;
/** An alarm has 15 minutes; a shorter run lets go of what it has in memory. */
const ALARM_MS_MAX = 20_000;
/** For an alarm that both replays events from R2 and follows changes: the statements for the replay, and the time for the changes. */
const DRAIN_STATEMENTS = 300;
const SHARED_FOLLOW_MS_MAX = 2_000;

const laneWork = () => import("../queues/lane-work");

export class UnitLane extends DurableObject<Env> {
  #last: Promise<unknown> = Promise.resolve();
  #calls = 0;
  readonly #jobs = new JobTurns<object>();
  /** `runs`: the lane is replaying events from R2; `again`: more were put there since it last looked. Not stored: the cron looks, too. */
  readonly #drain = { runs: false, again: false };

  /** `until`: when the caller stops waiting, in ms; work that has not begun by then is left to its retry. Never throws. */
  async process(work: UnitWork, until: number): Promise<UnitOutcome> {
    if (this.#drain.runs || this.#drain.again) return { failure: null, busy: true };
    if (this.#calls >= CALLS_MAX) return { failure: "The lane is full" };
    return this.#inTurn(async () => {
      const { processUnit } = await laneWork();
      return Date.now() < until ? processUnit(this.env, work) : { failure: "The lane was busy until its caller gave up" };
    });
  }

  /** Tries events once more that no attempt could settle, as `process` does. Returns those that are left. Never throws. */
  async settle(work: DeadWork, until: number): Promise<LeftOver> {
    if (this.#calls >= CALLS_MAX) return allLeft(work);
    return this.#inTurn(async () => {
      const { settleUnit } = await laneWork();
      return Date.now() < until ? settleUnit(this.env, work) : allLeft(work);
    });
  }

  /** Replays the unit's spilled events, with its new ones in between. Never throws. */
  async replay(unit: number, until: number): Promise<void> {
    const { openReplay } = await laneWork();
    const replay = openReplay(this.env, unit);
    while (Date.now() < until && (await this.#inTurn(replay)) === "more");
  }

  /** Has the alarm replay the unit's events in R2 at once, until none are left. */
  async drain(unit: number): Promise<void> {
    this.#drain.again = true;
    await this.ctx.storage.put("unit", unit);
    await this.#wakeAt(Date.now());
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
    const { followChanges } = await laneWork();
    const next = waits ? await followChanges(this.env, unit, Date.now() + WAITED_MS_MAX) : Date.now();
    if (next !== null) await this.#wakeAt(next);
  }

  override async alarm(): Promise<void> {
    const unit = await this.ctx.storage.get<number>("unit");
    if (unit === undefined) return;
    const { followChanges } = await laneWork();
    const drains = this.#drain.again || this.#drain.runs;
    const next = drains ? await this.#drainAndFollow(unit) : await followChanges(this.env, unit, Date.now() + ALARM_MS_MAX);
    if (next !== null) await this.#wakeAt(next);
  }

  /** Returns when the alarm is needed again. */
  async #drainAndFollow(unit: number): Promise<number | null> {
    this.#drain.runs = true;
    const { followChanges, openReplay } = await laneWork();
    const next = await followChanges(this.env, unit, Date.now() + SHARED_FOLLOW_MS_MAX, openStatementBudget(DRAIN_STATEMENTS));
    const replay = openReplay(this.env, unit, openStatementBudget(STATEMENTS_MAX - DRAIN_STATEMENTS));
    const until = Date.now() + ALARM_MS_MAX;
    while (Date.now() < until) {
      this.#drain.again = false;
      const step = await this.#inTurn(replay);
      if (step === "budget") break;
      if (step === "more" || this.#drain.again) continue;
      this.#drain.runs = false;
      return next;
    }
    return Date.now();
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
