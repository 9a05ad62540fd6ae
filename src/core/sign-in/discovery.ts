/** Where an identity provider takes people and codes (OpenID Connect Discovery 1.0). */
import { z } from "zod";
import type { Http } from "../../context";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { TtlCache } from "../../ttl-cache";

const HTTPS = z.url({ protocol: /^https$/ });
const Discovery = z.object({ issuer: z.string(), authorization_endpoint: HTTPS, token_endpoint: HTTPS });
export type Discovery = z.output<typeof Discovery>;

const TTL_MS = 10 * 60_000;
const known = new TtlCache<Discovery>(TTL_MS);

/** Cached for ten minutes in the isolate. Throws unavailable when the document cannot be fetched or is not this issuer's. */
export async function discover({ http, now }: { http: Http; now(): number }, issuer: string): Promise<Discovery> {
  const hit = known.get(issuer, now());
  if (hit) return hit;
  try {
    const response = await http.send(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    const found = Discovery.parse(await response.json());
    if (found.issuer !== issuer) throw new Error(`the document is of ${found.issuer}`);
    known.set(issuer, found, now());
    return found;
  } catch (error) {
    logError("discovery of an identity provider failed", error, { issuer });
    throw new AppError("unavailable", "Your identity provider cannot be reached; try again in a moment");
  }
}
