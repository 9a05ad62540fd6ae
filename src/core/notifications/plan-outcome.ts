/** What happens to a delivery after an attempt. Pure. */
import { ATTEMPTS_MAX, RETRY_DELAY_SECONDS_MAX, RETRY_DELAYS_SECONDS, RETRY_JITTER } from "./limits";

export type Outcome = { next: "delivered" | "failed" | "gone" } | { next: "retry"; delaySeconds: number };

const GONE = 410;
const BUSY = [429, 503];

/** `attempts`: how many the current schedule has made, this one included; `random` from 0 to 1; `now` in ms. */
export function planOutcome(
  answer: { status_code: number | null; error: string | null; retry_after: string | null },
  attempts: number,
  random: number,
  now: number,
): Outcome {
  if (answer.error === null) return { next: "delivered" };
  if (answer.status_code === GONE) return { next: "gone" };
  const scheduled = RETRY_DELAYS_SECONDS[attempts - 1];
  if (attempts >= ATTEMPTS_MAX || scheduled === undefined) return { next: "failed" };
  const asked = BUSY.includes(answer.status_code ?? 0) ? retryAfterSeconds(answer.retry_after, now) : 0;
  const jittered = scheduled * (1 - RETRY_JITTER * random);
  return { next: "retry", delaySeconds: Math.ceil(Math.min(Math.max(jittered, asked), RETRY_DELAY_SECONDS_MAX)) };
}

/** Retry-After (RFC 9110): seconds, or a date; 0 for anything else. */
function retryAfterSeconds(value: string | null, now: number): number {
  if (value === null) return 0;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? 0 : Math.max(0, (at - now) / 1000);
}
