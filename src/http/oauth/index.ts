/** Access tokens by the client credentials grant (RFC 6749, section 4.4) and the key set that verifies them (RFC 7517). */
import { createRoute, z } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import {
  ACCESS_TOKEN_TTL_SECONDS,
  type AuthCtx,
  type Authenticated,
  authenticateClient,
  basicPair,
  signAccessToken,
} from "../../core/auth";
import { requireUsableOrgUnit } from "../../core/org-units";
import { AppError } from "../../errors";
import { openAuth, signingKeysOf } from "../../open-context";
import { RateLimited } from "../../quotas";
import { networkOf } from "../address";
import { maxBody } from "../middleware/body";
import { onError, Problem } from "../problem";
import { URI_TOO_LONG } from "../route";
import { createRouter, type HttpEnv } from "../router";

export { serverMetadata } from "./server-metadata";

const TOKEN_PATH = "/oauth/token";
const TOKEN_BODY_BYTES_MAX = 8 * 1024;
const FORM_TYPE = "application/x-www-form-urlencoded";

const OAuthError = z.object({ error: z.string(), error_description: z.string() });
const oauthError = (description: string, error: string) => ({
  description,
  content: { "application/json": { schema: OAuthError, example: { error, error_description: description } } },
});

const JwkSet = z.object({
  keys: z.array(z.object({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), alg: z.string(), use: z.string() })),
});

const JWKS_EXAMPLE = {
  keys: [
    {
      kty: "OKP",
      crv: "Ed25519",
      x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
      alg: "EdDSA",
      use: "sig",
    },
  ],
};

const token = createRoute({
  method: "post",
  path: TOKEN_PATH,
  operationId: "createAccessToken",
  tags: ["Credentials"],
  summary: "Get an access token for a service account",
  description:
    "Client id and secret by HTTP Basic (form-encoded as RFC 6749 has it, or as they are) or in the form. `ou` chooses an org unit for a service account without a home.",
  security: [{ Basic: [] }, {}],
  request: {
    body: {
      content: {
        [FORM_TYPE]: {
          schema: z.object({
            grant_type: z
              .string()
              .optional()
              .openapi({ enum: ["client_credentials"], example: "client_credentials" }),
            client_id: z.string().optional(),
            client_secret: z.string().optional(),
            ou: z.string().optional().openapi({ example: "unit_default" }),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: "The token",
      content: {
        "application/json": {
          schema: z.object({ access_token: z.string(), token_type: z.literal("Bearer"), expires_in: z.number().int() }),
          example: { access_token: "eyJhbGciOiJFZERTQSIs…", token_type: "Bearer", expires_in: ACCESS_TOKEN_TTL_SECONDS },
        },
      },
    },
    400: oauthError("The grant type is not client_credentials, or the form cannot be read", "unsupported_grant_type"),
    401: oauthError("Wrong client id or secret", "invalid_client"),
    403: {
      description: "A form that another origin's page sends with the browser's credentials",
      content: { "application/problem+json": { schema: Problem } },
    },
    429: oauthError("Wrong client id or secret, from the 60th of one address within a minute", "invalid_client"),
    415: oauthError(`Content-Type is not ${FORM_TYPE}`, "invalid_request"),
    413: oauthError(`Form over ${TOKEN_BODY_BYTES_MAX / 1024} KB`, "invalid_request"),
  },
});

const jwks = createRoute({
  method: "get",
  path: "/.well-known/jwks.json",
  operationId: "getKeySet",
  tags: ["Credentials"],
  summary: "Get the key set that verifies access tokens",
  description: "A JWK Set (RFC 7517). Keep it for as long as Cache-Control says.",
  security: [],
  responses: {
    200: { description: "JWK set", content: { "application/json": { schema: JwkSet, example: JWKS_EXAMPLE } } },
    414: URI_TOO_LONG,
  },
});

/** Of a body that cannot be read: an error of RFC 6749. Null for other errors. */
function refusalStatus(thrown: Error): 400 | 413 | 415 | null {
  if (thrown instanceof HTTPException && thrown.status === 400) return 400;
  if (!(thrown instanceof AppError)) return null;
  return thrown.code === "too_large" ? 413 : thrown.code === "unsupported_media_type" ? 415 : null;
}

/** A body of another type would be read as an empty form. */
const requireForm = createMiddleware<HttpEnv>(async function requireForm(c, next) {
  const type = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase() ?? FORM_TYPE;
  if (c.req.method === "POST" && type !== FORM_TYPE && type !== "multipart/form-data") {
    throw new AppError("unsupported_media_type", `Content-Type must be ${FORM_TYPE} (got ${type})`);
  }
  await next();
});

export const oauth = createRouter();
oauth.onError((thrown, c) => {
  const status = refusalStatus(thrown);
  if (c.req.path !== TOKEN_PATH || status === null) return onError(thrown, c);
  c.header("Cache-Control", "no-store");
  return c.json({ error: "invalid_request", error_description: thrown.message }, status);
});
oauth.use(TOKEN_PATH, maxBody(TOKEN_BODY_BYTES_MAX), requireForm);
oauth
  .openapi(
    token,
    async (c) => {
      c.header("Cache-Control", "no-store");
      const form = c.req.valid("form");
      const auth = await openAuth(c.env, networkOf(c));
      const client = await authenticateRequest(auth, c.req.header("Authorization"), form).catch((error: unknown) => {
        if (error instanceof RateLimited) return error;
        throw error;
      });
      if (client instanceof RateLimited) {
        c.header("Retry-After", String(client.retryAfterSeconds));
        return c.json({ error: "invalid_client", error_description: client.message }, 429);
      }
      if (client?.actor.kind !== "credential") {
        c.header("WWW-Authenticate", 'Basic realm="leadedge", charset="UTF-8"');
        return c.json({ error: "invalid_client", error_description: "Client authentication failed" }, 401);
      }
      if (form.grant_type !== "client_credentials") {
        const error = form.grant_type ? "unsupported_grant_type" : "invalid_request";
        return c.json({ error, error_description: "grant_type must be client_credentials" }, 400);
      }
      const { credential_id, organization_id, role, home } = client.actor;
      const ou = form.ou ?? home;
      try {
        if (ou !== null) await requireUsableOrgUnit({ ...auth, actor: client.actor }, ou);
      } catch (error) {
        if (error instanceof AppError) return c.json({ error: "invalid_request", error_description: error.message }, 400);
        throw error;
      }
      const access_token = await signAccessToken(auth.signingKeys, { credential_id, organization_id, role, ou }, auth.now());
      return c.json({ access_token, token_type: "Bearer" as const, expires_in: ACCESS_TOKEN_TTL_SECONDS }, 200);
    },
    (result, c) => {
      if (!result.success) return c.json({ error: "invalid_request", error_description: "The form cannot be read" }, 400);
    },
  )
  .openapi(jwks, async (c) => {
    c.header("Cache-Control", "public, max-age=300");
    return c.json({ keys: (await signingKeysOf(c.env)).map(({ publicJwk }) => publicJwk) }, 200);
  });

type ClientForm = { client_id?: string | undefined; client_secret?: string | undefined };

/**
 * The client of a token request. In HTTP Basic, RFC 6749 (section 2.3.1) has id and secret form-encoded first, `demo%2Dsecret` for
 * `demo-secret`; many clients send them as they are. Both are accepted.
 */
async function authenticateRequest(auth: AuthCtx, header: string | undefined, form: ClientForm): Promise<Authenticated | null> {
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
