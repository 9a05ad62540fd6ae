/** What a client requests when it sends somebody's browser here (RFC 6749, section 4.1.1, with PKCE, RFC 7636, and RFC 8707). */
import type { TagKey } from "../../context";
import { ROLES, type Role } from "../../vocabulary";
import type { Client } from "./client";
import { type DocumentCtx, requireDocumentedClient } from "./client-document";
import { OAuthError } from "./oauth-error";
import { isRegistered, redirectHost, withParameters } from "./redirect-uri";
import { findRegisteredClient } from "./registered-client";

/** Of a request; others are ignored. */
export const REQUEST_PARAMETERS = [
  "client_id",
  "redirect_uri",
  "response_type",
  "response_mode",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "resource",
] as const;
type Parameter = (typeof REQUEST_PARAMETERS)[number];
type Given = Partial<Record<Parameter, string>>;

/** Scopes are roles. Refresh tokens come without being requested, and `offline_access` is how some clients request them. */
export const SCOPES: readonly string[] = [...ROLES, "offline_access"];

/** `origin`: this service's URL, which is the issuer's name, too. */
export type ReviewCtx = DocumentCtx & { tagKeys: readonly TagKey[]; origin: string; resources: readonly string[] };

export type AuthorizationRequest = {
  client: Client;
  redirect_uri: string;
  state: string | null;
  code_challenge: string;
  resource: string | null;
  /** what the client can use; the person may grant less */
  roles: readonly Role[];
};

/**
 * `refused`: the client is not verified, so nobody is redirected; `back`: where a link may lead. `returned`: the client receives the error by a
 * redirect.
 */
export type Review =
  | { outcome: "refused"; refusal: OAuthError; back: { host: string; url: string } | null }
  | { outcome: "returned"; to: string }
  | { outcome: "valid"; request: AuthorizationRequest };

/** Reviews a request. No D1 round trip; a fetch for a client that publishes its metadata, unless it is cached. */
export async function reviewRequest(ctx: ReviewCtx, query: URLSearchParams): Promise<Review> {
  let verified: Pick<AuthorizationRequest, "client" | "redirect_uri">;
  try {
    verified = await verifyClient(ctx, query);
  } catch (error) {
    if (error instanceof OAuthError) return { outcome: "refused", refusal: error, back: null };
    throw error;
  }
  try {
    const given = parametersOf(query);
    const wanted = { roles: rolesOf(given.scope), resource: resourceOf(ctx, given.resource), code_challenge: challengeOf(given) };
    return { outcome: "valid", request: { ...verified, ...wanted, state: given.state ?? null } };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const url = errorUrl(ctx, { ...verified, state: query.get("state") }, error);
    const host = redirectHost(verified.redirect_uri);
    // anybody registers any host: a redirect before a sign-in would lend it this service's name (RFC 9700, section 4.11.2)
    if (verified.client.host === null && host !== null) return { outcome: "refused", refusal: error, back: { host, url } };
    return { outcome: "returned", to: url };
  }
}

/** The redirect that reports a failed request to the client (RFC 6749, section 4.1.2.1). */
export const errorUrl = (
  { origin }: Pick<ReviewCtx, "origin">,
  { redirect_uri, state }: Pick<AuthorizationRequest, "redirect_uri" | "state">,
  { error, message }: OAuthError,
): string => withParameters(redirect_uri, { error, error_description: message, state, iss: origin });

async function verifyClient(ctx: ReviewCtx, query: URLSearchParams): Promise<Pick<AuthorizationRequest, "client" | "redirect_uri">> {
  const client_id = requireOne(query, "client_id");
  const redirect_uri = requireOne(query, "redirect_uri");
  const client = await requireClient(ctx, client_id);
  if (!isRegistered(client.redirect_uris, redirect_uri)) {
    throw new OAuthError("invalid_request", "redirect_uri is not one that the client has registered");
  }
  return { client, redirect_uri };
}

async function requireClient(ctx: ReviewCtx, clientId: string): Promise<Client> {
  if (/^https?:/i.test(clientId)) return requireDocumentedClient(ctx, clientId);
  const client = findRegisteredClient(ctx, clientId);
  if (!client) throw new OAuthError("invalid_client", "client_id is unknown: register the client again");
  return client;
}

function requireOne(query: URLSearchParams, name: Parameter): string {
  const [value, another] = query.getAll(name);
  if (another !== undefined) throw new OAuthError("invalid_request", `${name} must be sent once`);
  if (!value) throw new OAuthError("invalid_request", `${name} is missing`);
  return value;
}

/** A parameter without a value counts as left out (RFC 6749, section 3.1). */
function parametersOf(query: URLSearchParams): Given {
  const present = REQUEST_PARAMETERS.filter((name) => query.getAll(name).some((value) => value !== ""));
  return Object.fromEntries(present.map((name) => [name, requireOne(query, name)]));
}

/** The challenge; only by S256, which reveals nothing of the verifier. */
function challengeOf({ response_type, response_mode, code_challenge, code_challenge_method }: Given): string {
  if (response_type === undefined) throw new OAuthError("invalid_request", "response_type is missing");
  if (response_type !== "code") throw new OAuthError("unsupported_response_type", "response_type must be code");
  if (response_mode !== undefined && response_mode !== "query") throw new OAuthError("invalid_request", "response_mode must be query");
  if (code_challenge_method !== "S256") throw new OAuthError("invalid_request", "code_challenge_method must be S256");
  if (!/^[\w-]{43}$/.test(code_challenge ?? "")) {
    throw new OAuthError("invalid_request", "code_challenge must be the SHA-256 of the verifier in base64url: 43 characters");
  }
  return code_challenge ?? "";
}

/** The roles up to the highest one in the scope; all roles for a scope without any. Scopes of other services are ignored next to ours. */
function rolesOf(scope: string | undefined): readonly Role[] {
  const named = (scope ?? "").split(" ").filter((word) => word !== "");
  if (named.length > 0 && !named.some((word) => SCOPES.includes(word))) {
    throw new OAuthError("invalid_scope", `scope must name some of: ${SCOPES.join(" ")}`);
  }
  const highest = ROLES.findLastIndex((role) => named.includes(role));
  return highest === -1 ? ROLES : ROLES.slice(0, highest + 1);
}

/** The resource as this service spells it. Throws OAuthError. */
export function resourceOf({ resources }: Pick<ReviewCtx, "resources">, given: string | undefined): string | null {
  if (given === undefined || given === "") return null;
  const wanted = URL.parse(given)?.href;
  const found = resources.find((resource) => wanted === resource || wanted === new URL(resource).href);
  if (found === undefined) throw new OAuthError("invalid_target", `resource must be one of: ${resources.join(", ")}`);
  return found;
}
