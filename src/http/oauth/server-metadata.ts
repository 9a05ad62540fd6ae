/** What an OAuth client needs to know of this server, by the path that RFC 8414 fixes. */
import { createRoute, z } from "@hono/zod-openapi";
import { SCOPES } from "../../core/authorization";
import { originOf } from "../address";
import { URI_TOO_LONG } from "../route";
import { createRouter } from "../router";
import { anyOrigin } from "./any-origin";

const ServerMetadata = z.object({
  issuer: z.string().openapi({ description: "The `iss` of access tokens and of authorization responses" }),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string(),
  jwks_uri: z.string(),
  scopes_supported: z.array(z.string()).openapi({ description: "Roles, and `offline_access`, which changes nothing" }),
  response_types_supported: z.array(z.string()),
  response_modes_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  code_challenge_methods_supported: z.array(z.string()),
  authorization_response_iss_parameter_supported: z.boolean(),
  client_id_metadata_document_supported: z.boolean(),
  protected_resources: z.array(z.string()),
  service_documentation: z.string(),
});

const metadataOf = (origin: string): z.output<typeof ServerMetadata> => ({
  issuer: origin,
  authorization_endpoint: `${origin}/oauth/authorize`,
  token_endpoint: `${origin}/oauth/token`,
  registration_endpoint: `${origin}/oauth/register`,
  jwks_uri: `${origin}/.well-known/jwks.json`,
  scopes_supported: [...SCOPES],
  response_types_supported: ["code"],
  response_modes_supported: ["query"],
  grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
  token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true,
  client_id_metadata_document_supported: true,
  protected_resources: [origin, `${origin}/mcp`],
  service_documentation: `${origin}/docs`,
});

const getMetadata = createRoute({
  method: "get",
  path: "/.well-known/oauth-authorization-server",
  operationId: "getAuthorizationServer",
  tags: ["Credentials"],
  summary: "Get the metadata of the authorization server",
  description:
    "As RFC 8414 defines it: where clients get tokens, and how they authenticate. Every URL has the origin of the setting PUBLIC_ORIGIN, else of the request.",
  security: [],
  responses: {
    200: {
      description: "Metadata",
      content: { "application/json": { schema: ServerMetadata, example: metadataOf("https://leadedge.example.com") } },
    },
    414: URI_TOO_LONG,
  },
});

export const serverMetadata = createRouter();
serverMetadata.use(getMetadata.path, anyOrigin);
serverMetadata.openapi(getMetadata, (c) => {
  c.header("Cache-Control", "public, max-age=300");
  return c.json(metadataOf(originOf(c)), 200);
});
