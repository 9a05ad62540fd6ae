/** A client turns its code into tokens, and a refresh token into new ones (RFC 6749, sections 4.1.3 and 6). */
import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { sameSecret, sha256Base64Url, sha256Hex } from "../../hash";
import { DAY_MS } from "../../time";
import type { Role } from "../../vocabulary";
import {
  ACCESS_TOKEN_TTL_SECONDS,
  type AuthCtx,
  type CredentialWithHome,
  findCredential,
  type GrantSecretKind,
  GrantTerms,
  grantOfSecret,
  hasValidTag,
  isWorthLookUp,
  newGrantSecret,
  recordFailure,
  revokeCredential,
  signAccessToken,
  tagged,
} from "../auth";
import { resourceOf } from "./authorization-request";
import type { Service } from "./authorize";
import { OAuthError } from "./oauth-error";
import { replaceSecret } from "./store";

/** A grant ends then even if it is in use, and has to be approved again. */
const GRANT_TTL_MS = 90 * DAY_MS;
/** For a user of an identity provider: we are not notified when that user is removed. */
const USER_GRANT_TTL_MS = DAY_MS;

/** The service's own context: a client has no credential yet. */
export type RedeemCtx = AuthCtx & CallerCtx;
export type Tokens = { access_token: string; expires_in: number; refresh_token: string; scope: Role };

type CodeRequest = {
  code: string;
  client_id: string;
  redirect_uri: string | undefined;
  code_verifier: string | undefined;
  resource: string | undefined;
};

/**
 * Tokens for a code, once: a code that is sent again ends its grant (RFC 9700, section 2.1.1). Two D1 round trips. Throws OAuthError,
 * rate_limited.
 */
export async function redeemCode(ctx: RedeemCtx, service: Service, given: CodeRequest): Promise<Tokens> {
  const grant = await requireGrant(ctx, given.code, "code", given.client_id);
  const { terms, credential } = grant;
  if (given.redirect_uri !== terms.redirect_uri) throw invalidGrant("redirect_uri is not that of the authorization request");
  if (!matchesChallenge(given.code_verifier ?? "", terms.code_challenge))
    throw invalidGrant("code_verifier does not match the code_challenge");
  requireSameResource(service, grant, given.resource);
  const ofUser = credential.created_by === null && credential.subject !== null;
  return issueTokens(ctx, service, grant, { secret: given.code, until: ctx.now() + (ofUser ? USER_GRANT_TTL_MS : GRANT_TTL_MS) });
}

type RefreshRequest = { refresh_token: string; client_id: string; resource: string | undefined };

/**
 * New tokens for a refresh token, which is replaced. An old one that is sent again ends the grant, because one of the two senders stole it.
 * Two D1 round trips. Throws OAuthError, rate_limited.
 */
export async function refreshTokens(ctx: RedeemCtx, service: Service, given: RefreshRequest): Promise<Tokens> {
  const grant = await requireGrant(ctx, given.refresh_token, "refresh", given.client_id);
  requireSameResource(service, grant, given.resource);
  return issueTokens(ctx, service, grant, { secret: given.refresh_token, until: grant.credential.expires_at ?? ctx.now() });
}

/** A verifier has 43 to 128 characters (RFC 7636, section 4.1). */
const matchesChallenge = (verifier: string, challenge: string): boolean =>
  /^[\w.~-]{43,128}$/.test(verifier) && sameSecret(sha256Base64Url(verifier), challenge);

type Grant = CredentialWithHome & { terms: GrantTerms };

async function requireGrant(ctx: RedeemCtx, secret: string, kind: GrantSecretKind, clientId: string): Promise<Grant> {
  const id = grantOfSecret(secret, kind);
  const found = id !== null && (await isWorthLookUp(ctx, secret)) ? await findCredential(ctx.directory, id) : undefined;
  if (found?.credential.kind !== "oauth_grant") {
    await recordFailure(ctx);
    throw invalidGrant(`the ${kind === "code" ? "code" : "refresh token"} is unknown`);
  }
  const { credential } = found;
  if (!sameSecret(sha256Hex(secret), credential.secret_hash)) {
    if (hasValidTag(ctx.tagKeys, secret)) await revokeReplayed(ctx, found);
    else await recordFailure(ctx);
    throw usedBefore(kind);
  }
  if (credential.revoked_at !== null || (credential.expires_at ?? 0) <= ctx.now()) throw invalidGrant("it has expired, or was revoked");
  const terms = GrantTerms.parse(JSON.parse(credential.grant_terms ?? "{}"));
  if (terms.client_id !== clientId) throw invalidGrant("it was issued to another client");
  return { ...found, terms };
}

function requireSameResource(service: Service, { terms }: Grant, given: string | undefined): void {
  const wanted = resourceOf(service, given);
  if (wanted !== null && wanted !== terms.resource) throw new OAuthError("invalid_target", "resource is not the one that was granted");
}

async function issueTokens(
  ctx: RedeemCtx,
  { origin }: Service,
  grant: Grant,
  { secret, until }: { secret: string; until: number },
): Promise<Tokens> {
  const { credential, home, terms } = grant;
  const { credential_id, organization_id, role } = credential;
  const [tagKey] = ctx.tagKeys;
  const refresh_token = tagged(tagKey, newGrantSecret(credential_id, "refresh"));
  const hashes = { before: sha256Hex(secret), after: sha256Hex(refresh_token) };
  const expires_at = await replaceSecret(ctx.directory, { credential_id, ...hashes, tag_key_id: tagKey.key_id, until, now: ctx.now() });
  if (expires_at === null) {
    // another request with the same secret was faster
    await revokeReplayed(ctx, grant);
    throw usedBefore(grantOfSecret(secret, "code") === null ? "refresh" : "code");
  }
  const claims = { credential_id, organization_id, role, ou: home, resource: terms.resource, client_id: terms.client_id, issuer: origin };
  const access_token = await signAccessToken(ctx.signingKeys, claims, ctx.now());
  const left = Math.floor((expires_at - ctx.now()) / 1000);
  return { access_token, expires_in: Math.min(ACCESS_TOKEN_TTL_SECONDS, left), refresh_token, scope: role };
}

/** Ends a grant, one of whose secrets was used a second time. */
async function revokeReplayed(ctx: RedeemCtx, { credential }: CredentialWithHome): Promise<void> {
  if (credential.revoked_at !== null) return;
  const { credential_id, organization_id } = credential;
  // it may be revoked meanwhile
  await revokeCredential(ctx, { credential_id, organization_id, home: null, by: "admin" }).catch(ifGone);
}

function ifGone(error: unknown): void {
  if (!(error instanceof AppError && error.code === "not_found")) throw error;
}

const invalidGrant = (why: string): OAuthError => new OAuthError("invalid_grant", why);
const usedBefore = (kind: GrantSecretKind): OAuthError =>
  invalidGrant(`this ${kind === "code" ? "code" : "refresh token"} was used before: what it granted has been revoked`);
