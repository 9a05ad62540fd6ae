import { keepExports as keep } from "../core/backup";
import { openCaller, openFiles, openShards } from "../open-context";
import type { StatementBudget } from "../statement-budget";

export async function keepExports(env: Env, budget: StatementBudget): Promise<void> {
  await keep(openCaller(env, { kind: "system" }, "cron"), { shards: openShards(env), files: openFiles(env) }, budget);
}
