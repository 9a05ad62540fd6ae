/** Runs import jobs. A message names the job; what is left to do is read from its row. */
import { RUN_BUDGET_SECONDS, runImport } from "../core/imports";
import { logWork, openSystem } from "../open-context";
import type { ImportMessage } from "./messages";

export async function consumeImportJob(env: Env, message: Message): Promise<void> {
  const { unit, job_id } = message.body as ImportMessage;
  const ctx = await openSystem(env, unit, message.id);
  const outcome = await runImport(ctx, job_id, ctx.now() + RUN_BUDGET_SECONDS * 1000);
  logWork(env, "import run", { unit, job_id, outcome });
  if (outcome === "continue") await ctx.outbox.importJob({ unit, job_id });
}
