import { keepUsage as keep } from "../core/usage";
import { openCaller, openShards, openUsage } from "../open-context";

export async function keepUsage(env: Env): Promise<void> {
  await keep(openCaller(env, { kind: "system" }, "cron"), openUsage(env), openShards(env));
}
