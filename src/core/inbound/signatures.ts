/** Signatures as senders make them, over the bytes that were sent. Every comparison takes the same time for every input. Pure. */
import { createHash, createHmac } from "node:crypto";
import { sameSecret } from "../../hash";
import type { Delivery } from "./submission";

/** How far a signed time may be from now, as Stripe and HubSpot document it. */
const TOLERANCE_MS = 5 * 60_000;

export const hmacSha256 = (secret: string, encoding: "hex" | "base64", ...parts: (string | Uint8Array)[]): string => {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest(encoding);
};

export const sha256 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

export const isRecent = (time: number, { received_at }: Delivery): boolean => Math.abs(received_at - time) <= TOLERANCE_MS;

/** `t=<seconds>,v1=<hex>`: HMAC of the time, a dot and the body. Several `v1` stand beside each other while a secret is exchanged. */
export function isTimedSignature(secret: string, header: string | undefined, delivery: Delivery): boolean {
  const parts = (header ?? "").split(",").map((part) => part.trim().split("=", 2) as [string, string | undefined]);
  const time = parts.find(([name]) => name === "t")?.[1] ?? "";
  if (!/^\d{1,12}$/.test(time) || !isRecent(Number(time) * 1000, delivery)) return false;
  const expected = hmacSha256(secret, "hex", `${time}.`, delivery.body);
  return parts.filter(([name, value]) => name === "v1" && sameSecret(value ?? "", expected)).length > 0;
}
