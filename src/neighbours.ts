/** Whether several org units use this isolate at the moment: only then does one of them have to take turns. In memory only. */

/** A unit whose last request is older has left. */
const PRESENT_MS = 10_000;

type Seen = { unit: number; at: number };

export class Neighbours {
  #last: Seen | null = null;
  /** the last one of another unit than `#last` */
  #other: Seen | null = null;

  /** Notes a request of the unit. */
  note(unit: number, now: number): void {
    if (this.#last?.unit !== unit) this.#other = this.#last;
    this.#last = { unit, at: now };
  }

  /** Whether others than this unit are here. */
  has(unit: number, now: number): boolean {
    const other = this.#last?.unit === unit ? this.#other : this.#last;
    return other !== null && now - other.at < PRESENT_MS;
  }
}

export const neighbours = new Neighbours();
