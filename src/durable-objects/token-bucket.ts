/**
 * The requests of one org unit in this isolate: a second's worth may come at once, then the rate holds. An isolate may use its share of
 * the unit's rate, which is all of it until the unit's meter has heard that the isolates together use more.
 */
export class TokenBucket {
  #tokens: number | null = null;
  #filledAt = 0;

  /** Null: the request may pass. Otherwise the seconds after which one may. */
  take(perSecond: number, now: number): number | null {
    if (perSecond <= 0) return CLOSED_RETRY_SECONDS;
    const capacity = Math.max(1, perSecond);
    const elapsed = Math.max(0, now - this.#filledAt) / 1000;
    const tokens = this.#tokens === null ? capacity : Math.min(capacity, this.#tokens + elapsed * perSecond);
    this.#filledAt = now;
    this.#tokens = tokens >= 1 ? tokens - 1 : tokens;
    return tokens >= 1 ? null : (1 - tokens) / perSecond;
  }
}

/** A unit that may make no request has to wait for the operator. */
const CLOSED_RETRY_SECONDS = 60;
