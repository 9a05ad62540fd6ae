/** Our access tokens: RFC 6749 client credentials, EdDSA, one hour. */
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { ALGORITHM, ISSUER, keyNamed, type SigningKey, type SigningKeys } from "./signing-key";

export const ACCESS_TOKEN_TTL_SECONDS = 3600;
const AUDIENCE = "leadedge";

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
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: "at+jwt",
      currentDate: new Date(nowMs),
      requiredClaims: ["sub", "exp"],
    });
    return payload.sub ? { credential_id: payload.sub, ou: typeof payload.ou === "string" ? payload.ou : null } : null;
  } catch {
    return null;
  }
}

/** The key of ours that a token claims to be signed by: this selects the verifier and proves nothing. */
export function ownKeyOf(token: string, keys: SigningKeys): SigningKey | undefined {
  try {
    return keyNamed(keys, decodeProtectedHeader(token).kid);
  } catch {
    return undefined;
  }
}
