/** Tokens of identity providers: one that the operator gave an organization as its own, or the one of the settings. */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import type { Actor } from "../../context";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { ROLES } from "../../vocabulary";

const PROVIDER_ALGORITHMS = ["EdDSA", "ES256", "RS256"];

export type IdentityProvider = {
  /** null: the provider of the settings */
  identity_provider_id: string | null;
  issuer: string;
  jwks_url: string;
  audience: string;
  /** the organizations that its tokens open: with one alone the claim `org` may be left out; null: whichever the claim names */
  organizations: readonly string[] | null;
};

const ProviderClaims = z.object({
  sub: z.string().min(1),
  org: z.string().min(1).optional(),
  ou: z.string().optional(),
  role: z.enum(ROLES).default("viewer"),
});

/**
 * The actor that a token names by its claims `sub`, `org`, `ou` (its home: the only org unit that it opens) and `role`; null when it is not
 * valid. Throws unavailable when the provider's keys cannot be fetched.
 */
export async function verifyProviderToken(provider: IdentityProvider, token: string, nowMs: number): Promise<Actor | null> {
  const claims = ProviderClaims.safeParse(await verifiedPayload(provider, token, nowMs));
  if (!claims.success) return null;
  const { sub: subject, org, ou: home = null, role } = claims.data;
  const { identity_provider_id, organizations } = provider;
  const organization_id = org ?? (organizations?.length === 1 ? organizations[0] : undefined);
  if (organization_id === undefined || organizations?.includes(organization_id) === false) return null;
  return { kind: "identity_provider", subject, identity_provider_id, organization_id, role, home };
}

async function verifiedPayload({ jwks_url, issuer, audience }: IdentityProvider, token: string, nowMs: number): Promise<unknown> {
  try {
    const currentDate = new Date(nowMs);
    const options = { algorithms: PROVIDER_ALGORITHMS, issuer, audience, currentDate, requiredClaims: ["exp"] };
    return (await jwtVerify(token, remoteKeys(jwks_url), options)).payload;
  } catch (error) {
    if (error instanceof AppError) throw error;
    return null;
  }
}

const KEY_SETS_MAX = 1_000;
const remoteKeySets = new Map<string, JWTVerifyGetKey>();

function remoteKeys(url: string): JWTVerifyGetKey {
  const found = remoteKeySets.get(url);
  if (found) return found;
  const fetched = createRemoteJWKSet(new URL(url));
  const keys: JWTVerifyGetKey = async (header, jws) => {
    try {
      return await fetched(header, jws);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      logError("key set of an identity provider not fetched", error, { host: new URL(url).host });
      throw new AppError("unavailable", "The keys of your identity provider cannot be fetched; try again in a moment");
    }
  };
  if (remoteKeySets.size >= KEY_SETS_MAX) remoteKeySets.delete(remoteKeySets.keys().next().value ?? "");
  remoteKeySets.set(url, keys);
  return keys;
}

/** Whether the key set was there and has no key for this token. */
const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported;
