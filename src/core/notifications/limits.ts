/** Numbers of deliveries. The schedule is the one that the Standard Webhooks specification suggests. */
export const RETRY_DELAYS_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
export const ATTEMPTS_MAX = RETRY_DELAYS_SECONDS.length + 1;
/** A delay is up to this much shorter, so that what failed together does not come back together. */
export const RETRY_JITTER = 0.1;
/** As far ahead as a queue message can be delayed, and as long as a receiver may put us off. */
export const RETRY_DELAY_SECONDS_MAX = 86_400;
export const SEND_TIMEOUT_SECONDS = 15;
/** An attempt that has said nothing for this long is dead: its sender was. */
export const LEASE_SECONDS = 60;
/** A delivery that is due waits this long for its own message before the sweep sends another. */
export const DUE_GRACE_SECONDS = 15;
export const RESPONSE_BYTES_KEPT = 1024;
/** After a rotation the old secret signs beside the new one for so long. */
export const ROTATION_SECONDS = 24 * 3600;
export const FINISHED_KEPT_SECONDS = 30 * 24 * 3600;
/** A list's total is counted up to here. */
export const TOTAL_COUNTED_MAX = 10_000;
