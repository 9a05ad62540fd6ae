/** How the first administrator takes over a new installation: whoever can read its log has the code. Pure. */
import { sameSecret } from "../hash";
import { randomHex } from "../ids";

/** `tries`: wrong codes since this one was created. */
export type ClaimCode = { code: string; created_at: number; tries: number };

const CODE_BYTES = 10;
const CODE_TTL_MS = 60 * 60 * 1000;
const TRIES_MAX = 10;

export const newClaimCode = (now: number): ClaimCode => ({ code: randomHex(CODE_BYTES), created_at: now, tries: 0 });

/** Whether a code can still be used: it was created within the last hour, and nobody has guessed at it ten times. */
export const isCodeUsable = ({ created_at, tries }: ClaimCode, now: number): boolean => tries < TRIES_MAX && now < created_at + CODE_TTL_MS;

export const matchesCode = (claim: ClaimCode, sent: string, now: number): boolean =>
  isCodeUsable(claim, now) && sameSecret(sent, claim.code);
