/** The token in a source's address: it names the org unit, and ends in the tag that tells our tokens from made-up ones. */
import type { TagKey } from "../../context";
import { sha256Hex } from "../../hash";
import { type AttemptCtx, isWorthLookUp, newSecret, recordFailure, tagged } from "../auth";

const TOKEN = /^in_([0-9a-z]{1,11})_[0-9a-f]{64}$/;

export const newToken = (keys: readonly [TagKey, ...TagKey[]], unit: number): string =>
  tagged(keys[0], newSecret(`in_${unit.toString(36)}_`));

export const hashOf = (token: string): string => sha256Hex(token);

/** The org unit of a token; null for what is none. */
export function unitOfToken(token: string): number | null {
  const [, unit] = TOKEN.exec(token) ?? [];
  const key = unit === undefined ? Number.NaN : Number.parseInt(unit, 36);
  return Number.isSafeInteger(key) ? key : null;
}

/** Throws rate_limited when the address has tried too many wrong tokens. */
export const countWrongToken = (ctx: AttemptCtx): Promise<void> => recordFailure(ctx);
export const mayLookUp = (ctx: AttemptCtx, token: string): Promise<boolean> => isWorthLookUp(ctx, token);
