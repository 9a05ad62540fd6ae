import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** SHA-256 as lower-case hex. */
export const sha256Hex = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

/** SHA-256 as base64url without padding: the S256 challenge of a PKCE verifier (RFC 7636, section 4.2). */
export const sha256Base64Url = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** HMAC by SHA-256 (RFC 2104) as lower-case hex. */
export const hmacSha256Hex = (key: string, text: string): string => createHmac("sha256", key).update(text).digest("hex");

/** Compares two secrets in constant time. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** FNV-1a, then the finaliser of MurmurHash3: ids that differ in one character are spread evenly. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
