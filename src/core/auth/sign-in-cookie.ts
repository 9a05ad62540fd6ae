/** What a browser carries to its identity provider and back, signed: it must come back to the browser that went. */
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { ALGORITHM, ISSUER, keyNamed, type SigningKeys } from "./signing-key";

const AUDIENCE = "leadedge:sign-in";

const PendingSignIn = z.object({
  organization: z.string().nullable(),
  to: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
});
export type PendingSignIn = z.output<typeof PendingSignIn>;

export const signSignInCookie = ([key]: SigningKeys, pending: PendingSignIn, expiresAtMs: number): Promise<string> =>
  new SignJWT({ pending })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(Math.floor(expiresAtMs / 1000))
    .sign(key.privateKey);

/** Null when its signature is wrong or it has expired. */
export async function readSignInCookie(keys: SigningKeys, cookie: string, nowMs: number): Promise<PendingSignIn | null> {
  try {
    const key = keyNamed(keys, decodeProtectedHeader(cookie).kid);
    if (!key) return null;
    const { payload } = await jwtVerify(cookie, key.publicKey, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      currentDate: new Date(nowMs),
      requiredClaims: ["exp"],
    });
    return PendingSignIn.parse(payload.pending);
  } catch {
    return null;
  }
}
