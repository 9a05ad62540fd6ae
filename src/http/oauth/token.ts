/** The token endpoint (RFC 6749, section 3.2): service accounts by their secret, clients that somebody let in by their code. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { ACCESS_TOKEN_TTL_SECONDS } from "../../core/auth";
import { OAuthError, redeemCode, refreshTokens } from "../../core/authorization";
import { AppError } from "../../errors";
import { openAuth, openCaller } from "../../open-context";
import { networkOf, serviceOf } from "../address";
import { maxBody } from "../middleware/body";
import { Problem } from "../problem";
import { createRouter, type HttpEnv } from "../router";
import { anyOrigin } from "./any-origin";
import { grantClientCredentials } from "./client-credentials";
import { oauthError, onOAuthError, readableForm } from "./oauth-errors";

const TOKEN_PATH = "/oauth/token";
const TOKEN_BODY_BYTES_MAX = 8 * 1024;
const FORM_TYPE = "application/x-www-form-urlencoded";

const text = (description: string) => z.string().optional().openapi({ description });

const TokenForm = z.object({
  grant_type: z
    .string()
    .optional()
    .openapi({ enum: ["client_credentials", "authorization_code", "refresh_token"], example: "client_credentials" }),
  client_id: z.string().optional(),
  client_secret: text("Of a service account"),
  ou: text("Of a service account: the org unit").openapi({ example: "unit_default" }),
  code: z.string().optional(),
  redirect_uri: text("As in the authorization request"),
  code_verifier: text("What the code_challenge is the SHA-256 of"),
  refresh_token: z.string().optional(),
  resource: text("What the token is for (RFC 8707): the service's URL, or its URL with /mcp"),
});
export type TokenForm = z.output<typeof TokenForm>;

const TokenResponse = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int(),
  refresh_token: z.string().optional().openapi({ description: "Replaces the one before it" }),
  scope: z.string().optional().openapi({ description: "The role that was granted" }),
});

const tokenRoute = createRoute({
  method: "post",
  path: TOKEN_PATH,
  operationId: "createAccessToken",
  tags: ["Credentials"],
  summary: "Get an access token",
  description: `For a service account: client id and secret by HTTP Basic (form-encoded as RFC 6749 has it, or as they are) or in the form; \`ou\` chooses an org unit for one without a home.

For a client that somebody let in: \`authorization_code\` with \`code\`, \`redirect_uri\`, \`code_verifier\` and \`client_id\`, then \`refresh_token\` with \`client_id\`. A code works once. A refresh token is replaced by each use; for a minute it may be sent again, after a response that was lost. Any other repetition ends what was granted.`,
  security: [{ Basic: [] }, {}],
  request: { body: { content: { [FORM_TYPE]: { schema: TokenForm } } } },
  responses: {
    200: {
      description: "The token",
      content: {
        "application/json": {
          schema: TokenResponse,
          example: { access_token: "eyJhbGciOiJFZERTQSIs…", token_type: "Bearer", expires_in: ACCESS_TOKEN_TTL_SECONDS },
        },
      },
    },
    400: oauthError("The grant type is not supported, the code or refresh token is invalid, or the form cannot be read", "invalid_grant"),
    401: oauthError("Wrong client id or secret", "invalid_client"),
    403: {
      description: "A form that another origin's page sends with the browser's credentials",
      content: { "application/problem+json": { schema: Problem } },
    },
    429: oauthError("Wrong credentials, from the 60th of one address within a minute", "invalid_client"),
    415: oauthError(`Content-Type is not ${FORM_TYPE}`, "invalid_request"),
    413: oauthError(`Form over ${TOKEN_BODY_BYTES_MAX / 1024} KB`, "invalid_request"),
  },
});

/** A body of another type would be read as an empty form. */
const requireForm = createMiddleware<HttpEnv>(async function requireForm(c, next) {
  const type = c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase() ?? FORM_TYPE;
  if (c.req.method === "POST" && type !== FORM_TYPE && type !== "multipart/form-data") {
    throw new AppError("unsupported_media_type", `Content-Type must be ${FORM_TYPE} (got ${type})`);
  }
  await next();
});

export const token = createRouter();
token.onError(onOAuthError(TOKEN_PATH, "invalid_request"));
token.use(TOKEN_PATH, anyOrigin, maxBody(TOKEN_BODY_BYTES_MAX), requireForm);
token.openapi(
  tokenRoute,
  async (c) => {
    c.header("Cache-Control", "no-store");
    return c.json({ ...(await grant(c, c.req.valid("form"))), token_type: "Bearer" as const }, 200);
  },
  readableForm,
);

function grant(c: Context<HttpEnv>, form: TokenForm): Promise<Omit<z.output<typeof TokenResponse>, "token_type">> {
  switch (form.grant_type) {
    case "authorization_code":
    case "refresh_token":
      return grantToPublicClient(c, form);
    default:
      return grantClientCredentials(c, form);
  }
}

async function grantToPublicClient(c: Context<HttpEnv>, form: TokenForm) {
  if (c.req.header("Authorization") !== undefined || form.client_secret) {
    throw new OAuthError("invalid_client", "This client is public: send client_id in the form, and no secret");
  }
  const auth = await openAuth(c.env, networkOf(c));
  const ctx = { ...auth, ...openCaller(c.env, { kind: "system" }, c.get("requestId")) };
  const client_id = requireField(form, "client_id");
  const { redirect_uri, code_verifier, resource } = form;
  return form.grant_type === "refresh_token"
    ? refreshTokens(ctx, serviceOf(c), { refresh_token: requireField(form, "refresh_token"), client_id, resource })
    : redeemCode(ctx, serviceOf(c), { code: requireField(form, "code"), client_id, redirect_uri, code_verifier, resource });
}

function requireField(form: TokenForm, name: "client_id" | "code" | "refresh_token"): string {
  const value = form[name];
  if (!value) throw new OAuthError("invalid_request", `${name} is missing`);
  return value;
}
