/**
 * An exact sliding window: the requests of each credential in the last 60 minutes, one row for each millisecond that saw any. A request
 * that is 60 minutes old is outside it. Rows outlive the object's memory; the memory keeps their sum, so a request writes one row.
 */
import type { RequestQuota } from "../context";

const WINDOW_MS = 3_600_000;

export class RequestWindow {
  readonly #sql: SqlStorage;
  /** the sum of each credential's rows, since the object was created in memory */
  readonly #used = new Map<string, number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS requests (credential_id TEXT, at INTEGER, n INTEGER NOT NULL, PRIMARY KEY (credential_id, at)) WITHOUT ROWID",
    );
  }

  take(credentialId: string, limit: number, now: number): RequestQuota {
    const left = this.#sql
      .exec<{ n: number }>("DELETE FROM requests WHERE credential_id = ? AND at <= ? RETURNING n", credentialId, now - WINDOW_MS)
      .toArray();
    const before = this.#used.get(credentialId);
    const used = before === undefined ? this.#sumOf(credentialId) : left.reduce((sum, { n }) => sum - n, before);
    const allowed = used < limit;
    if (allowed) {
      this.#sql.exec(
        "INSERT INTO requests (credential_id, at, n) VALUES (?, ?, 1) ON CONFLICT (credential_id, at) DO UPDATE SET n = n + 1",
        credentialId,
        now,
      );
    }
    const usedNow = allowed ? used + 1 : used;
    this.#used.set(credentialId, usedNow);
    const { at } = this.#sql.exec<{ at: number | null }>("SELECT min(at) AS at FROM requests WHERE credential_id = ?", credentialId).one();
    return { allowed, limit, used: usedNow, frees_at: (at ?? now) + WINDOW_MS };
  }

  /** Removes every credential's rows that are outside the window. */
  forgetOld(now: number): void {
    this.#sql.exec("DELETE FROM requests WHERE at <= ?", now - WINDOW_MS);
    this.#used.clear();
  }

  clear(): void {
    this.#sql.exec("DELETE FROM requests");
    this.#used.clear();
  }

  #sumOf(credentialId: string): number {
    return this.#sql.exec<{ n: number }>("SELECT coalesce(sum(n), 0) AS n FROM requests WHERE credential_id = ?", credentialId).one().n;
  }

  /** When the next request leaves the window, in ms; null when there is none. */
  nextOld(): number | null {
    const { at } = this.#sql.exec<{ at: number | null }>("SELECT min(at) AS at FROM requests").one();
    return at === null ? null : at + WINDOW_MS;
  }
}
