/** Signatures and secrets, as the Standard Webhooks specification defines them. */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { sha256Hex } from "../../hash";

const SECRET_PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** `whsec_` and 32 random bytes in base64. */
export const newSigningSecret = (): string =>
  SECRET_PREFIX + Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))).toString("base64");

/** The id of the delivery that these parts identify: the same parts always give the same id. */
export const deliveryId = (...parts: string[]): string => `dlv_${sha256Hex(JSON.stringify(parts)).slice(0, 32)}`;

/** Headers of one attempt, with a signature for each secret. `timestamp` in seconds. */
export function signedHeaders(id: string, timestamp: number, body: string, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signatures.join(" ") };
}
