/** Runs import jobs, and merges of leads with many events. A message names the job; what is left to do is read from its row. */
import { RUN_BUDGET_SECONDS, runImport } from "../core/imports";
import { runMerge } from "../core/merging";
import { logWork, openSystem } from "../open-context";
import type { ImportMessage } from "./messages";

export async function consumeImportJob(env: Env, message: Message): Promise<void> {
  const { unit, job_id } = message.body as ImportMessage;
  const ctx = await openSystem(env, unit, message.id);
  const until = ctx.now() + RUN_BUDGET_SECONDS * 1000;
  const isMerge = job_id.startsWith("mrg_");
  const outcome = isMerge ? await runMerge(ctx, job_id, until) : await runImport(ctx, job_id, until);
  logWork(env, isMerge ? "merge run" : "import run", { unit, job_id, outcome });
  if (outcome === "continue") await ctx.outbox.importJob({ unit, job_id });
}
