/** A bounded map whose entries live for a while. One per isolate: plain data only, lossy, and its time is the lag of a revocation. */
export const AUTH_CACHE_TTL_MS = 30_000;
const ENTRIES_MAX = 10_000;

export class TtlCache<Value> {
  readonly #entries = new Map<string, { value: Value; until: number }>();

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.until > now ? entry.value : undefined;
  }

  set(key: string, value: Value, now: number): void {
    if (this.#entries.size >= ENTRIES_MAX) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now + AUTH_CACHE_TTL_MS });
  }

  deleteWhere(matches: (value: Value) => boolean): void {
    for (const [key, entry] of this.#entries) if (matches(entry.value)) this.#entries.delete(key);
  }
}
