/** Our access tokens: EdDSA, one hour, in the form of RFC 9068. */
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { randomHex } from "../../ids";
import { ALGORITHM, keyNamed, type SigningKey, type SigningKeys } from "./signing-key";

export const ACCESS_TOKEN_TTL_SECONDS = 3600;
/** The audience of tokens for the whole service. */
const AUDIENCE = "leadedge";
/** The issuer of tokens from before `iss` was a URL: the last of them expires an hour after the upgrade. */
const FORMER_ISSUER = "leadedge";

export type TokenClaims = { credential_id: string; ou: string | null };

type NewToken = TokenClaims & {
  /** this service's URL */
  issuer: string;
  organization_id: string;
  role: string;
  /** the only resource that it opens (RFC 8707); null: the whole service */
  resource: string | null;
  /** the OAuth client that it is issued to; left out for a service account, which is its own client */
  client_id?: string;
};

export const signAccessToken = ([key]: SigningKeys, claims: NewToken, nowMs: number): Promise<string> =>
  new SignJWT({
    org: claims.organization_id,
    role: claims.role,
    ...(claims.ou === null ? {} : { ou: claims.ou }),
    ...(claims.client_id === undefined ? {} : { client_id: claims.client_id, scope: claims.role }),
  })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: "at+jwt" })
    .setIssuer(claims.issuer)
    .setAudience(claims.resource ?? AUDIENCE)
    .setSubject(claims.credential_id)
    .setJti(randomHex(16))
    .setIssuedAt(Math.floor(nowMs / 1000))
    .setExpirationTime(Math.floor(nowMs / 1000) + ACCESS_TOKEN_TTL_SECONDS)
    .sign(key.privateKey);

/** Where a token is presented: at this service's URL, to one of its resources. */
export type TokenTarget = { origin: string; resource: string };

/** The claims of a token of ours for this target; null for anything else. Algorithm, issuer, audience and type are pinned. */
export async function verifyOwnToken(key: SigningKey, token: string, target: TokenTarget, nowMs: number): Promise<TokenClaims | null> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: [ALGORITHM],
      issuer: [target.origin, FORMER_ISSUER],
      audience: [AUDIENCE, target.origin, target.resource],
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
