/** Runs undos. A message names the operation; the remaining work is read from its journal. */
import { runUndo } from "../core/undo";
import { logWork, openSystem } from "../open-context";
import type { UndoMessage } from "./messages";

/** A run begins no further row of the journal after this long. */
const BUDGET_SECONDS = 20;

/** Returns whether there is more to undo. */
export async function consumeUndo(env: Env, message: Message): Promise<boolean> {
  const { unit, undo } = message.body as UndoMessage;
  const ctx = await openSystem(env, unit, message.id);
  const outcome = await runUndo(ctx, undo, ctx.now() + BUDGET_SECONDS * 1000);
  logWork(env, "undo run", { unit, operation_id: undo, outcome });
  return outcome === "continue";
}
