/** What an OAuth client needs to know of a resource before it has a token, by the paths that RFC 9728 fixes. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ROLES } from "../../vocabulary";
import { MCP_PATH, originOf } from "../address";
import { URI_TOO_LONG } from "../route";
import { createRouter, type HttpEnv } from "../router";
import { anyOrigin } from "./any-origin";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

const ResourceMetadata = z.object({
  resource: z.string().openapi({ description: "What a client sends as `resource` (RFC 8707)" }),
  resource_name: z.string(),
  authorization_servers: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  bearer_methods_supported: z.array(z.string()),
  jwks_uri: z.string(),
  resource_documentation: z.string(),
});

const metadataOf = (origin: string, path: string): z.output<typeof ResourceMetadata> => ({
  resource: origin + path,
  resource_name: "Leadedge",
  authorization_servers: [origin],
  scopes_supported: [...ROLES],
  bearer_methods_supported: ["header"],
  jwks_uri: `${origin}/.well-known/jwks.json`,
  resource_documentation: `${origin}/docs`,
});

const routeOf = <const Path extends string>(path: Path, operationId: string, what: string, resourcePath: string) =>
  createRoute({
    method: "get",
    path,
    operationId,
    tags: ["Credentials"],
    summary: `Get the metadata of ${what} as a protected resource`,
    description: "As RFC 9728 defines it: the authorization server that issues tokens for it, and the scopes, which are roles.",
    security: [],
    responses: {
      200: {
        description: "Metadata",
        content: {
          "application/json": { schema: ResourceMetadata, example: metadataOf("https://leadedge.example.com", resourcePath) },
        },
      },
      414: URI_TOO_LONG,
    },
  });

const getResource = routeOf(WELL_KNOWN, "getProtectedResource", "the API", "");
const getMcpResource = routeOf(`${WELL_KNOWN}${MCP_PATH}`, "getProtectedMcpResource", "the MCP server", MCP_PATH);

function respond(c: Context<HttpEnv>, path: string) {
  c.header("Cache-Control", "public, max-age=300");
  return c.json(metadataOf(originOf(c), path), 200);
}

export const protectedResources = createRouter();
protectedResources.use(WELL_KNOWN, anyOrigin);
protectedResources.use(getMcpResource.path, anyOrigin);
protectedResources.openapi(getResource, (c) => respond(c, "")).openapi(getMcpResource, (c) => respond(c, MCP_PATH));
