/** What D1 reports, in the domain's terms. */
import { AppError } from "../errors";
import { count } from "../metrics";
import { CommitConflict, KeyTaken } from "./commit";

/** What the triggers of a move say, in core/moves/triggers.ts, when a write comes while its unit changes databases. */
export const UNIT_IS_MOVING = "the org unit is moving";

/** A D1 failure as an AppError or a CommitConflict; one that is neither is returned as it is. */
export function d1Failure(error: unknown): unknown {
  if (error instanceof AppError || error instanceof CommitConflict) return error;
  const failure = domainError(error);
  if (!(failure instanceof CommitConflict)) countOnce(error);
  return failure;
}

const counted = new WeakSet<object>();

/** An error passes here where it is caught, and again where it becomes a response. */
function countOnce(error: unknown): void {
  if (!(error instanceof Error) || counted.has(error) || !/D1_|SQLITE/.test(`${error.message} ${error.cause}`)) return;
  counted.add(error);
  count("d1_errors_total");
}

function domainError(error: unknown): unknown {
  // drizzle wraps what D1 says
  if (error instanceof Error && error.cause instanceof Error) return mapped(error.cause.message) ?? error;
  return mapped(error instanceof Error ? error.message : String(error)) ?? error;
}

function mapped(message: string): Error | null {
  if (message.includes(UNIT_IS_MOVING))
    return new AppError("unavailable", "The org unit is moving to another database; try again in a moment");
  const taken = /constraint failed: (\w+)\.(\w+)/.exec(message);
  if (taken?.[1] === "idempotency_keys") return new KeyTaken();
  if (taken?.[1]) return new CommitConflict(taken[1], taken[2]);
  if (/overloaded|Network connection lost|storage caused object to be reset|transient issue|exceeded timeout/i.test(message)) {
    return new AppError("unavailable", "The database is busy; try again in a moment");
  }
  // what D1 reports without a code of SQLite is about reaching it; with one it is about the statement, and a mistake of ours
  if (/D1_ERROR|D1_EXEC_ERROR/.test(message) && !/SQLITE_(?!BUSY|FULL|IOERR|LOCKED|NOMEM|CANTOPEN|INTERRUPT)/.test(message)) {
    return new AppError("unavailable", "The database is not available; try again in a moment");
  }
  return null;
}
