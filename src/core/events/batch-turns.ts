/**
 * Large batches of events of one org unit take turns while other units use the same isolate: one is read and queued at a time, and
 * then the isolate is left to the others for a while. A turn is a time, not a lock: a request that ends early, or never, holds nobody up.
 */
import type { Ctx } from "../../context";
import { Unavailable } from "../../errors";
import { sleep } from "../../event-loop";
import { neighbours } from "../../neighbours";

/** Smaller ones cost about as much as other requests. */
const BATCH_EVENTS_MIN = 50;
/** Of the time in which a unit's batches are read, this many times as much is left to the others. */
const OTHERS_SHARE = 3;
/** How long reading and queueing takes: `first` is assumed until it has been measured, and a measurement counts within the bounds. */
const MS_PER_EVENT = { first: 0.06, min: 0.02, max: 0.25 } as const;
/** A request that would wait longer is refused: its client would give up, and its body would be in memory meanwhile. */
const WAIT_MS_MAX = 10_000;
const UNITS_MAX = 1_000;

type Turns = { freeAt: number; msPerEvent: number };
type Clock = { now(): number; sleep(ms: number): Promise<void> };

export class BatchTurns {
  readonly #units = new Map<number, Turns>();

  constructor(private readonly clock: Clock) {}

  /** Runs the work when it is the unit's turn; at once where the unit shares the isolate with nobody. Throws unavailable where too many wait. */
  async take<Result>(unit: number, events: number, isShared: boolean, work: () => Promise<Result>): Promise<Result> {
    if (events < BATCH_EVENTS_MIN || !isShared) return work();
    const turns = this.#of(unit);
    const waitMs = Math.max(0, turns.freeAt - this.clock.now());
    if (waitMs > WAIT_MS_MAX)
      throw new Unavailable("Too many batches of this org unit are waiting; send it again later", Math.ceil(waitMs / 1000));
    turns.freeAt = this.clock.now() + waitMs + turns.msPerEvent * events * (1 + OTHERS_SHARE);
    if (waitMs > 0) await this.clock.sleep(waitMs);
    const begunAt = this.clock.now();
    const result = await work();
    const measured = (this.clock.now() - begunAt) / events;
    turns.msPerEvent = Math.min(MS_PER_EVENT.max, Math.max(MS_PER_EVENT.min, (turns.msPerEvent + measured) / 2));
    return result;
  }

  #of(unit: number): Turns {
    const known = this.#units.get(unit) ?? { freeAt: 0, msPerEvent: MS_PER_EVENT.first };
    const [oldest] = this.#units.keys();
    if (this.#units.size >= UNITS_MAX && oldest !== undefined) this.#units.delete(oldest);
    this.#units.set(unit, known);
    return known;
  }
}

const turns = new BatchTurns({ now: () => Date.now(), sleep });

/** Runs work on this many events in the unit's turn. Throws unavailable. */
export const inBatchTurn = <Result>({ unit }: Ctx, events: number, work: () => Promise<Result>): Promise<Result> =>
  turns.take(unit.unit, events, neighbours.has(unit.unit, Date.now()), work);
