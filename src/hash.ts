import { createHash, createHmac } from "node:crypto";

/** SHA-256 as lower-case hex. */
export const sha256Hex = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

/** HMAC by SHA-256 (RFC 2104) as lower-case hex. */
export const hmacSha256Hex = (key: string, text: string): string => createHmac("sha256", key).update(text).digest("hex");
