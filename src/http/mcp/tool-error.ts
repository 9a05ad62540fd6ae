/** A failure as a sentence for the calling model, which can correct its arguments or report to its user. */
import { LeadMerged, publicLeadId } from "../../core/leads";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { toDomainError } from "../../open-context";
import { retryAfterSeconds } from "../problem";

const TEXT_CHARS_MAX = 2_000;

/** Never throws. What is unexpected is logged, and not described. */
export function errorText(thrown: unknown, requestId: string): string {
  const error = toDomainError(thrown);
  if (!(error instanceof AppError)) {
    logError("tool failed", error, { request_id: requestId });
    return `Something went wrong on our side; quote the request id ${requestId}`;
  }
  const seconds = retryAfterSeconds(error);
  const hints = [
    error instanceof LeadMerged ? `its id is ${publicLeadId(error.merged_into)}` : null,
    seconds === null ? null : `try again in ${seconds} s`,
  ].filter((hint) => hint !== null);
  return [error.message.slice(0, TEXT_CHARS_MAX).toWellFormed(), ...hints].join("; ");
}
