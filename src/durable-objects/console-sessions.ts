/** Who is signed in to the console: a session ends when it was not used for two hours, and in any case at its `expires_at`. */
import type { ConsoleSession } from "../context";

const IDLE_MS = 2 * 3_600_000;
/** Being seen is written down at most this often. */
const SEEN_EVERY_MS = 60_000;
/** Beyond this, signing in ends the actor's oldest session. */
const SESSIONS_PER_ACTOR_MAX = 50;

export class ConsoleSessions {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS console_sessions (
         secret_hash TEXT PRIMARY KEY, session_id TEXT NOT NULL, principal TEXT NOT NULL, actor_id TEXT NOT NULL, browser TEXT NOT NULL,
         created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
       ) WITHOUT ROWID`,
    );
  }

  open({ secret_hash, session_id, principal, actor_id, browser, created_at, seen_at, expires_at }: ConsoleSession): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO console_sessions (secret_hash, session_id, principal, actor_id, browser, created_at, seen_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[secret_hash, session_id, principal, actor_id, browser, created_at, seen_at, expires_at],
    );
    this.#sql.exec(
      `DELETE FROM console_sessions WHERE actor_id = ?1
         AND session_id NOT IN (SELECT session_id FROM console_sessions WHERE actor_id = ?1 ORDER BY session_id DESC LIMIT ?2)`,
      actor_id,
      SESSIONS_PER_ACTOR_MAX,
    );
  }

  see(secretHash: string, now: number): ConsoleSession | null {
    const [found] = this.#sql
      .exec<ConsoleSession>(
        "SELECT * FROM console_sessions WHERE secret_hash = ? AND expires_at > ? AND seen_at > ?",
        secretHash,
        now,
        now - IDLE_MS,
      )
      .toArray();
    if (!found) return null;
    if (found.seen_at <= now - SEEN_EVERY_MS) {
      this.#sql.exec("UPDATE console_sessions SET seen_at = ? WHERE secret_hash = ?", now, secretHash);
    }
    return found;
  }

  list(actorId: string, now: number): ConsoleSession[] {
    return this.#sql
      .exec<ConsoleSession>(
        "SELECT * FROM console_sessions WHERE actor_id = ? AND expires_at > ? AND seen_at > ? ORDER BY session_id DESC",
        actorId,
        now,
        now - IDLE_MS,
      )
      .toArray();
  }

  end(actorId: string, sessionId: string | null): number {
    return this.#sql
      .exec("DELETE FROM console_sessions WHERE actor_id = ?1 AND (?2 IS NULL OR session_id = ?2) RETURNING 1 AS ended", actorId, sessionId)
      .toArray().length;
  }

  clear(): void {
    this.#sql.exec("DELETE FROM console_sessions");
  }

  forgetOld(now: number): void {
    this.#sql.exec("DELETE FROM console_sessions WHERE expires_at <= ? OR seen_at <= ?", now, now - IDLE_MS);
  }

  /** When the next session ends, in ms; null when there is none. */
  nextOld(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(min(expires_at, seen_at + ?)) AS at FROM console_sessions", IDLE_MS).one().at;
  }
}
