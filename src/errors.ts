/** Expected failures, in the domain's terms and not HTTP's: each dialect maps a code to its own status and body. */
export type ErrorCode =
  | "invalid_request"
  | "no_active_org_unit"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "gone"
  | "conflict"
  | "idempotency_key_in_use"
  | "idempotency_key_reused"
  | "plan_outdated"
  | "precondition_failed"
  | "too_large"
  | "unsupported_media_type"
  | "rate_limited"
  | "unavailable";

/** One complaint about one field: `path` as the caller wrote it (`attributes.bad/key`), `message` naming what is allowed. */
export type FieldProblem = { path: string; message: string };

/** An expected failure. `message` is safe to show to the caller. */
export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly problems: readonly FieldProblem[] = [],
    /** what the caller may act on */
    readonly facts: Readonly<{ rows_moved?: number; merged_into?: string }> = {},
  ) {
    super(message);
    this.name = "AppError";
  }
}

/** For an `unavailable` that lasts longer than a moment. */
export class Unavailable extends AppError {
  constructor(
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super("unavailable", message);
  }
}

/** Whether the same call may succeed in a moment. */
export const isUnavailable = (error: unknown): boolean => error instanceof AppError && error.code === "unavailable";
