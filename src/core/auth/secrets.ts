/** Secrets: 32 random bytes, shown once, kept as SHA-256, compared in constant time. */
import { randomHex, toHex } from "../../ids";

const SECRET_BYTES = 32;
const WORKSPACE_KEY_PREFIX = "sk-workspace_";
const WORKSPACE_KEY_CHARS = 64;
export const PERSONAL_TOKEN_PREFIX = "kbn_pat_";

export const newSecret = (prefix: string): string => `${prefix}${randomHex(SECRET_BYTES)}`;

/** `sk-workspace_` and 51 more characters, 204 bits of them random. */
export const newWorkspaceKey = (): string => newSecret(WORKSPACE_KEY_PREFIX).slice(0, WORKSPACE_KEY_CHARS);

/** SHA-256 as lower-case hex. A secret of 200 random bits needs no slow hash. */
export async function sha256Hex(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}

/** Compares two texts in a time that does not tell where they differ. */
export async function sameSecret(a: string, b: string): Promise<boolean> {
  const [x, y] = await Promise.all([
    crypto.subtle.digest("SHA-256", encoder.encode(a)),
    crypto.subtle.digest("SHA-256", encoder.encode(b)),
  ]);
  return crypto.subtle.timingSafeEqual(x, y);
}

const encoder = new TextEncoder();
