/** A bounded map of plain data whose entries expire: one per isolate, lossy. */
const ENTRIES_MAX = 10_000;

/** What was read from the directory is trusted this long: how late a revocation may take effect. */
export const DIRECTORY_CACHE_TTL_MS = 30_000;

export class TtlCache<Value> {
  readonly #entries = new Map<string, { value: Value; until: number }>();

  constructor(readonly ttlMs: number = DIRECTORY_CACHE_TTL_MS) {}

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
    this.#entries.set(key, { value, until: now + this.ttlMs });
  }

  deleteWhere(matches: (value: Value) => boolean): void {
    for (const [key, entry] of this.#entries) if (matches(entry.value)) this.#entries.delete(key);
  }
}
