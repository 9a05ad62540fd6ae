/**
 * What belongs to the installation and to no tenant: the keys that it created for itself, the token of the administrator who claimed it, and
 * where that administrator is signed in to the console. One object for the whole service.
 */
import { DurableObject } from "cloudflare:workers";
import type { ConsoleSession } from "../context";
import { sha256Hex } from "../hash";
import { randomHex } from "../ids";
import { type ClaimCode, isCodeUsable, matchesCode, newClaimCode } from "./claim-code";
import { ConsoleSessions } from "./console-sessions";
import { isKeyDue, KEYS_KEPT, type StoredKey } from "./key-rotation";

const ADMIN_TOKEN_PREFIX = "lea_";
const ADMIN_TOKEN_BYTES = 32;
/** The code is logged again after this time, so that whoever opens the log late sees it, and nobody can flood the log. */
const LOGGED_AGAIN_MS = 10_000;

export type Claim = { outcome: "claimed"; admin_token: string } | { outcome: "wrong_code" } | { outcome: "already_claimed" };

export class Installation extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #console = new ConsoleSessions(this.#sql);

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sql.exec("CREATE TABLE IF NOT EXISTS signing_keys (created_at INTEGER PRIMARY KEY, jwk TEXT NOT NULL)");
    this.#sql.exec("CREATE TABLE IF NOT EXISTS admin (only INTEGER PRIMARY KEY CHECK (only = 1), token_hash TEXT NOT NULL)");
    // an earlier version's, which counted wrong codes
    this.#sql.exec("DROP TABLE IF EXISTS claim_code");
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS claim (only INTEGER PRIMARY KEY CHECK (only = 1), code TEXT NOT NULL, created_at INTEGER NOT NULL, " +
        "logged_at INTEGER NOT NULL)",
    );
  }

  /** The signing keys, oldest first; creates the first one, and the next one when it is due. */
  async keys(now: number): Promise<StoredKey[]> {
    if (!isKeyDue(this.#keys(), now)) return this.#keys();
    const jwk = await createPrivateJwk();
    // another call may have created one meanwhile
    if (isKeyDue(this.#keys(), now)) this.#sql.exec("INSERT INTO signing_keys (created_at, jwk) VALUES (?, ?)", now, jwk);
    this.#sql.exec(
      "DELETE FROM signing_keys WHERE created_at NOT IN (SELECT created_at FROM signing_keys ORDER BY created_at DESC LIMIT ?)",
      KEYS_KEPT,
    );
    return this.#keys();
  }

  /** SHA-256 of the administrator's token; null until somebody has claimed the installation. */
  adminTokenHash(): string | null {
    return this.#sql.exec<{ token_hash: string }>("SELECT token_hash FROM admin").toArray()[0]?.token_hash ?? null;
  }

  /** The code to log; null when the installation is claimed, or the code was logged a moment ago. */
  codeToLog(now: number): string | null {
    if (this.adminTokenHash() !== null) return null;
    const { code, logged_at } = this.#usableCode(now);
    if (logged_at > now - LOGGED_AGAIN_MS) return null;
    this.#sql.exec("UPDATE claim SET logged_at = ?", now);
    return code;
  }

  /** Makes whoever sends the code the administrator, once. The token is returned here and stored nowhere. */
  claim(code: string, now: number): Claim {
    if (this.adminTokenHash() !== null) return { outcome: "already_claimed" };
    if (!matchesCode(this.#usableCode(now), code, now)) return { outcome: "wrong_code" };
    const admin_token = ADMIN_TOKEN_PREFIX + randomHex(ADMIN_TOKEN_BYTES);
    this.#sql.exec("INSERT INTO admin (only, token_hash) VALUES (1, ?)", sha256Hex(admin_token));
    this.#sql.exec("DELETE FROM claim");
    return { outcome: "claimed", admin_token };
  }

  openConsoleSession(session: ConsoleSession): void {
    this.#console.forgetOld(session.created_at);
    this.#console.open(session);
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

  #keys(): StoredKey[] {
    return this.#sql.exec<StoredKey>("SELECT created_at, jwk FROM signing_keys ORDER BY created_at").toArray();
  }

  #usableCode(now: number): ClaimCode & { logged_at: number } {
    const kept = this.#sql.exec<ClaimCode & { logged_at: number }>("SELECT code, created_at, logged_at FROM claim").toArray()[0];
    if (kept && isCodeUsable(kept, now)) return kept;
    const { code, created_at } = newClaimCode(now);
    this.#sql.exec("INSERT OR REPLACE INTO claim (only, code, created_at, logged_at) VALUES (1, ?, ?, 0)", code, created_at);
    return { code, created_at, logged_at: 0 };
  }
}

async function createPrivateJwk(): Promise<string> {
  const { privateKey } = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  return JSON.stringify(await crypto.subtle.exportKey("jwk", privateKey));
}
