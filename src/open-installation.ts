/** Who administers this installation: the setting ADMIN_TOKEN, or whoever claimed it. */

import type { Claim } from "./durable-objects/installation";
import { adminTokenHash, claimInstallation, codeToLog } from "./durable-objects/installation-client";
import { sha256Hex } from "./hash";
import { logLine } from "./log";

/** Until the installation is claimed, another isolate notices it so late. Once claimed it stays claimed, by the same token. */
const UNCLAIMED_TTL_MS = 1_000;

/** What the installation's one object said last, to this isolate. */
const known = new WeakMap<Env["INSTALLATION"], { hash: string | null; at: number }>();

/** SHA-256 of the token that opens /admin: the setting's, else that of whoever claimed the installation; null: nobody has. */
export async function adminTokenHashOf(env: Env): Promise<string | null> {
  if (env.ADMIN_TOKEN) return sha256Hex(env.ADMIN_TOKEN);
  const kept = known.get(env.INSTALLATION);
  if (kept && (kept.hash !== null || Date.now() - kept.at < UNCLAIMED_TTL_MS)) return kept.hash;
  const hash = await adminTokenHash(env);
  known.set(env.INSTALLATION, { hash, at: Date.now() });
  return hash;
}

/** Whether the first administrator takes over by a code from the log: not where a setting names the token. */
export const isClaimable = (env: Env): boolean => !env.ADMIN_TOKEN;

/** Logs the code that makes its sender the administrator, unless the installation is claimed. */
export async function logClaimCode(env: Env): Promise<void> {
  const code = await codeToLog(env, Date.now());
  if (code !== null) logLine({ level: "info", message: "this installation has no administrator yet: POST /claim with this code", code });
}

export function claim(env: Env, code: string): Promise<Claim> {
  known.delete(env.INSTALLATION);
  return claimInstallation(env, code, Date.now());
}
