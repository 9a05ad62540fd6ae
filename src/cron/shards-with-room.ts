import type { ShardDb } from "../context";
import { openShards } from "../open-context";
import type { StatementBudget } from "../statement-budget";
import { fromAnywhere } from "./from-anywhere";

/**
 * The databases in which a job may run now, each with its number: as many as the tick has statements for, `statements` in each at most. They
 * begin with a random one, so that each has its turn.
 */
export function* shardsWithRoom(env: Env, budget: StatementBudget, statements: number): Generator<{ db: ShardDb; shard: number }> {
  const shards = openShards(env).map((db, shard) => ({ db, shard }));
  for (const { db, shard } of fromAnywhere(shards)) {
    if (!budget.hasRoom(statements)) return;
    yield { db: budget.countedShard(db), shard };
  }
}
