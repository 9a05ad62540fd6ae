/** The service's Ed25519 key: signs its access tokens and its session cookies. */
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from "jose";

export const ALGORITHM = "EdDSA";
export const ISSUER = "leadedge";

export type PublicJwk = { kty: "OKP"; crv: "Ed25519"; x: string; kid: string; alg: string; use: "sig" };
export type SigningKey = { kid: string; privateKey: CryptoKey; publicKey: CryptoKey; publicJwk: PublicJwk };

let imported: { secret: string; key: Promise<SigningKey> } | undefined;

/** Imports the private JWK (JSON text, `{"kty":"OKP","crv":"Ed25519","x":…,"d":…}`), once per isolate. */
export function importSigningKey(secret: string): Promise<SigningKey> {
  if (imported?.secret !== secret) imported = { secret, key: importOnce(secret) };
  return imported.key;
}

async function importOnce(secret: string): Promise<SigningKey> {
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
