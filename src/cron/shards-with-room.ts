import type { ShardDb } from "../context";
import { findMovingShards } from "../core/moves";
import { openMoves, openShards } from "../open-context";
import type { StatementBudget } from "../statement-budget";
import { fromAnywhere } from "./from-anywhere";

/**
 * The databases in which a job may run now, each with its number: as many as the tick has statements for, `statements` in each at most.
 * They begin with a random one, so that each has its turn. Both databases of a move are left out, as they hold a copy that must not
 * change: their old rows wait for the end of the move.
 */
export async function* shardsWithRoom(
  env: Env,
  budget: StatementBudget,
  statements: number,
): AsyncGenerator<{ db: ShardDb; shard: number }> {
  const shards = openShards(env).map((db, shard) => ({ db, shard }));
  const moving = shards.length > 1 ? await findMovingShards(openMoves(env)) : new Set<number>();
  if (shards.length > 1) budget.count(1);
  for (const { db, shard } of fromAnywhere(shards)) {
    if (!budget.hasRoom(statements)) return;
    if (!moving.has(shard)) yield { db: budget.countedShard(db), shard };
  }
}
