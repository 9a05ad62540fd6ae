/**
 * Runs import jobs, plans of imports, bulk jobs, and merges and erasures of leads with many events. A message names one; the remaining work
 * is read from its row.
 */
import { signReceipt } from "../core/auth";
import { runBulk } from "../core/bulk";
import { runErasure } from "../core/erasure";
import { RUN_BUDGET_SECONDS, runImport, runPlan } from "../core/imports";
import { runMerge } from "../core/merging";
import { logWork, openSystem, signingKeysOf } from "../open-context";
import type { ImportMessage } from "./messages";

/** Returns whether the job has more to do. */
export async function consumeImportJob(env: Env, message: Message): Promise<boolean> {
  const body = message.body as ImportMessage;
  if ("plan_id" in body) return consumePlan(env, message, body);
  const { unit, job_id } = body;
  if (job_id.startsWith("bulk_")) return consumeBulk(env, message, { unit, job_id });
  if (job_id.startsWith("era_")) return consumeErasure(env, message, { unit, job_id });
  const isMerge = job_id.startsWith("mrg_");
  const ctx = await openSystem(env, unit, message.id, isMerge ? "merge" : "import");
  const until = ctx.now() + RUN_BUDGET_SECONDS * 1000;
  const outcome = isMerge ? await runMerge(ctx, job_id, until) : await runImport(ctx, job_id, until);
  logWork(env, isMerge ? "merge run" : "import run", { unit, job_id, outcome });
  return outcome === "continue";
}

async function consumePlan(env: Env, message: Message, { unit, plan_id }: Extract<ImportMessage, { plan_id: string }>): Promise<boolean> {
  const ctx = await openSystem(env, unit, message.id);
  const outcome = await runPlan(ctx, plan_id, ctx.now() + RUN_BUDGET_SECONDS * 1000);
  logWork(env, "plan run", { unit, plan_id, outcome });
  return outcome === "continue";
}

async function consumeBulk(env: Env, message: Message, { unit, job_id }: { unit: number; job_id: string }): Promise<boolean> {
  const ctx = await openSystem(env, unit, message.id, "engagement");
  const outcome = await runBulk(ctx, job_id, ctx.now() + RUN_BUDGET_SECONDS * 1000);
  logWork(env, "bulk run", { unit, job_id, outcome });
  return outcome === "continue";
}

async function consumeErasure(env: Env, message: Message, { unit, job_id }: { unit: number; job_id: string }): Promise<boolean> {
  const ctx = await openSystem(env, unit, message.id, "engagement");
  const keys = await signingKeysOf(env);
  const options = { until: ctx.now() + RUN_BUDGET_SECONDS * 1000, sign: (content: object) => signReceipt(keys, content) };
  const outcome = await runErasure(ctx, job_id, options);
  logWork(env, "erasure run", { unit, job_id, outcome });
  return outcome === "continue";
}
