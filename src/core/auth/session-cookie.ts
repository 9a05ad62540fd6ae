/** The activeOu cookie's value: session, organization and unit, signed, with an expiry. */
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { ALGORITHM, ISSUER, keyNamed, type SigningKeys } from "./signing-key";

const AUDIENCE = "leadedge:session";

export type SessionCookie = { session_id: string; organization_id: string; unit_id: string };

export const signSessionCookie = ([key]: SigningKeys, cookie: SessionCookie, expiresAtMs: number): Promise<string> =>
  new SignJWT({ sid: cookie.session_id, org: cookie.organization_id, ou: cookie.unit_id })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(Math.floor(expiresAtMs / 1000))
    .sign(key.privateKey);

/** The contents of a cookie; null when its signature is wrong or it has expired. */
export async function readSessionCookie(keys: SigningKeys, cookie: string, nowMs: number): Promise<SessionCookie | null> {
  try {
    const { kid } = decodeProtectedHeader(cookie);
    const key = kid === undefined ? keys[0] : keyNamed(keys, kid);
    if (!key) return null;
    const { payload } = await jwtVerify(cookie, key.publicKey, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      currentDate: new Date(nowMs),
      requiredClaims: ["exp"],
    });
    const { sid, org, ou } = payload;
    if (typeof sid !== "string" || typeof org !== "string" || typeof ou !== "string") return null;
    return { session_id: sid, organization_id: org, unit_id: ou };
  } catch {
    return null;
  }
}
