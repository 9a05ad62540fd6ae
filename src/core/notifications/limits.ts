/** Limits of deliveries. The retry schedule is the one that the Standard Webhooks specification suggests. */
export const RETRY_DELAYS_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
export const ATTEMPTS_MAX = RETRY_DELAYS_SECONDS.length + 1;
/** A delay is shortened by up to this fraction, so that deliveries that failed together are not retried together. */
export const RETRY_JITTER = 0.1;
/** The longest delay of a queue message (Cloudflare: Queues limits), and so the longest `Retry-After` that is honoured. */
export const RETRY_DELAY_SECONDS_MAX = 86_400;
export const SEND_TIMEOUT_SECONDS = 15;
/** Lease of an in-flight attempt: after it the attempt counts as interrupted, and the delivery is due again. */
export const LEASE_SECONDS = 60;
/** After so long a delivery looks again for its predecessor, whose end has it sent at once. */
export const SEQUENCE_WAIT_SECONDS = 600;
/** How long after it is due a delivery waits for its own message before the sweep sends another. */
export const DUE_GRACE_SECONDS = 15;
export const RESPONSE_BYTES_KEPT = 1024;
/** How long the old secret still signs after a rotation. */
export const ROTATION_SECONDS = 24 * 3600;
export const FINISHED_KEPT_SECONDS = 30 * 24 * 3600;
/** The highest total that a list counts to. */
export const TOTAL_COUNTED_MAX = 10_000;
