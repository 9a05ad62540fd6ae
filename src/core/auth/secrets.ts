/** Secrets: 32 random bytes, shown once, stored as SHA-256 (200 random bits need no slow hash), compared in constant time. */
import { randomHex } from "../../ids";

const SECRET_BYTES = 32;
export const WORKSPACE_KEY_PREFIX = "sk-workspace_";
const WORKSPACE_KEY_CHARS = 64;
export const WRITE_KEY_PREFIX = "wk_";
export const PERSONAL_TOKEN_PREFIX = "kbn_pat_";

export const newSecret = (prefix: string): string => `${prefix}${randomHex(SECRET_BYTES)}`;

/** `sk-workspace_` and 51 more characters, 204 bits of them random. */
export const newWorkspaceKey = (): string => newSecret(WORKSPACE_KEY_PREFIX).slice(0, WORKSPACE_KEY_CHARS);
