/** Puts spilled events on their timelines: a commit of each org unit at a time, as far as a tick's statements go. */
import type { Ctx } from "../context";
import { listSpilledUnits, removeSpilled, replaySpilled } from "../core/events";
import { AppError } from "../errors";
import { logLine } from "../log";
import { openFiles, openSystem } from "../open-context";
import type { StatementBudget } from "../statement-budget";

/** Left to the re-keying of phones, which needs 150 to begin, and to the exports. */
const STATEMENTS_KEPT = 250;

export async function replaySpilledEvents(env: Env, tick: StatementBudget): Promise<void> {
  const budget = tick.keeping(STATEMENTS_KEPT);
  const spilled = await listSpilledUnits(openFiles(env));
  // each tick begins elsewhere, so that no unit which uses up a tick keeps the others waiting
  const first = Math.floor(Math.random() * spilled.length);
  let units = [...spilled.slice(first), ...spilled.slice(0, first)];
  while (units.length > 0) {
    const unfinished: number[] = [];
    for (const unit of units) {
      if (!budget.hasRoom()) return;
      const ctx = await openUnit(env, unit, budget);
      if (ctx && (await replayUnit(budget.counted(ctx)))) unfinished.push(unit);
    }
    units = unfinished;
  }
}

/** Whether the unit may have more. */
async function replayUnit(ctx: Ctx): Promise<boolean> {
  const replayed = await replaySpilled(ctx);
  if (!replayed) return false;
  const { settled, left } = replayed;
  logLine({ level: left > 0 ? "warn" : "info", message: "spilled events replayed", unit: ctx.unit.unit, events: settled, left });
  return left === 0;
}

/** Null: the unit has been deleted, and its events with it. */
async function openUnit(env: Env, unit: number, budget: StatementBudget): Promise<Ctx | null> {
  try {
    return await openSystem(env, unit, `replay-${unit}`, "event");
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
    budget.count(1);
    await removeSpilled(openFiles(env), unit);
    logLine({ level: "warn", message: "spilled events of a deleted org unit removed", unit });
    return null;
  }
}
