/** Dynamic client registration (RFC 7591), for clients that publish no metadata document. Nothing is stored. */
import { createRoute, z } from "@hono/zod-openapi";
import { REDIRECT_URIS_MAX, registerClient } from "../../core/authorization";
import { openCaller } from "../../open-context";
import { requireJsonBody } from "../middleware/body";
import { createRouter } from "../router";
import { anyOrigin } from "./any-origin";
import { oauthError, onOAuthError } from "./oauth-errors";

const REGISTER_PATH = "/oauth/register";
const BODY_BYTES_MAX = 16 * 1024;
const REDIRECT_URIS = ["http://127.0.0.1/callback"];

const Metadata = z.looseObject({
  client_name: z.string().optional().openapi({ description: "Shown to whoever is asked to let the client in" }),
  redirect_uris: z.array(z.string()).min(1).max(REDIRECT_URIS_MAX).openapi({
    description: "https, http on 127.0.0.1, [::1] or localhost (whose port may vary), or a native app's own scheme",
  }),
});

const Registered = z.object({
  client_id: z.string(),
  client_id_issued_at: z.number().int(),
  client_name: z.string(),
  redirect_uris: z.array(z.string()),
  grant_types: z.array(z.string()),
  response_types: z.array(z.string()),
  token_endpoint_auth_method: z.literal("none"),
});

const PUBLIC_CLIENT = {
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none" as const,
};

const registerRoute = createRoute({
  method: "post",
  path: REGISTER_PATH,
  operationId: "registerOAuthClient",
  tags: ["Credentials"],
  summary: "Register an OAuth client",
  description:
    "Dynamic client registration (RFC 7591) without credentials: every client is public. A client that publishes its metadata at an https URL needs none, and uses that URL as its client_id. The id contains the metadata, signed, and is valid for about two years.",
  security: [],
  middleware: [requireJsonBody(BODY_BYTES_MAX)],
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: Metadata, example: { client_name: "Acme Agent", redirect_uris: REDIRECT_URIS } } },
    },
  },
  responses: {
    201: {
      description: "The client, as it is registered",
      content: {
        "application/json": {
          schema: Registered,
          example: {
            client_id: "client_WzE3NjM3…",
            client_id_issued_at: 1_768_471_200,
            client_name: "Acme Agent",
            redirect_uris: REDIRECT_URIS,
            ...PUBLIC_CLIENT,
          },
        },
      },
    },
    400: oauthError("A redirect URI or other metadata is invalid", "invalid_redirect_uri"),
    413: oauthError(`Request body over ${BODY_BYTES_MAX / 1024} KB`, "invalid_client_metadata"),
    415: oauthError("Content-Type is not application/json", "invalid_client_metadata"),
  },
});

export const register = createRouter();
register.onError(onOAuthError(REGISTER_PATH, "invalid_client_metadata"));
register.use(REGISTER_PATH, anyOrigin);
register.openapi(
  registerRoute,
  (c) => {
    const { client_id, name, redirect_uris, issued_at } = registerClient(
      openCaller(c.env, { kind: "system" }, c.get("requestId")),
      c.req.valid("json"),
    );
    c.header("Cache-Control", "no-store");
    return c.json(
      { client_id, client_id_issued_at: issued_at, client_name: name, redirect_uris: [...redirect_uris], ...PUBLIC_CLIENT },
      201,
    );
  },
  (result, c) => {
    if (result.success) return;
    const error = result.error.issues[0]?.path[0] === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata";
    const error_description = "The body must be an object with redirect_uris, a list of texts, and client_name, a text";
    return c.json({ error, error_description }, 400);
  },
);
