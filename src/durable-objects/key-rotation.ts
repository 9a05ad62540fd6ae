/** When the signing keys that the service creates for itself are replaced. Pure. */
import { DAY_MS } from "../time";

/** A private JWK as JSON text. */
export type StoredKey = { created_at: number; jwk: string };
/** JWK texts, the current one first: `signing` signs and verifies tokens and cookies, `tagging` tags secrets. */
export type KeyTexts = { signing: readonly [string, ...string[]]; tagging: readonly [string, ...string[]] };

const ROTATION_MS = 90 * DAY_MS;
/** Every isolate has read a new key before the first token is signed by it: see KEYS_TTL_MS of installation-client.ts. */
const PUBLISHED_AHEAD_MS = DAY_MS;
/** Longer than anything signed lives: a session has 12 hours. */
const VERIFIES_FOR_MS = DAY_MS;
/** Two years of keys: what older ones tagged is found by its hash. */
export const KEYS_KEPT = 8;

/** Whether a new key has to be created. `keys`: oldest first. */
export const isKeyDue = (keys: readonly StoredKey[], now: number): boolean => (keys.at(-1)?.created_at ?? 0) <= now - ROTATION_MS;

/** What each of the keys is for at a moment. `keys`: oldest first, at least one. */
export function keyTextsOf(keys: readonly StoredKey[], now: number): KeyTexts {
  const current = keys.findLast((key) => key.created_at <= now - PUBLISHED_AHEAD_MS) ?? keys[0];
  if (!current) throw new Error("there is no signing key");
  const supersededAt = (key: StoredKey) => (keys[keys.indexOf(key) + 1]?.created_at ?? Infinity) + PUBLISHED_AHEAD_MS;
  const others = keys.filter((key) => key !== current).reverse();
  const verifying = others.filter((key) => supersededAt(key) + VERIFIES_FOR_MS > now);
  const texts = (rest: readonly StoredKey[]): [string, ...string[]] => [current.jwk, ...rest.map(({ jwk }) => jwk)];
  return { signing: texts(verifying), tagging: texts(others) };
}
