/** The API's description: OpenAPI 3.1 from the very schemas that validate. */
import type { Router } from "../router";
import { TAGS } from "./tags";

/** A schema as the document has it. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  description?: string;
  deprecated?: boolean;
  example?: unknown;
  default?: unknown;
  [limit: string]: unknown;
};
export type Content = Record<
  string,
  { schema?: Schema; example?: unknown; examples?: Record<string, { summary?: string; value?: unknown }> }
>;
export type Parameter = { in: string; name: string; required?: boolean; description?: string; schema?: Schema };
export type Operation = {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { description: string; content?: Content }>;
};
export type SecurityScheme = { type: "http" | "apiKey"; scheme?: string; name?: string; description?: string };
export type ApiDocument = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, SecurityScheme> };
};

const SECURITY_SCHEMES = {
  Bearer: {
    type: "http",
    scheme: "bearer",
    description: "An access token from /oauth/token, a personal access token, or a token of your identity provider",
  },
  Basic: { type: "http", scheme: "basic", description: "client_id:client_secret of a service account" },
  WorkspaceKey: { type: "http", scheme: "bearer", description: "A workspace key: sk-workspace_ and 51 more characters" },
  AdminToken: { type: "http", scheme: "bearer", description: "The administrator's token: ADMIN_TOKEN, or what POST /claim returned" },
} as const;

export function describeApi(app: Router): ApiDocument {
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) app.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Leadedge",
      version: "0.1.0",
      contact: { name: "The operator of this deployment" },
      description:
        "A lead store that answers at the edge: one lead, many aliases, one profile. Errors are problem JSON (RFC 9457), but for the workspace and partner APIs, which have their own.",
    },
    servers: [{ url: "/" }],
    tags: TAGS,
  });
  return document as unknown as ApiDocument;
}

export type NamedOperation = Operation & { method: string; path: string };

export const operationsOf = ({ paths }: ApiDocument): NamedOperation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
