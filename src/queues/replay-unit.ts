/** What a unit's lane does with the events that the unit has spilled: a commit at a time, as far as an invocation's statements go. */
import type { Ctx } from "../context";
import { Pace, type Replayed, removeSpilled, replaySpilled } from "../core/events";
import { AppError } from "../errors";
import { logError, logLine } from "../log";
import { logWork, openFiles, openSystem } from "../open-context";
import { openStatementBudget } from "../statement-budget";

/** `end`: there are no more, or none that the database takes now; `budget`: there may be more, for another invocation. */
export type ReplayStep = "more" | "end" | "budget";

/** Each call replays some events. It never throws. */
export function openReplay(env: Env, unit: number, budget = openStatementBudget()): () => Promise<ReplayStep> {
  const pace = new Pace();
  return async () => {
    if (!budget.hasRoom()) return "budget";
    try {
      const ctx = await openUnit(env, unit);
      const replayed = ctx && (await replayOnce(env, budget.counted(ctx), () => budget.hasRoom(), pace));
      if (!replayed) return "end";
      if (replayed.settled > 0 || replayed.left === 0) return "more";
      return budget.hasRoom() ? "end" : "budget";
    } catch (error) {
      logError("spilled events not replayed", error, { unit });
      return "end";
    }
  };
}

async function replayOnce(env: Env, ctx: Ctx, hasRoom: () => boolean, pace: Pace): Promise<Replayed | null> {
  const replayed = await replaySpilled(ctx, hasRoom, pace);
  if (!replayed) return null;
  const { settled, left } = replayed;
  const fields = { unit: ctx.unit.unit, events: settled, left };
  if (left > 0) logLine({ level: "warn", message: "spilled events replayed", ...fields });
  else logWork(env, "spilled events replayed", fields);
  return replayed;
}

/** Null: the unit has been deleted, and its events with it. */
async function openUnit(env: Env, unit: number): Promise<Ctx | null> {
  try {
    return await openSystem(env, unit, `replay-${unit}`, "event");
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
    await removeSpilled(openFiles(env), unit);
    logLine({ level: "warn", message: "spilled events of a deleted org unit removed", unit });
    return null;
  }
}
