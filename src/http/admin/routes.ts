import { z } from "@hono/zod-openapi";
import { NewCredential } from "../../core/auth";
import { NewOrganization } from "../../core/org-units";
import { CREDENTIAL_KINDS } from "../../vocabulary";
import { CREDENTIAL_LIST_EXAMPLE, CredentialList, Cursor } from "../credential-views";
import { Moment } from "../moment";
import { adminRoute, jsonBody, jsonResponse } from "../route";

const tags = ["Admin"];
const OrganizationParams = z.object({ organization_id: z.string().openapi({ example: "org_0193f3a2c7b07aa18000c0ffee123456" }) });

export const createOrganizationRoute = adminRoute("/admin/organizations", {
  operationId: "createOrganization",
  method: "post",
  tags,
  summary: "Create an organization with its default org unit",
  idempotent: true,
  request: {
    body: jsonBody(NewOrganization, { name: "Acme" }),
  },
  responses: {
    201: jsonResponse(
      "The organization",
      z.object({
        organization_id: z.string(),
        company_id: z.string(),
        name: z.string(),
        org_units: z.array(z.object({ unit_id: z.string(), workspace_id: z.string(), name: z.string(), is_default: z.boolean() })),
      }),
      {
        organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
        company_id: "5f0c6a52-6c1b-4d0e-9f60-0c0ffee12345",
        name: "Acme",
        org_units: [{ unit_id: "unit_default", workspace_id: "ws_0193f3a2c7b07aa18000c0ffee123456", name: "Default", is_default: true }],
      },
    ),
  },
});

export const createCredentialRoute = adminRoute("/admin/organizations/{organization_id}/credentials", {
  operationId: "createCredential",
  method: "post",
  tags,
  summary: "Create a credential; its secret is shown once",
  idempotent: true,
  request: {
    params: OrganizationParams,
    body: jsonBody(NewCredential.extend({ expires_at: Moment.optional() }), {
      kind: "service_account",
      name: "CRM sync",
      unit_id: "unit_default",
      role: "editor",
    }),
  },
  responses: {
    201: jsonResponse(
      "The credential with its secret: client_id and client_secret, token, or api_key",
      z.object({
        credential_id: z.string(),
        kind: z.string(),
        name: z.string(),
        role: z.string(),
        unit_id: z.string().nullable(),
        client_id: z.string().optional(),
        client_secret: z.string().optional(),
        token: z.string().optional(),
        api_key: z.string().optional(),
        secret_notice: z.string().optional().openapi({ description: "Of a replay, which leaves out the secret" }),
      }),
      {
        credential_id: "sec_0193f3a2c7b07aa18000c0ffee123456",
        kind: "service_account",
        name: "CRM sync",
        role: "editor",
        unit_id: "unit_default",
        client_id: "ci_0f1e2d3c4b5a69788796a5b4",
        client_secret: "cs_…",
      },
    ),
  },
});

export const listCredentialsRoute = adminRoute("/admin/organizations/{organization_id}/credentials", {
  operationId: "listCredentials",
  method: "get",
  tags,
  summary: "List the credentials of an organization",
  description: "Living ones of every kind, 100 a page; never their secrets.",
  request: { params: OrganizationParams, query: z.object({ kind: z.enum(CREDENTIAL_KINDS).optional(), cursor: Cursor }) },
  responses: { 200: jsonResponse("Credentials", CredentialList, CREDENTIAL_LIST_EXAMPLE) },
});

export const revokeCredentialRoute = adminRoute("/admin/organizations/{organization_id}/credentials/{credential_id}", {
  operationId: "revokeCredential",
  method: "delete",
  tags,
  summary: "Revoke a credential",
  request: { params: OrganizationParams.extend({ credential_id: z.string() }) },
  responses: { 204: { description: "Revoked: it stops working within 30 seconds" } },
});
