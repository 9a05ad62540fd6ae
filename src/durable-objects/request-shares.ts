/** Divides an org unit's requests per second among the isolates that serve it, in proportion to what each was asked for. In memory only. */

/** An isolate that has reported nothing for this long uses nothing. */
const FORGOTTEN_AFTER_MS = 5_000;

export class RequestShares {
  readonly #isolates = new Map<string, { perSecond: number; at: number }>();

  /** Takes an isolate's report, refused requests included; returns its share of the rate, 0 to 1. */
  report(isolate: string, perSecond: number, now: number): number {
    this.#isolates.delete(isolate);
    this.#isolates.set(isolate, { perSecond, at: now });
    let total = 0;
    for (const [id, known] of this.#isolates) {
      if (known.at <= now - FORGOTTEN_AFTER_MS) this.#isolates.delete(id);
      else total += known.perSecond;
    }
    return total === 0 ? 1 : perSecond / total;
  }
}
