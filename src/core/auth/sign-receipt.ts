import { SignJWT } from "jose";
import { ALGORITHM, ISSUER, type SigningKeys } from "./signing-key";

/** A receipt as a JWS (RFC 7515) that the published key set verifies. */
export const signReceipt = ([key]: SigningKeys, receipt: object): Promise<string> =>
  new SignJWT({ ...receipt })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: "erasure-receipt+jwt" })
    .setIssuer(ISSUER)
    .setIssuedAt()
    .sign(key.privateKey);
