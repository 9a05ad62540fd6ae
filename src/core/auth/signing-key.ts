/** The service's Ed25519 keys: the first signs access tokens and session cookies, and all verify them. */
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from "jose";

export const ALGORITHM = "EdDSA";
export const ISSUER = "leadedge";

export type PublicJwk = { kty: "OKP"; crv: "Ed25519"; x: string; kid: string; alg: string; use: "sig" };
export type SigningKey = { kid: string; privateKey: CryptoKey; publicKey: CryptoKey; publicJwk: PublicJwk };
/** The current key, and during a rotation the one before it. */
export type SigningKeys = readonly [current: SigningKey, ...previous: SigningKey[]];

let imported: { secrets: string; keys: Promise<SigningKeys> } | undefined;

/** Imports private JWKs (JSON text, `{"kty":"OKP","crv":"Ed25519","x":…,"d":…}`), once per isolate. `previous`: empty for none. */
export function importSigningKeys(current: string, previous: string): Promise<SigningKeys> {
  const secrets = `${current}\n${previous}`;
  if (imported?.secrets !== secrets) imported = { secrets, keys: importAll(current, previous) };
  return imported.keys;
}

async function importAll(current: string, previous: string): Promise<SigningKeys> {
  const key = await importKey(current);
  const before = previous === "" ? null : await importKey(previous);
  return before === null || before.kid === key.kid ? [key] : [key, before];
}

async function importKey(secret: string): Promise<SigningKey> {
  const { d, ...rest } = JSON.parse(secret) as JWK;
  const publicPart = { kty: "OKP", crv: "Ed25519", x: rest.x ?? "" } as const;
  const kid = await calculateJwkThumbprint(publicPart);
  return {
    kid,
    privateKey: (await importJWK({ ...publicPart, d: d ?? "" }, ALGORITHM)) as CryptoKey,
    publicKey: (await importJWK(publicPart, ALGORITHM)) as CryptoKey,
    publicJwk: { ...publicPart, kid, alg: ALGORITHM, use: "sig" },
  };
}

/** The key that a token or cookie claims to be signed by; undefined for none of ours. Its signature is still to be verified. */
export const keyNamed = (keys: SigningKeys, kid: unknown): SigningKey | undefined => keys.find((key) => key.kid === kid);
