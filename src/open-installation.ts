/** Who administers this installation: the setting ADMIN_TOKEN, or whoever claimed it. */
import { adminTokenHash, claimInstallation, codeToLog } from "./durable-objects/installation-client";
import { sha256Hex } from "./hash";
import { logLine } from "./log";

/** SHA-256 of the token that opens /admin: the setting's, else that of whoever claimed the installation; null: nobody has. */
export const adminTokenHashOf = async (env: Env): Promise<string | null> =>
  env.ADMIN_TOKEN ? sha256Hex(env.ADMIN_TOKEN) : adminTokenHash(env);

/** Whether the first administrator takes over by a code from the log: not where a setting names the token. */
export const isClaimable = (env: Env): boolean => !env.ADMIN_TOKEN;

/** Logs the code that makes its sender the administrator, unless the installation is claimed. */
export async function logClaimCode(env: Env): Promise<void> {
  const code = await codeToLog(env, Date.now());
  if (code !== null) logLine({ level: "info", message: "this installation has no administrator yet: POST /claim with this code", code });
}

export const claim = (env: Env, code: string) => claimInstallation(env, code, Date.now());
