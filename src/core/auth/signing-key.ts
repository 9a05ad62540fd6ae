/** The service's Ed25519 keys: the first signs access tokens and session cookies, and all verify them. */
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from "jose";

export const ALGORITHM = "EdDSA";
/** The issuer of what only this service reads: its cookies. Access tokens name the service by its URL. */
export const ISSUER = "leadedge";

export type PublicJwk = { kty: "OKP"; crv: "Ed25519"; x: string; kid: string; alg: string; use: "sig" };
export type SigningKey = { kid: string; privateKey: CryptoKey; publicKey: CryptoKey; publicJwk: PublicJwk };
/** The current key, and during a rotation the one after or before it. */
export type SigningKeys = readonly [current: SigningKey, ...others: SigningKey[]];

/** Not the pending import: a request that waits for the promise of another one may wait forever. */
let imported: { texts: string; keys: SigningKeys } | undefined;

/** Imports private JWKs (JSON text, `{"kty":"OKP","crv":"Ed25519","x":…,"d":…}`), the current one first, once per isolate. */
export async function importSigningKeys(jwks: readonly [string, ...string[]]): Promise<SigningKeys> {
  const texts = jwks.join("\n");
  if (imported?.texts === texts) return imported.keys;
  const keys = await importAll(jwks);
  imported = { texts, keys };
  return keys;
}

async function importAll([current, ...others]: readonly [string, ...string[]]): Promise<SigningKeys> {
  const first = await importKey(current);
  const rest = await Promise.all(others.map(importKey));
  return [first, ...rest.filter(({ kid }) => kid !== first.kid)];
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

/** The key that a token or cookie claims to be signed by; undefined when no key of this service matches. Its signature is still to be verified. */
export const keyNamed = (keys: SigningKeys, kid: unknown): SigningKey | undefined => keys.find((key) => key.kid === kid);
