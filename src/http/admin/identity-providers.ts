/** Identity providers of an organization: the issuers whose tokens its own users may call with. */
import { z } from "@hono/zod-openapi";
import {
  createIdentityProvider,
  deleteIdentityProvider,
  type IdentityProviderRow,
  listIdentityProviders,
  NewIdentityProvider,
} from "../../core/auth";
import { isoTime } from "../../time";
import { rememberingInDirectory } from "../idempotency";
import { adminRoute, jsonBody, jsonResponse } from "../route";
import { createRouter } from "../router";
import { operator } from "./operator";

const PATH = "/admin/organizations/{organization_id}/identity-providers";
const tags = ["Admin"];
const params = z.object({ organization_id: z.string().openapi({ example: "org_0193f3a2c7b07aa18000c0ffee123456" }) });

const View = z
  .object({
    identity_provider_id: z.string(),
    organization_id: z.string(),
    issuer: z.string(),
    jwks_url: z.string(),
    audience: z.string(),
    created_at: z.string().openapi({ format: "date-time" }),
  })
  .openapi("IdentityProvider");
const SENT = { issuer: "https://login.example.com/", jwks_url: "https://login.example.com/.well-known/jwks.json", audience: "leadedge" };
const EXAMPLE = {
  identity_provider_id: "idp_0193f3a2c7b07aa18000c0ffee123456",
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  ...SENT,
  created_at: "2026-01-15T10:00:00.000Z",
};

const create = adminRoute(PATH, {
  operationId: "createIdentityProvider",
  method: "post",
  tags,
  summary: "Accept an issuer's tokens for an organization",
  description: "An issuer belongs to one organization: its tokens open no other, whatever their claim `org` says.",
  idempotent: true,
  request: { params, body: jsonBody(NewIdentityProvider, SENT) },
  responses: { 201: jsonResponse("The identity provider", View, EXAMPLE) },
  errors: { 409: "The issuer belongs to an organization already" },
});

const list = adminRoute(PATH, {
  operationId: "listIdentityProviders",
  method: "get",
  tags,
  summary: "List the identity providers of an organization",
  request: { params },
  responses: {
    200: jsonResponse("Identity providers, oldest first", z.object({ identity_providers: z.array(View) }), {
      identity_providers: [EXAMPLE],
    }),
  },
});

const remove = adminRoute(`${PATH}/{identity_provider_id}`, {
  operationId: "deleteIdentityProvider",
  method: "delete",
  tags,
  summary: "Accept an issuer's tokens no longer",
  request: { params: params.extend({ identity_provider_id: z.string().openapi({ example: EXAMPLE.identity_provider_id }) }) },
  responses: { 204: { description: "Deleted: within 30 seconds its tokens and what its users created stop working" } },
});

export const identityProviders = createRouter()
  .openapi(create, async (c) => {
    const remember = rememberingInDirectory(c, 201, view);
    return c.json(
      view(await createIdentityProvider(operator(c), c.req.valid("param").organization_id, c.req.valid("json"), remember)),
      201,
    );
  })
  .openapi(list, async (c) => {
    const found = await listIdentityProviders(operator(c), c.req.valid("param").organization_id);
    return c.json({ identity_providers: found.map(view) }, 200);
  })
  .openapi(remove, async (c) => {
    const { organization_id, identity_provider_id } = c.req.valid("param");
    await deleteIdentityProvider(operator(c), organization_id, identity_provider_id);
    return c.body(null, 204);
  });

const view = (provider: IdentityProviderRow) => ({ ...provider, created_at: isoTime(provider.created_at) });
