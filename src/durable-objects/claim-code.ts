/** How the first administrator takes over a new installation: whoever can read its log has the code. Pure. */
import { sameSecret } from "../hash";
import { randomHex } from "../ids";

export type ClaimCode = { code: string; created_at: number };

/** Nobody guesses 80 bits within an hour. So wrong codes do not end it: else anybody could keep the owner from using it. */
const CODE_BYTES = 10;
const CODE_TTL_MS = 60 * 60 * 1000;

export const newClaimCode = (now: number): ClaimCode => ({ code: randomHex(CODE_BYTES), created_at: now });

/** Whether a code can still be used: it was created within the last hour. */
export const isCodeUsable = ({ created_at }: ClaimCode, now: number): boolean => now < created_at + CODE_TTL_MS;

export const matchesCode = (claim: ClaimCode, sent: string, now: number): boolean =>
  isCodeUsable(claim, now) && sameSecret(sent, claim.code);
