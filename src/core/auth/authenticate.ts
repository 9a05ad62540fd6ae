/** Who is calling: HTTP Basic (service account), a personal access token, or a JWT. Null for a credential that is not valid. */

import type { Actor, Directory } from "../../context";
import { sha256Hex } from "../../hash";
import { TtlCache } from "../../ttl-cache";
import type { CredentialKind } from "../../vocabulary";
import { type IdentityProvider, ownKeyOf, verifyOwnToken, verifyProviderToken } from "./access-token";
import { PERSONAL_TOKEN_PREFIX, sameSecret } from "./secrets";
import type { SigningKeys } from "./signing-key";
import { type CredentialWithHome, findByClientId, findById, findBySecretHash } from "./store";

export type AuthCtx = { directory: Directory; signingKeys: SigningKeys; identityProvider: IdentityProvider | null; now(): number };

/** `ou`: the org unit that the token itself chose. `rate_limit_per_hour`: the credential's own; null leaves it to the dialect. */
export type Authenticated = { actor: Actor; ou: string | null; rate_limit_per_hour: number | null };

const AUTHORIZATION = /^(basic|bearer) +(\S+) *$/i;

/** Reads an Authorization header. */
export async function authenticate(ctx: AuthCtx, header: string): Promise<Authenticated | null> {
  const [, scheme, value] = AUTHORIZATION.exec(header) ?? [];
  if (!scheme || !value) return null;
  if (scheme.toLowerCase() === "basic") {
    return cached(ctx, `basic:${sha256Hex(value)}`, async () => {
      const pair = basicPair(value);
      return pair ? findClient(ctx, pair.clientId, pair.secret) : undefined;
    });
  }
  if (value.startsWith(PERSONAL_TOKEN_PREFIX)) return authenticateSecret(ctx, "personal_token", value);
  return authenticateJwt(ctx, value);
}

export function basicPair(value: string): { clientId: string; secret: string } | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(atob(value), (char) => char.charCodeAt(0)),
    );
    const colon = text.indexOf(":");
    return colon > 0 ? { clientId: text.slice(0, colon), secret: text.slice(colon + 1) } : null;
  } catch {
    return null;
  }
}

/** A service account by client id and secret; the result does not say which of the two was wrong. */
export async function authenticateClient(ctx: AuthCtx, clientId: string, secret: string): Promise<Authenticated | null> {
  return cached(ctx, `client:${sha256Hex(`${clientId}:${secret}`)}`, () => findClient(ctx, clientId, secret));
}

async function findClient(ctx: AuthCtx, clientId: string, secret: string): Promise<CredentialWithHome | undefined> {
  const found = await findByClientId(ctx.directory, clientId);
  return sameSecret(sha256Hex(secret), found?.credential.secret_hash ?? "") ? found : undefined;
}

/** A token or key that is found by itself. The look-up is by digest, so its timing reveals nothing about the secret. */
export async function authenticateSecret(ctx: AuthCtx, kind: CredentialKind, secret: string): Promise<Authenticated | null> {
  const hash = sha256Hex(secret);
  return cached(ctx, `${kind}:${hash}`, () => findBySecretHash(ctx.directory, kind, hash));
}

async function authenticateJwt(ctx: AuthCtx, token: string): Promise<Authenticated | null> {
  const ownKey = ownKeyOf(token, ctx.signingKeys);
  if (!ownKey) {
    const found = ctx.identityProvider && (await verifyProviderToken(ctx.identityProvider, token, ctx.now()));
    return found && { ...found, rate_limit_per_hour: null };
  }
  const claims = await verifyOwnToken(ownKey, token, ctx.now());
  if (!claims) return null;
  // the token lives an hour, but not longer than the credential it was issued to
  const owner = await cached(ctx, `id:${claims.credential_id}`, () => findById(ctx.directory, claims.credential_id));
  return owner && { ...owner, ou: claims.ou };
}

type CacheEntry = { authenticated: Authenticated; expires_at: number | null } | null;
const known = new TtlCache<CacheEntry>();

/** Makes a revocation immediate in this isolate; the others follow when their entries run out. */
export function forgetCredentials(ids: ReadonlySet<string>): void {
  known.deleteWhere((entry) => entry?.authenticated.actor.kind === "credential" && ids.has(entry.authenticated.actor.credential_id));
}

async function cached(ctx: AuthCtx, key: string, load: () => Promise<CredentialWithHome | undefined>): Promise<Authenticated | null> {
  let entry = known.get(key, ctx.now());
  if (entry === undefined) {
    entry = toEntry(await load());
    known.set(key, entry, ctx.now());
  }
  if (!entry || (entry.expires_at !== null && entry.expires_at <= ctx.now())) return null;
  return entry.authenticated;
}

function toEntry(found: CredentialWithHome | undefined): CacheEntry {
  if (!found || found.credential.revoked_at !== null) return null;
  const { credential_id, organization_id, role, rate_limit_per_hour, expires_at } = found.credential;
  const actor = { kind: "credential", credential_id, organization_id, role, home: found.home } as const;
  return { authenticated: { actor, ou: null, rate_limit_per_hour }, expires_at };
}
