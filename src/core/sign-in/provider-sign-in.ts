/**
 * Signing in with an identity provider: OpenID Connect's code flow with PKCE (RFC 7636). The client's id is the audience that the operator gave
 * the provider; there is no client secret, since every deployment is its own public client. What must come back unchanged travels in a cookie
 * that we sign.
 */
import { decodeJwt } from "jose";
import { z } from "zod";
import type { Http } from "../../context";
import { AppError } from "../../errors";
import { sameSecret, sha256Base64Url } from "../../hash";
import { randomHex } from "../../ids";
import { logError } from "../../log";
import {
  type AuthCtx,
  findProviderOf,
  type IdentityProvider,
  isOfOrganization,
  readSignInCookie,
  signSignInCookie,
  verifyProviderToken,
} from "../auth";
import { discover } from "./discovery";
import type { SignedIn } from "./sign-in";

export type ProviderCtx = AuthCtx & { http: Http };

/** Somebody may have to look for a second factor. */
const WITHIN_MS = 10 * 60_000;
const SCOPE = "openid profile email";

/** `organization`: whose provider; null: that of the settings. `to`: where to go afterwards. */
type Wanted = { organization: string | null; redirect_uri: string; to: string };

/** The address that a browser is sent to, and the cookie that it brings back. Throws not_found, unavailable. */
export async function beginProviderSignIn(
  ctx: ProviderCtx,
  { organization, redirect_uri, to }: Wanted,
): Promise<{ url: string; cookie: string }> {
  const provider = await requireProvider(ctx, organization);
  const { authorization_endpoint } = await discover(ctx, provider.issuer);
  const pending = { organization, to, state: randomHex(16), nonce: randomHex(16), verifier: randomHex(32) };
  const url = new URL(authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: provider.audience,
    redirect_uri,
    scope: SCOPE,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: sha256Base64Url(pending.verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, cookie: await signSignInCookie(ctx.signingKeys, pending, ctx.now() + WITHIN_MS) };
}

const Returned = z.object({ state: z.string(), code: z.string(), iss: z.string().optional() });

/** What the provider sent the browser back with. Throws unauthenticated, not_found, unavailable. */
export async function finishProviderSignIn(
  ctx: ProviderCtx,
  { cookie, returned, redirect_uri }: { cookie: string; returned: Record<string, string>; redirect_uri: string },
): Promise<{ signedIn: SignedIn; to: string }> {
  const pending = await readSignInCookie(ctx.signingKeys, cookie, ctx.now());
  const { data } = Returned.safeParse(returned);
  if (!pending || !data || !sameSecret(data.state, pending.state)) throw refused("the answer is not to a request of this browser");
  const provider = await requireProvider(ctx, pending.organization);
  // RFC 9207: another provider's answer
  if (data.iss !== undefined && data.iss !== provider.issuer) throw refused("the answer is another provider's");
  const id_token = await exchange(ctx, provider, { code: data.code, redirect_uri, verifier: pending.verifier });
  const actor = await verifyProviderToken(provider, id_token, ctx.now());
  if (!actor || !isOfOrganization(actor)) throw refused("the token names no organization here, or is not valid");
  const { nonce, azp } = decodeJwt(id_token);
  if (typeof nonce !== "string" || !sameSecret(nonce, pending.nonce)) throw refused("the token was issued for another request");
  if (azp !== undefined && azp !== provider.audience) throw refused("the token was issued to another client");
  return { signedIn: { actor, until: null }, to: pending.to };
}

/** Whether there is a provider for everybody. */
export const hasProvider = ({ identityProvider }: AuthCtx): boolean => identityProvider !== null;

async function requireProvider(ctx: AuthCtx, organization: string | null): Promise<IdentityProvider> {
  const provider = organization === null ? ctx.identityProvider : await findProviderOf(ctx, organization);
  if (!provider) throw new AppError("not_found", "There is no identity provider for this organization");
  return provider;
}

const Tokens = z.object({ id_token: z.string() });

async function exchange(
  ctx: ProviderCtx,
  { issuer, audience }: IdentityProvider,
  { code, redirect_uri, verifier }: { code: string; redirect_uri: string; verifier: string },
): Promise<string> {
  const { token_endpoint } = await discover(ctx, issuer);
  const body = new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri, client_id: audience, code_verifier: verifier });
  const response = await ctx.http
    .send(token_endpoint, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" })
    .catch((error) => {
      logError("token endpoint of an identity provider failed", error, { issuer });
      throw new AppError("unavailable", "Your identity provider cannot be reached; try again in a moment");
    });
  const { data } = Tokens.safeParse(await response.json().catch(() => null));
  if (!response.ok || !data) throw refused("the provider took the code back");
  return data.id_token;
}

const refused = (why: string): AppError => new AppError("unauthenticated", `Signing in failed: ${why}. Try again`);
