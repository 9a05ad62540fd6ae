/** A client turns its code into tokens, and a refresh token into new ones (RFC 6749, sections 4.1.3 and 6). */
import type { CallerCtx, TagKey } from "../../context";
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
  refreshTokenAfter,
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
/** A client whose response was lost, or two of its processes at once, send a token again within this time. */
const REPLAY_GRACE_MS = 60_000;

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
  const [tagKey] = ctx.tagKeys;
  const next = tagged(tagKey, newGrantSecret(credential.credential_id, "refresh"));
  const until = ctx.now() + (ofUser ? USER_GRANT_TTL_MS : GRANT_TTL_MS);
  const tokens = await issueTokens(ctx, service, grant, { secret: given.code, next, until });
  if (tokens) return tokens;
  // another request with the same code was faster
  await revokeReplayed(ctx, grant);
  throw usedBefore("code");
}

type RefreshRequest = { refresh_token: string; client_id: string; resource: string | undefined };

/**
 * New tokens for a refresh token, which is replaced. For a minute it may be sent again, for the same refresh token in its place. Any older one, and
 * the same one later, ends the grant, because one of the two senders stole it. Two D1 round trips, one for a token that is sent again. Throws
 * OAuthError, rate_limited.
 */
export async function refreshTokens(ctx: RedeemCtx, service: Service, given: RefreshRequest): Promise<Tokens> {
  const grant = await requireGrant(ctx, given.refresh_token, "refresh", given.client_id);
  requireSameResource(service, grant, given.resource);
  const { credential, successor } = grant;
  const until = credential.expires_at ?? ctx.now();
  if (successor !== null) return tokensOf(ctx, service, grant, successor, until);
  const next = successorOf(ctx.tagKeys[0], credential.credential_id, given.refresh_token);
  const tokens = await issueTokens(ctx, service, grant, { secret: given.refresh_token, next, until });
  // null: another request with the same token was faster, or the grant has just ended
  return tokens ?? refreshTokens(ctx, service, given);
}

const successorOf = (tagKey: TagKey, grantId: string, token: string): string =>
  tagged(tagKey, refreshTokenAfter(tagKey.key, grantId, token));

/** A verifier has 43 to 128 characters (RFC 7636, section 4.1). */
const matchesChallenge = (verifier: string, challenge: string): boolean =>
  /^[\w.~-]{43,128}$/.test(verifier) && sameSecret(sha256Base64Url(verifier), challenge);

/** `successor`: what has just replaced the secret that was sent; null: it is the grant's current one. */
type Grant = CredentialWithHome & { terms: GrantTerms; successor: string | null };

async function requireGrant(ctx: RedeemCtx, secret: string, kind: GrantSecretKind, clientId: string): Promise<Grant> {
  const id = grantOfSecret(secret, kind);
  const found = id !== null && (await isWorthLookUp(ctx, secret)) ? await findCredential(ctx.directory, id) : undefined;
  if (found?.credential.kind !== "oauth_grant") {
    await recordFailure(ctx);
    throw invalidGrant(`the ${kind === "code" ? "code" : "refresh token"} is unknown`);
  }
  const { credential } = found;
  const terms = GrantTerms.parse(JSON.parse(credential.grant_terms ?? "{}"));
  const isCurrent = sameSecret(sha256Hex(secret), credential.secret_hash);
  const successor = isCurrent || kind === "code" || terms.client_id !== clientId ? null : findSuccessor(ctx, secret, found, terms);
  if (!isCurrent && successor === null) {
    if (hasValidTag(ctx.tagKeys, secret)) await revokeReplayed(ctx, found);
    else await recordFailure(ctx);
    throw usedBefore(kind);
  }
  if (credential.revoked_at !== null || (credential.expires_at ?? 0) <= ctx.now()) throw invalidGrant("it has expired, or was revoked");
  if (terms.client_id !== clientId) throw invalidGrant("it was issued to another client");
  return { ...found, terms, successor };
}

/** The grant's current refresh token, when it replaced this one within the last minute. */
function findSuccessor(
  { tagKeys, now }: RedeemCtx,
  secret: string,
  { credential: { credential_id, secret_hash } }: CredentialWithHome,
  { replaced_at = 0 }: GrantTerms,
): string | null {
  if (replaced_at + REPLAY_GRACE_MS <= now()) return null;
  const possible = tagKeys.map((tagKey) => successorOf(tagKey, credential_id, secret));
  return possible.find((token) => sameSecret(sha256Hex(token), secret_hash)) ?? null;
}

function requireSameResource(service: Service, { terms }: Grant, given: string | undefined): void {
  const wanted = resourceOf(service, given);
  if (wanted !== null && wanted !== terms.resource) throw new OAuthError("invalid_target", "resource is not the one that was granted");
}

/** Replaces the grant's secret; null when it has been replaced already, or the grant has ended. */
async function issueTokens(
  ctx: RedeemCtx,
  service: Service,
  grant: Grant,
  { secret, next, until }: { secret: string; next: string; until: number },
): Promise<Tokens | null> {
  const { credential_id } = grant.credential;
  const [{ key_id: tag_key_id }] = ctx.tagKeys;
  const hashes = { before: sha256Hex(secret), after: sha256Hex(next) };
  const expires_at = await replaceSecret(ctx.directory, { credential_id, ...hashes, tag_key_id, until, now: ctx.now() });
  return expires_at === null ? null : tokensOf(ctx, service, grant, next, expires_at);
}

async function tokensOf(
  ctx: RedeemCtx,
  { origin }: Service,
  { credential, home, terms }: Grant,
  refresh_token: string,
  expires_at: number,
): Promise<Tokens> {
  const { credential_id, organization_id, role } = credential;
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
