/** Access tokens of service accounts (RFC 6749, section 4.4). */
import type { Context } from "hono";
import {
  ACCESS_TOKEN_TTL_SECONDS,
  type AuthCtx,
  type Authenticated,
  authenticateClient,
  basicPair,
  signAccessToken,
} from "../../core/auth";
import { OAuthError, resourceOf } from "../../core/authorization";
import { requireUsableOrgUnit } from "../../core/org-units";
import { AppError } from "../../errors";
import { openAuth } from "../../open-context";
import { networkOf, serviceOf } from "../address";
import type { HttpEnv } from "../router";
import type { TokenForm } from "./token";

/** Throws OAuthError, rate_limited. */
export async function grantClientCredentials(c: Context<HttpEnv>, form: TokenForm) {
  const auth = await openAuth(c.env, networkOf(c));
  const client = await authenticateRequest(auth, c.req.header("Authorization"), form);
  if (client?.actor.kind !== "credential") throw new OAuthError("invalid_client", "Client authentication failed");
  if (form.grant_type !== "client_credentials") {
    const error = form.grant_type ? "unsupported_grant_type" : "invalid_request";
    throw new OAuthError(error, "grant_type must be client_credentials, authorization_code or refresh_token");
  }
  const { credential_id, organization_id, role, home } = client.actor;
  const ou = form.ou ?? home;
  if (ou !== null) await requireUsableOrgUnit({ ...auth, actor: client.actor }, ou).catch(refuse);
  const service = serviceOf(c);
  const resource = resourceOf(service, form.resource);
  const claims = { credential_id, organization_id, role, ou, resource, issuer: service.origin };
  return { access_token: await signAccessToken(auth.signingKeys, claims, auth.now()), expires_in: ACCESS_TOKEN_TTL_SECONDS };
}

function refuse(error: unknown): never {
  throw error instanceof AppError ? new OAuthError("invalid_request", error.message) : error;
}

/**
 * The client of a token request. In HTTP Basic, RFC 6749 (section 2.3.1) has id and secret form-encoded first, `demo%2Dsecret` for
 * `demo-secret`; many clients send them as they are. Both are accepted.
 */
async function authenticateRequest(auth: AuthCtx, header: string | undefined, form: TokenForm): Promise<Authenticated | null> {
  const basic = /^basic +(\S+) *$/i.exec(header ?? "")?.[1];
  if (!basic) return authenticateClient(auth, [{ clientId: form.client_id ?? "", secret: form.client_secret ?? "" }]);
  const sent = basicPair(basic);
  if (!sent) return authenticateClient(auth, []);
  const decoded = { clientId: formDecoded(sent.clientId), secret: formDecoded(sent.secret) };
  const encoded = decoded.clientId !== sent.clientId || decoded.secret !== sent.secret;
  return authenticateClient(auth, encoded ? [decoded, sent] : [sent]);
}

/** The text of an application/x-www-form-urlencoded value; the value itself when it is malformed. */
function formDecoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}
