/**
 * A move is a row in the directory that names the next step: prepare, copy, catch up, verify, switch, sweep, close. Each step can be
 * repeated, so the next run continues one that died anywhere. The run with the latest turn works; the writes of all others fail.
 */
import { AppError } from "../../errors";
import { logError, logLine } from "../../log";
import type { MoveStep } from "../../vocabulary";
import { catchUp } from "./catch-up";
import { copy } from "./copy";
import { LostTurn, type Move, type MoveRun, type MoveWorld, type Progress } from "./move";
import { close, sweep, undo } from "./remove-copy";
import { enterTurn, openSides } from "./sides";
import { deleteOrphan, saveProgress, takeTurn, unitIsThere } from "./store";
import { letWrite, switchOver } from "./switch-over";
import { verify } from "./verify";

/** A run that has saved nothing for this long is dead: a step takes a few seconds. */
const LEASE_MS = 15_000;
const FAILURES_MAX = 10;
const RETRY_MS_MAX = 60_000;

async function prepare(run: MoveRun): Promise<Progress> {
  await openSides(run);
  return { step: "copy", position: null, rows_copied: 0 };
}

const STEPS: Record<MoveStep, (run: MoveRun) => Promise<Progress>> = {
  prepare,
  copy,
  catch_up: catchUp,
  verify,
  switch: switchOver,
  sweep,
  undo,
  close,
};

const canFail = ({ step }: Move): boolean => !["sweep", "undo", "close"].includes(step);

/**
 * Continues a move while `goesOn`. Returns in how many ms to continue; null: there is nothing to do, or another run does it. A failure is
 * recorded in the move's row, and the step is retried; after ten failures in a row before the switch the move fails, and the unit stays.
 */
export async function runMove(world: MoveWorld, moveId: string, goesOn: () => boolean): Promise<number | null> {
  let move = await takeTurn(world.directory, moveId, world.now(), LEASE_MS);
  if (!move) return null;
  const [from, to] = [world.shards[move.from_shard], world.shards[move.to_shard]];
  if (!from || !to) throw new AppError("conflict", `A database of ${moveId} is not bound`);
  const runOf = (current: Move): MoveRun => ({ ...world, move: current, from, to });
  try {
    await enterTurn(runOf(move));
    if (canFail(move) && !(await unitIsThere(world.directory, move))) {
      move = await save(world, move, {
        status: "failed",
        step: "undo",
        position: null,
        error: "The org unit is not in that database any more",
      });
    }
    for (;;) {
      const progress = await STEPS[move.step](runOf(move));
      const waitMs = (progress.due_at ?? 0) - world.now();
      move = await save(world, move, { failures: 0, ...(move.status !== "failed" && { error: null }), ...progress });
      if (move.closed_at !== null) {
        await deleteOrphan(world.directory, move);
        return null;
      }
      if (waitMs > 0) return waitMs;
      if (goesOn()) continue;
      await save(world, move, { due_at: world.now() });
      return 0;
    }
  } catch (error) {
    if (error instanceof LostTurn) return null;
    return fail(runOf(move), error).catch(unlessLost);
  }
}

function unlessLost(error: unknown): null {
  if (error instanceof LostTurn) return null;
  throw error;
}

async function save(world: MoveWorld, move: Move, changes: Progress & { failures?: number }): Promise<Move> {
  const saved = await saveProgress(world.directory, move, { due_at: world.now() + LEASE_MS, ...changes });
  if (!saved) throw new LostTurn(`the turn of ${move.move_id} is over`);
  if (saved.step !== move.step)
    logLine({ level: "info", message: "move proceeds", move_id: move.move_id, unit: move.unit, step: saved.step });
  return saved;
}

/** In how many ms the next run may try again. */
async function fail(run: MoveRun, thrown: unknown): Promise<number> {
  const { move } = run;
  logError("move failed", thrown, { move_id: move.move_id, step: move.step });
  const failures = move.failures + 1;
  const error = thrown instanceof Error ? thrown.message.slice(0, 500) : String(thrown);
  const waitMs = Math.min(1_000 * 2 ** failures, RETRY_MS_MAX);
  const gaveUp = canFail(move) && failures >= FAILURES_MAX;
  const back: Progress = move.step === "switch" ? { step: "catch_up", position: null } : {};
  const end: Progress = gaveUp ? { status: "failed", step: "undo", position: null } : back;
  await save(run, move, { failures, error, due_at: run.now() + waitMs, ...end });
  if (move.step === "switch") await letWrite(run).catch((cause: unknown) => logError("writes not allowed again", cause, {}));
  return waitMs;
}
