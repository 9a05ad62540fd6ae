import type { ShardDb } from "../context";
import { openShards } from "../open-context";
import { MINUTE_MS } from "../time";

/** At ten statements in each, this leaves statements of the invocation to the jobs that find work. */
const SHARDS_PER_TICK_MAX = 60;

/** The databases in which a minute's jobs look for work: all of them, or as many as a tick can, each in its turn. */
export function shardsInTurn(env: Env): ShardDb[] {
  const shards = openShards(env);
  if (shards.length <= SHARDS_PER_TICK_MAX) return shards;
  const first = (Math.floor(Date.now() / MINUTE_MS) * SHARDS_PER_TICK_MAX) % shards.length;
  return [...shards.slice(first), ...shards.slice(0, first)].slice(0, SHARDS_PER_TICK_MAX);
}
