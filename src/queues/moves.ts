/** Moves org units between databases. A message names the move; the remaining work is read from its row. */
import { runMove } from "../core/moves";
import { logWork, openMoves, outbox } from "../open-context";
import { openStatementBudget } from "../statement-budget";
import type { MoveMessage } from "./messages";

/** A run begins no further step after this long. */
const BUDGET_SECONDS = 20;
/** A step of many slices, or the triggers of all tables in two databases. */
const STATEMENTS_PER_STEP = 500;
/** Longer waits are left to cron. */
const DELAY_SECONDS_MAX = 60;

export async function consumeMove(env: Env, { move }: MoveMessage): Promise<void> {
  const until = Date.now() + BUDGET_SECONDS * 1000;
  const budget = openStatementBudget();
  const waitMs = await runMove(openMoves(env, budget), move, () => Date.now() < until && budget.hasRoom(STATEMENTS_PER_STEP));
  logWork(env, "move run", { move_id: move, ...(waitMs === null ? {} : { wait_ms: waitMs }) });
  const delaySeconds = Math.ceil((waitMs ?? 0) / 1000);
  if (waitMs !== null && delaySeconds <= DELAY_SECONDS_MAX) await outbox(env).move({ move_id: move }, delaySeconds);
}
