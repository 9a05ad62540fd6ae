/** One object for each org unit holds its live state: sessions of clients that chose it, and its keys' requests of the last hour, and who is signed in to the console. */
import { DurableObject } from "cloudflare:workers";
import type { ConsoleSession, RequestQuota, Session } from "../context";
import { ConsoleSessions } from "./console-sessions";
import { RequestWindow } from "./request-window";

/** Beyond this, a new session ends the credential's oldest: a script may open one before each call. */
const SESSIONS_PER_CREDENTIAL_MAX = 100;
const SESSIONS_LISTED_MAX = 1_000;

export class OrgUnit extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #requests = new RequestWindow(this.#sql);
  readonly #console = new ConsoleSessions(this.#sql);

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS sessions (
         session_id TEXT PRIMARY KEY, unit_id TEXT NOT NULL, credential_id TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
       ) WITHOUT ROWID`,
    );
  }

  async openSession(session: Session): Promise<void> {
    this.#sql.exec(
      "INSERT OR REPLACE INTO sessions (session_id, unit_id, credential_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
      session.session_id,
      session.unit_id,
      session.credential_id,
      session.created_at,
      session.expires_at,
    );
    this.#sql.exec(
      "DELETE FROM sessions WHERE credential_id = ?1 AND session_id NOT IN (SELECT session_id FROM sessions WHERE credential_id = ?1 ORDER BY session_id DESC LIMIT ?2)",
      session.credential_id,
      SESSIONS_PER_CREDENTIAL_MAX,
    );
    await this.#wakeAtNextExpiry();
  }

  /** Living sessions, newest first. */
  listSessions(now: number): Session[] {
    return this.#sql
      .exec<Session>("SELECT * FROM sessions WHERE expires_at > ? ORDER BY session_id DESC LIMIT ?", now, SESSIONS_LISTED_MAX)
      .toArray();
  }

  hasSession(sessionId: string, now: number): boolean {
    return this.#sql.exec("SELECT 1 FROM sessions WHERE session_id = ? AND expires_at > ?", sessionId, now).toArray().length > 0;
  }

  endSession(sessionId: string): boolean {
    return this.#sql.exec("DELETE FROM sessions WHERE session_id = ? RETURNING 1 AS ended", sessionId).toArray().length > 0;
  }

  async openConsoleSession(session: ConsoleSession): Promise<void> {
    this.#console.open(session);
    await this.#wakeAtNextExpiry();
  }

  seeConsoleSession(secretHash: string, now: number): ConsoleSession | null {
    return this.#console.see(secretHash, now);
  }

  listConsoleSessions(actorId: string, now: number): ConsoleSession[] {
    return this.#console.list(actorId, now);
  }

  endConsoleSessions(actorId: string, sessionId: string | null): number {
    return this.#console.end(actorId, sessionId);
  }

  async forget(): Promise<void> {
    this.#sql.exec("DELETE FROM sessions");
    this.#console.clear();
    this.#requests.clear();
    await this.ctx.storage.deleteAlarm();
  }

  async takeRequest(credentialId: string, limit: number, now: number): Promise<RequestQuota> {
    const quota = this.#requests.take(credentialId, limit, now);
    // every request removes its key's old rows; the alarm removes those of keys that make no more requests, and may be late
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(quota.frees_at);
    return quota;
  }

  override async alarm(): Promise<void> {
    this.#sql.exec("DELETE FROM sessions WHERE expires_at <= ?", Date.now());
    this.#console.forgetOld(Date.now());
    this.#requests.forgetOld(Date.now());
    await this.#wakeAtNextExpiry();
  }

  async #wakeAtNextExpiry(): Promise<void> {
    const { at: expiry } = this.#sql.exec<{ at: number | null }>("SELECT min(expires_at) AS at FROM sessions").one();
    const times = [expiry, this.#console.nextOld(), this.#requests.nextOld()].filter((time) => time !== null);
    if (times.length === 0) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(Math.min(...times));
  }
}
