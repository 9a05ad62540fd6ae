/** The switch: the unit's writes are refused while the last changes are copied; then it is read and written in the new database. */
import { DIRECTORY_CACHE_TTL_MS } from "../../ttl-cache";
import { applyChanges } from "./catch-up";
import { LostTurn, type MoveRun, type Progress } from "./move";
import { hasAllTriggers, setState } from "./sides";
import { switchUnit } from "./store";

/** By then no isolate remembers where the unit was before the move. */
const FORGOTTEN_AFTER_MS = DIRECTORY_CACHE_TTL_MS + 5_000;
/** How long the unit's writes may be refused. If changes are left by then, the move goes back to catching up. */
const FENCED_MS_MAX = 10_000;
/** How long the old copy is kept for requests and jobs that began before the switch: Cloudflare ends a job by then. */
const COPY_KEPT_MS = 15 * 60_000;

export async function switchOver(run: MoveRun): Promise<Progress> {
  const { move, now } = run;
  const due_at = move.created_at + FORGOTTEN_AFTER_MS;
  if (now() < due_at) return { due_at };
  await setState(run, "from", ["capturing"], "fenced");
  if (!(await hasAllTriggers(run))) return retreat(run, "prepare");
  const until = now() + FENCED_MS_MAX;
  for (;;) {
    const { left, differing } = await applyChanges(run, { checks: true });
    if (left === 0) break;
    if (differing > 0 || now() > until) return retreat(run, "catch_up");
  }
  await setState(run, "to", ["arriving"], "live");
  const switched_at = now();
  const due = switched_at + COPY_KEPT_MS;
  if (!(await switchUnit(run.directory, move, switched_at, due))) throw new LostTurn(`${move.move_id} was overtaken while it switched`);
  return { due_at: due };
}

/** Lets the unit write again in its old database. Only the holder of the turn can switch, so no switch happens meanwhile. */
async function retreat(run: MoveRun, step: "prepare" | "catch_up"): Promise<Progress> {
  await setState(run, "from", ["fenced"], "capturing");
  return { step, position: null };
}

/** After a failure in the middle of the switch. */
export const letWrite = (run: MoveRun): Promise<void> => setState(run, "from", ["fenced"], "capturing");
