/**
 * The tag that a secret ends with: an HMAC of the rest, by a key of ours. It tells a secret that we may have issued from one that somebody
 * made up, without the database. Secrets from before there were tags, or by a key that is gone, have none that verifies: see `untagged` in
 * failed-attempts.ts.
 */
import type { TagKey } from "../../context";
import { hmacSha256Hex, sameSecret, sha256Hex } from "../../hash";

/** 32 bits: one guess in four billion gets as far as the database. */
export const TAG_CHARS = 8;
const KEY_ID_CHARS = 16;

const tagOf = ({ key }: TagKey, text: string): string => hmacSha256Hex(key, text).slice(0, TAG_CHARS);

/** The secret with its last characters replaced by their tag. */
export function tagged(key: TagKey, secret: string): string {
  const text = secret.slice(0, -TAG_CHARS);
  return text + tagOf(key, text);
}

export const hasValidTag = (keys: readonly TagKey[], secret: string): boolean =>
  secret.length > TAG_CHARS && keys.some((key) => sameSecret(tagOf(key, secret.slice(0, -TAG_CHARS)), secret.slice(-TAG_CHARS)));

const known = new Map<string, TagKey>();

/** The tag keys that belong to signing keys, given as JWK texts. Computed once per isolate. */
export function tagKeysOf([current, ...others]: readonly [string, ...string[]]): [TagKey, ...TagKey[]] {
  return [tagKeyOf(current), ...others.map(tagKeyOf)];
}

function tagKeyOf(text: string): TagKey {
  const found = known.get(text);
  if (found) return found;
  const key = hmacSha256Hex(text, "leadedge secret tag");
  const tagKey = { key_id: sha256Hex(key).slice(0, KEY_ID_CHARS), key };
  known.set(text, tagKey);
  return tagKey;
}
