import { keepExports as keep } from "../core/backup";
import { openCaller, openFiles, openShards } from "../open-context";

export async function keepExports(env: Env): Promise<void> {
  await keep(openCaller(env, { kind: "system" }, "cron"), { shards: openShards(env), files: openFiles(env) });
}
