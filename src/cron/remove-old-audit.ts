import { removeOldAudit } from "../core/auth";
import { logLine } from "../log";
import { openCaller } from "../open-context";
import type { StatementBudget } from "../statement-budget";

export async function removeOldAuditEntries(env: Env, budget: StatementBudget): Promise<void> {
  if (!budget.hasRoom(1)) return;
  budget.count(1);
  const removed = await removeOldAudit(openCaller(env, { kind: "system" }, "cron"));
  if (removed > 0) logLine({ level: "info", message: "old audit entries removed", entries: removed });
}
