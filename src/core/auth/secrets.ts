/** Secrets: 32 random bytes, shown once, stored as SHA-256 (200 random bits need no slow hash), compared in constant time. */
import { hmacSha256Hex } from "../../hash";
import { randomHex } from "../../ids";

const SECRET_BYTES = 32;
export const WORKSPACE_KEY_PREFIX = "sk-workspace_";
const WORKSPACE_KEY_CHARS = 64;
export const WRITE_KEY_PREFIX = "wk_";
export const PERSONAL_TOKEN_PREFIX = "kbn_pat_";

export const newSecret = (prefix: string): string => `${prefix}${randomHex(SECRET_BYTES)}`;

/** What an OAuth client holds of its grant: first a code, then one refresh token after another. */
export type GrantSecretKind = "code" | "refresh";
const GRANT_SECRET_PREFIX = { code: "lac_", refresh: "lar_" } as const satisfies Record<GrantSecretKind, string>;
const GRANT_SECRET = /^(grant_[0-9a-f]{32})\.(la[cr]_)[0-9a-f]{64}$/;

/** The grant's id and 32 random bytes. With the id in it, a secret that was replaced still names its grant. */
export const newGrantSecret = (grantId: string, kind: GrantSecretKind): string => `${grantId}.${newSecret(GRANT_SECRET_PREFIX[kind])}`;

/** The refresh token that replaces another one: always the same for this key, so that it can be returned again. */
export const refreshTokenAfter = (key: string, grantId: string, token: string): string =>
  `${grantId}.${GRANT_SECRET_PREFIX.refresh}${hmacSha256Hex(key, `refresh token after ${token}`)}`;

/** The grant that a secret of this kind names; null for any other text. */
export function grantOfSecret(secret: string, kind: GrantSecretKind): string | null {
  const [, id, prefix] = GRANT_SECRET.exec(secret) ?? [];
  return id !== undefined && prefix === GRANT_SECRET_PREFIX[kind] ? id : null;
}

/** `sk-workspace_` and 51 more characters, 204 bits of them random. */
export const newWorkspaceKey = (): string => newSecret(WORKSPACE_KEY_PREFIX).slice(0, WORKSPACE_KEY_CHARS);
