/** What an OAuth client needs to know of this server, by the path that RFC 8414 fixes. */
import { createRoute, z } from "@hono/zod-openapi";
import { URI_TOO_LONG } from "../route";
import { createRouter } from "../router";

const ServerMetadata = z.object({
  issuer: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  grant_types_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()).openapi({ description: "Empty: there is no authorization endpoint" }),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  service_documentation: z.string(),
});

const metadataOf = (origin: string): z.output<typeof ServerMetadata> => ({
  issuer: origin,
  token_endpoint: `${origin}/oauth/token`,
  jwks_uri: `${origin}/.well-known/jwks.json`,
  grant_types_supported: ["client_credentials"],
  response_types_supported: [],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
  service_documentation: `${origin}/docs`,
});

const getMetadata = createRoute({
  method: "get",
  path: "/.well-known/oauth-authorization-server",
  operationId: "getAuthorizationServer",
  tags: ["Credentials"],
  summary: "Get the metadata of the authorization server",
  description: "As RFC 8414 defines it: where clients get tokens, and how they authenticate. Every URL has the origin of the request.",
  security: [],
  responses: {
    200: {
      description: "Metadata",
      content: { "application/json": { schema: ServerMetadata, example: metadataOf("https://leadedge.example.com") } },
    },
    414: URI_TOO_LONG,
  },
});

export const serverMetadata = createRouter().openapi(getMetadata, (c) => {
  c.header("Cache-Control", "public, max-age=300");
  return c.json(metadataOf(new URL(c.req.url).origin), 200);
});
