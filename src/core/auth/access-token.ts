/** Access tokens: ours (RFC 6749 client credentials, EdDSA, one hour) and those of the operator's identity provider. */
import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Actor } from "../../context";
import { ALGORITHM, ISSUER, keyNamed, type SigningKey, type SigningKeys } from "./signing-key";

export const ACCESS_TOKEN_TTL_SECONDS = 3600;
const AUDIENCE = "leadedge";
const PROVIDER_ALGORITHMS = ["EdDSA", "ES256", "RS256"];

/** Settings of the operator's identity provider; null when it has none. */
export type IdentityProvider = { jwksUrl: string; issuer: string; audience: string };

export type TokenClaims = { credential_id: string; ou: string | null };

export const signAccessToken = (
  [key]: SigningKeys,
  claims: TokenClaims & { organization_id: string; role: string },
  nowMs: number,
): Promise<string> =>
  new SignJWT({ org: claims.organization_id, role: claims.role, ...(claims.ou === null ? {} : { ou: claims.ou }) })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: "at+jwt" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(claims.credential_id)
    .setIssuedAt(Math.floor(nowMs / 1000))
    .setExpirationTime(Math.floor(nowMs / 1000) + ACCESS_TOKEN_TTL_SECONDS)
    .sign(key.privateKey);

/** The claims of a token of ours; null for anything else. Algorithm, issuer, audience and type are pinned. */
export async function verifyOwnToken(key: SigningKey, token: string, nowMs: number): Promise<TokenClaims | null> {
  const payload = await verified(() =>
    jwtVerify(token, key.publicKey, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: "at+jwt",
      currentDate: new Date(nowMs),
      requiredClaims: ["sub", "exp"],
    }),
  );
  return payload?.sub ? { credential_id: payload.sub, ou: typeof payload.ou === "string" ? payload.ou : null } : null;
}

const ProviderClaims = z.object({
  sub: z.string().min(1),
  org: z.string().min(1),
  ou: z.string().optional(),
  role: z.enum(["admin", "editor", "viewer"]).default("viewer"),
});

/** The actor that a token of the identity provider names by its claims `org`, `ou` and `role`; null when it does not verify. */
export async function verifyProviderToken(
  provider: IdentityProvider,
  token: string,
  nowMs: number,
): Promise<{ actor: Actor; ou: string | null } | null> {
  const payload = await verified(() =>
    jwtVerify(token, remoteKeys(provider.jwksUrl), {
      algorithms: PROVIDER_ALGORITHMS,
      issuer: provider.issuer,
      audience: provider.audience,
      currentDate: new Date(nowMs),
      requiredClaims: ["exp"],
    }),
  );
  const claims = ProviderClaims.safeParse(payload);
  if (!claims.success) return null;
  const { sub, org, ou, role } = claims.data;
  return { actor: { kind: "identity_provider", subject: sub, organization_id: org, role, home: null }, ou: ou ?? null };
}

/** The key of ours that a token claims to be signed by: this selects the verifier and proves nothing. */
export function ownKeyOf(token: string, keys: SigningKeys): SigningKey | undefined {
  try {
    return keyNamed(keys, decodeProtectedHeader(token).kid);
  } catch {
    return undefined;
  }
}

async function verified(verify: () => Promise<{ payload: JWTPayload }>): Promise<JWTPayload | null> {
  try {
    return (await verify()).payload;
  } catch {
    return null;
  }
}

const remoteKeySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

function remoteKeys(url: string): ReturnType<typeof createRemoteJWKSet> {
  let keys = remoteKeySets.get(url);
  if (!keys) {
    keys = createRemoteJWKSet(new URL(url));
    remoteKeySets.set(url, keys);
  }
  return keys;
}
