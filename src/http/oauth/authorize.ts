/**
 * Where a client sends somebody's browser (RFC 6749, section 4.1.1). A valid request is redirected to the console, which signs the person
 * in and shows the page of consent: browsers do not send its cookie with a navigation from another site.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { html } from "hono/html";
import { recordFailure, requireAttempt } from "../../core/auth";
import { OAuthError, REQUEST_PARAMETERS, reviewRequest } from "../../core/authorization";
import { openReview } from "../../open-sign-in";
import { networkOf, serviceOf } from "../address";
import { plainPage } from "../plain-page";
import { Problem } from "../problem";
import { URI_TOO_LONG } from "../route";
import { createRouter, type HttpEnv } from "../router";
import { oauthError } from "./oauth-errors";

const CONSENT_PAGE = "/console/authorize";

const parameter = (description: string) => z.string().optional().openapi({ description });

const authorizeRoute = createRoute({
  method: "get",
  path: "/oauth/authorize",
  operationId: "authorizeOAuthClient",
  tags: ["Credentials"],
  summary: "Ask somebody to let an OAuth client in",
  description:
    "For browsers. The code flow of OAuth 2.1: the person signs in to the console, chooses the org unit and the client's role there, and goes back to `redirect_uri` with `code`, `state` and `iss`, or with `error`. A code is good for a minute, once.",
  security: [],
  request: {
    query: z.object({
      response_type: parameter("`code`"),
      client_id: parameter("The https URL of the client's metadata document, or an id of POST /oauth/register"),
      redirect_uri: parameter("One of the client's, to the letter; on 127.0.0.1, [::1] and localhost the port may differ"),
      code_challenge: parameter("The SHA-256 of the code verifier in base64url (RFC 7636)"),
      code_challenge_method: parameter("`S256`"),
      scope: parameter("Roles: the highest is the most that can be granted. Left out: any"),
      state: parameter("Returned as it is"),
      resource: parameter("What the tokens are for (RFC 8707): the service's URL, or its URL with /mcp. Left out: the whole service"),
      response_mode: parameter("`query`"),
    }),
  },
  responses: {
    302: { description: "To the console, or back to the client with an `error`" },
    400: oauthError(
      "The client or its redirect_uri is not known, or the request of a client that registered itself is invalid and its redirect_uri leads to another host: nobody is redirected. A page for browsers",
      "invalid_client",
    ),
    414: URI_TOO_LONG,
    429: {
      description: "Refused requests, from the 60th of one address within a minute: see Retry-After",
      content: { "application/problem+json": { schema: Problem } },
    },
  },
});

export const authorize = createRouter();
authorize.openapi(
  authorizeRoute,
  async (c) => {
    c.header("Cache-Control", "no-store");
    const ctx = { ...(await openReview(c.env, networkOf(c))), ...serviceOf(c) };
    const query = new URL(c.req.url).searchParams;
    // a request of an unknown client may be sent on to an address that the caller chose
    requireAttempt(ctx);
    const review = await reviewRequest(ctx, query);
    if (review.outcome === "valid") return c.redirect(`${CONSENT_PAGE}?${knownOf(query)}`, 302);
    if (review.outcome === "returned") return c.redirect(review.to, 302);
    await recordFailure(ctx);
    return refuse(c, review.refusal, review.back);
  },
  // a parameter that is sent twice
  (result, c) => {
    if (!result.success) return refuse(c, new OAuthError("invalid_request", "Each parameter must be sent once"));
  },
);

/** The parameters that count, spelt as the console allows a path of its own to be. */
const knownOf = (query: URLSearchParams): string =>
  new URLSearchParams(
    REQUEST_PARAMETERS.flatMap((name) => {
      const value = query.get(name);
      return value ? [[name, value]] : [];
    }),
  )
    .toString()
    .replaceAll("*", "%2A");

function refuse(c: Context<HttpEnv>, { error, message }: OAuthError, back: { host: string; url: string } | null = null) {
  c.header("Vary", "Accept");
  if (!c.req.header("Accept")?.includes("text/html")) return c.json({ error, error_description: message }, 400);
  return plainPage(
    c,
    html`<h1>This program cannot be let in</h1>
      <p>${message}.</p>
      <p>Nothing was granted. Go back to the program that sent you here, and connect it again.</p>
      ${back && html`<p><a href="${back.url}" rel="noreferrer">Go to ${back.host}</a>, which nobody has verified.</p>`}`,
    400,
  );
}
