import { removeOldAudit } from "../core/auth";
import { logLine } from "../log";
import { openCaller } from "../open-context";

export async function removeOldAuditEntries(env: Env): Promise<void> {
  const removed = await removeOldAudit(openCaller(env, { kind: "system" }, "cron"));
  if (removed > 0) logLine({ level: "info", message: "old audit entries removed", entries: removed });
}
