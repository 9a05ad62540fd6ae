/** Optimistic commits: D1 has no interactive transactions, so a plan is committed with guards and repeated when one of them fails. */
import { AppError } from "../errors";
import type { QuotaGuard } from "./schema/quotas";

/** Each round lets at least one of the competing writers through, so this many writers of one thing at once can all commit. */
const COMMIT_TRIES_MAX = 64;

/**
 * A batch rolled back because a key of `table` was taken, because (`commit_guards`) what it was planned on had changed, or because
 * (`quota_guards`) the unit has no room for it.
 */
export class CommitConflict extends Error {
  constructor(
    readonly table: string,
    readonly column: string | null = null,
  ) {
    super(`commit conflict on ${table}`);
    this.name = "CommitConflict";
  }
}

/** A batch rolled back because its Idempotency-Key has an answer by now. Not a CommitConflict: planning anew cannot help. */
export class KeyTaken extends AppError {
  constructor() {
    super("idempotency_key_in_use", "A request with this Idempotency-Key is being carried out: try again in a moment");
    this.name = "KeyTaken";
  }
}

/** For a change that is based on a stored version: `seen` is that version's `updated_at`. Throws precondition_failed. */
export function requireAsSeen(stored: { updated_at: number }, seen: number | undefined): void {
  if (seen !== undefined && stored.updated_at !== seen)
    throw new AppError("precondition_failed", "Somebody else has changed it since you opened it: load it again to see how");
}

/** Statement that rolls its batch back when `select` returns a row: it returns none while the plan still holds. */
export const guardSql = (select: string): string => `INSERT INTO commit_guards (stale) SELECT NULL FROM (${select} LIMIT 1)`;

/** Statement that rolls its batch back when `select` returns a row: it returns none while there is room. `column` says which quota. */
export const quotaSql = (column: QuotaGuard, select: string): string =>
  `INSERT INTO quota_guards (${column}) SELECT NULL FROM (${select} LIMIT 1)`;

/** The result of a commit, or, when somebody else was first, the state to plan on next. */
export type Attempt<State, Result> = { committed: Result } | { changed: State };

/** Plans and commits until a commit succeeds. Throws unavailable when other writers are always first. */
export async function commitLoop<State, Result>(
  loaded: State,
  attempt: (state: State, tries: number) => Promise<Attempt<State, Result>>,
): Promise<Result> {
  let state = loaded;
  for (let tries = 1; tries <= COMMIT_TRIES_MAX; tries++) {
    const outcome = await attempt(state, tries);
    if ("committed" in outcome) return outcome.committed;
    state = outcome.changed;
  }
  throw new AppError("unavailable", "Too many writers at once; try again in a moment");
}

/** A commit loop whose every attempt loads afresh. */
export const untilCommitted = <Result>(loadPlanAndCommit: () => Promise<Result>): Promise<Result> =>
  commitLoop<null, Result>(null, async () => {
    try {
      return { committed: await loadPlanAndCommit() };
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
      return { changed: null };
    }
  });
