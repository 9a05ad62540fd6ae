import { keepUsage as keep, removeOldUsage } from "../core/usage";
import { openCaller, openUsage } from "../open-context";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** For each database, at most. */
const STATEMENTS = 155;

export async function keepUsage(env: Env, budget: StatementBudget): Promise<void> {
  const ctx = openCaller(env, { kind: "system" }, "cron");
  for await (const { db, shard } of shardsWithRoom(env, budget, STATEMENTS)) {
    const measured = await keep(ctx, openUsage(env), db, shard);
    // each unit was looked up in the directory, and so was the one after the last
    budget.count(measured + 1);
  }
  await removeOldUsage(openUsage(env), ctx.now());
}
