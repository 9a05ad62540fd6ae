/** The end of a tenant: everything of an organization is deleted, and a signed receipt says what. */
import { type RouteHandler, z } from "@hono/zod-openapi";
import { deleteOrganization } from "../../core/erasure";
import { openErasure } from "../../open-operator";
import { isoTimeOrNull } from "../../time";
import { adminRoute, jsonResponse } from "../route";
import type { HttpEnv } from "../router";
import { operator } from "./operator";

const EXAMPLE = {
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  status: "done" as const,
  deleted_at: "2026-01-15T10:00:00.000Z",
  rows: { leads: 1204, aliases: 2310, org_units: 1, organizations: 1 },
  objects: 3,
  signature: "eyJhbGciOiJFZERTQSIs…",
};

const Receipt = z
  .object({
    organization_id: z.string(),
    status: z.enum(["running", "done"]),
    deleted_at: z.iso.datetime().nullable(),
    rows: z.record(z.string(), z.number().int()).openapi({ description: "Deleted rows of each table" }),
    objects: z.number().int().openapi({ description: "Deleted files" }),
    signature: z.string().nullable().openapi({ description: "The receipt as a JWS that the key set at /.well-known/jwks.json verifies" }),
  })
  .openapi("ErasureReceipt");

export const deleteOrganizationRoute = adminRoute("/admin/organizations/{organization_id}", {
  operationId: "deleteOrganization",
  method: "delete",
  tags: ["Admin"],
  summary: "Delete an organization and everything of it, for good",
  description:
    "Its credentials are revoked first: they open nothing from within 30 seconds. While the answer is 202, more is left: call again. A repeated call for a deleted organization returns its receipt.",
  request: { params: z.object({ organization_id: z.string().openapi({ example: EXAMPLE.organization_id }) }) },
  responses: {
    200: jsonResponse("Everything is deleted: the signed receipt", Receipt, EXAMPLE),
    202: jsonResponse("A part is deleted; call again", Receipt, { ...EXAMPLE, status: "running", deleted_at: null, signature: null }),
  },
});

export const deleteOrganizationHandler: RouteHandler<typeof deleteOrganizationRoute, HttpEnv> = async (c) => {
  const caller = operator(c);
  const receipt = await deleteOrganization(caller, c.req.valid("param").organization_id, await openErasure(c.env, caller));
  c.header("Cache-Control", "no-store");
  const shown = { ...receipt, deleted_at: isoTimeOrNull(receipt.deleted_at) };
  return receipt.status === "done" ? c.json(shown, 200) : c.json(shown, 202);
};
