/** What D1 reports, in the domain's terms. */
import { AppError } from "../errors";
import { CommitConflict, KeyTaken } from "./commit";

/** A D1 failure as an AppError or a CommitConflict; one that is neither is returned as it is. */
export function d1Failure(error: unknown): unknown {
  if (error instanceof AppError || error instanceof CommitConflict) return error;
  // drizzle wraps what D1 says
  if (error instanceof Error && error.cause instanceof Error) return mapped(error.cause.message) ?? error;
  return mapped(error instanceof Error ? error.message : String(error)) ?? error;
}

function mapped(message: string): Error | null {
  const taken = /constraint failed: (\w+)\.(\w+)/.exec(message);
  if (taken?.[1] === "idempotency_keys") return new KeyTaken();
  if (taken?.[1]) return new CommitConflict(taken[1], taken[2]);
  if (/overloaded|Network connection lost|storage caused object to be reset|transient issue|exceeded timeout/i.test(message)) {
    return new AppError("unavailable", "The database is busy; try again in a moment");
  }
  return null;
}
