/** Who is calling: HTTP Basic (service account), a personal access token, or a JWT. Null for a credential that is not valid. */

import { decodeJwt } from "jose";
import type { Actor } from "../../context";
import { sameSecret, sha256Hex } from "../../hash";
import { TtlCache } from "../../ttl-cache";
import type { CredentialKind } from "../../vocabulary";
import { ownKeyOf, type TokenTarget, verifyOwnToken } from "./access-token";
import { type AttemptCtx, isWorthLookUp, recordFailure } from "./failed-attempts";
import { findIdentityProvider } from "./known-providers";
import { type IdentityProvider, verifyProviderToken } from "./provider-token";
import { PERSONAL_TOKEN_PREFIX } from "./secrets";
import type { SigningKeys } from "./signing-key";
import { type CredentialWithHome, findByClientId, findById, findBySecretHash } from "./store";

/** `address`: the caller's network, by which wrong credentials are counted; null: unknown, and none are. */
export type AuthCtx = AttemptCtx & {
  signingKeys: SigningKeys;
  /** the provider of the settings */
  identityProvider: IdentityProvider | null;
};

/** `ou`: the org unit that the token itself chose. `rate_limit_per_hour`: the credential's own; null leaves it to the dialect. */
export type Authenticated = {
  actor: Actor;
  ou: string | null;
  rate_limit_per_hour: number | null;
  /** of a write key: the pages that may use it; null: anybody may */
  origins?: readonly string[] | null;
};

const AUTHORIZATION = /^(basic|bearer) +(\S+) *$/i;

/** Reads an Authorization header. Throws rate_limited when the address has sent too many wrong ones. */
export const authenticate = (ctx: AuthCtx, header: string, target: TokenTarget): Promise<Authenticated | null> =>
  countingFailures(ctx, async () => {
    const [, scheme, value] = AUTHORIZATION.exec(header) ?? [];
    if (!scheme || !value) return null;
    if (scheme.toLowerCase() === "basic") {
      const pair = basicPair(value);
      return pair && findClient(ctx, pair);
    }
    if (value.startsWith(PERSONAL_TOKEN_PREFIX)) return findSecret(ctx, "personal_token", value);
    return authenticateJwt(ctx, value, target);
  });

async function countingFailures(ctx: AuthCtx, attempt: () => Promise<Authenticated | null>): Promise<Authenticated | null> {
  const found = await attempt();
  if (!found) await recordFailure(ctx);
  return found;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export type ClientPair = { clientId: string; secret: string };

export function basicPair(value: string): ClientPair | null {
  try {
    const bytes = atob(value);
    const text = /[\u0080-\u00ff]/.test(bytes) ? UTF8.decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0))) : bytes;
    const colon = text.indexOf(":");
    return colon > 0 ? { clientId: text.slice(0, colon), secret: text.slice(colon + 1) } : null;
  } catch {
    return null;
  }
}

/**
 * A service account by client id and secret, the first of these readings that is right; the result does not say which of the two was wrong.
 * Throws rate_limited.
 */
export const authenticateClient = (ctx: AuthCtx, readings: readonly ClientPair[]): Promise<Authenticated | null> =>
  countingFailures(ctx, async () => {
    for (const pair of readings) {
      const found = await findClient(ctx, pair);
      if (found) return found;
    }
    return null;
  });

/** A token or key that is found by itself. Throws rate_limited. */
export const authenticateSecret = (ctx: AuthCtx, kind: CredentialKind, secret: string): Promise<Authenticated | null> =>
  countingFailures(ctx, () => findSecret(ctx, kind, secret));

const findClient = (ctx: AuthCtx, { clientId, secret }: ClientPair): Promise<Authenticated | null> =>
  cached(ctx, `client:${sha256Hex(`${clientId}:${secret}`)}`, secret, async () => {
    const found = await findByClientId(ctx.directory, clientId);
    return sameSecret(sha256Hex(secret), found?.credential.secret_hash ?? "") ? found : undefined;
  });

/** The look-up is by digest, so its timing reveals nothing about the secret. */
function findSecret(ctx: AuthCtx, kind: CredentialKind, secret: string): Promise<Authenticated | null> {
  const hash = sha256Hex(secret);
  return cached(ctx, `${kind}:${hash}`, secret, () => findBySecretHash(ctx.directory, kind, hash));
}

async function authenticateJwt(ctx: AuthCtx, token: string, target: TokenTarget): Promise<Authenticated | null> {
  const ownKey = ownKeyOf(token, ctx.signingKeys);
  if (!ownKey) {
    const provider = await providerOf(ctx, token);
    const actor = provider && (await verifyProviderToken(provider, token, ctx.now()));
    return actor && { actor, ou: null, rate_limit_per_hour: null };
  }
  const claims = await verifyOwnToken(ownKey, token, target, ctx.now());
  if (!claims) return null;
  // the token lives an hour, but not longer than the credential it was issued to
  const owner = await findLiving(ctx, claims.credential_id);
  return owner && { ...owner, ou: claims.ou };
}

/** Whom a credential authenticates; null: it is revoked or expired. Cached for 30 s in the isolate. */
export const findLiving = (ctx: AuthCtx, credentialId: string): Promise<Authenticated | null> =>
  cached(ctx, `id:${credentialId}`, null, () => findById(ctx.directory, credentialId));

/** The provider that a token claims to be of. An issuer that belongs to an organization is no longer that of the settings. */
async function providerOf(ctx: AuthCtx, token: string): Promise<IdentityProvider | null> {
  const issuer = issuerOf(token);
  if (issuer === undefined) return null;
  const own = await findIdentityProvider(ctx, issuer);
  if (own) return { ...own, organizations: [own.organization_id] };
  return ctx.identityProvider?.issuer === issuer ? ctx.identityProvider : null;
}

function issuerOf(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === "string" ? iss : undefined;
  } catch {
    return undefined;
  }
}

type CacheEntry = { authenticated: Authenticated; expires_at: number | null };
/** Credentials that are right, and digests of those that are wrong: apart, so that no junk evicts what is right. */
const known = new TtlCache<CacheEntry>();
const wrong = new TtlCache<true>();

/** Makes a revocation immediate in this isolate; the others follow when their entries run out. */
export function forgetCredentials(ids: ReadonlySet<string>): void {
  known.deleteWhere(({ authenticated: { actor } }) => actor.kind === "credential" && ids.has(actor.credential_id));
}

/** `secret`: null for a look-up that a signature of ours has authorized. */
async function cached(
  ctx: AuthCtx,
  key: string,
  secret: string | null,
  load: () => Promise<CredentialWithHome | undefined>,
): Promise<Authenticated | null> {
  const hit = known.get(key, ctx.now());
  const entry = hit ?? (await loaded(ctx, key, secret, load));
  if (!entry || (entry.expires_at !== null && entry.expires_at <= ctx.now())) return null;
  return entry.authenticated;
}

async function loaded(
  ctx: AuthCtx,
  key: string,
  secret: string | null,
  load: () => Promise<CredentialWithHome | undefined>,
): Promise<CacheEntry | null> {
  if (wrong.get(key, ctx.now())) return null;
  if (secret !== null && !(await isWorthLookUp(ctx, secret))) return null;
  const entry = toEntry(await load());
  if (entry) known.set(key, entry, ctx.now());
  else wrong.set(key, true, ctx.now());
  return entry;
}

function toEntry(found: CredentialWithHome | undefined): CacheEntry | null {
  if (!found || found.credential.revoked_at !== null) return null;
  const { credential_id, organization_id, role, rate_limit_per_hour, expires_at, origins } = found.credential;
  const actor = { kind: "credential", credential_id, organization_id, role, home: found.home } as const;
  return { authenticated: { actor, ou: null, rate_limit_per_hour, origins: origins && JSON.parse(origins) }, expires_at };
}
