/** Service accounts of the active org unit (contract: secrets). */

import { z } from "@hono/zod-openapi";
import {
  createServiceAccount,
  listServiceAccounts,
  type MintedServiceAccount,
  NewServiceAccount,
  revokeServiceAccount,
} from "../../core/auth";
import { isoTime } from "../../time";
import { rememberingInDirectory, replayedWithoutSecret } from "../idempotency";
import { shownOnce } from "../idempotency-document";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { Timestamp } from "./schemas";

const Secret = z.object({
  secret_id: z.string(),
  unit_id: z.string(),
  client_id: z.string(),
  name: z.string(),
  trust_upstream_consent: z.boolean(),
  created_at: Timestamp,
});
const EXAMPLE = {
  secret_id: "sec_0193f3a2c7b07aa18000c0ffee123456",
  unit_id: "unit_default",
  client_id: "ci_0f1e2d3c4b5a69788796a5b4",
  name: "Zapier",
  trust_upstream_consent: false,
  created_at: "2026-01-15T10:00:00.000Z",
};

const list = unitRoute("/secrets", {
  operationId: "listServiceAccounts",
  method: "get",
  tags: ["Credentials"],
  summary: "List service accounts",
  role: "viewer",
  responses: { 200: jsonResponse("Service accounts; secrets are never listed", z.array(Secret), [EXAMPLE]) },
});

const create = unitRoute("/secrets", {
  operationId: "createServiceAccount",
  method: "post",
  tags: ["Credentials"],
  summary: "Create a service account",
  description: "With every permission in the active org unit, and none elsewhere.",
  role: "admin",
  idempotent: "in_directory",
  request: {
    body: jsonBody(NewServiceAccount, { name: "Zapier" }),
  },
  responses: {
    200: jsonResponse("The service account, its secret shown once", Secret.extend(shownOnce("client_secret", "Shown this once").shape), {
      ...EXAMPLE,
      client_secret: "cs_…",
    }),
  },
});

const revoke = unitRoute("/secrets/{id}", {
  operationId: "revokeServiceAccount",
  method: "delete",
  tags: ["Credentials"],
  summary: "Revoke a service account",
  role: "admin",
  request: { params: z.object({ id: z.string().openapi({ example: EXAMPLE.secret_id }) }) },
  responses: { 204: { description: "Revoked: it stops working within 30 seconds" } },
  errors: { 404: "Credential not found" },
});

export const secrets = createRouter()
  .openapi(list, async (c) => {
    const ctx = c.get("ctx");
    const found = await listServiceAccounts(ctx);
    return c.json(
      found.map(({ credential }) => view(ctx.unit.unit_id, credential)),
      200,
    );
  })
  .openapi(create, async (c) => {
    const ctx = c.get("ctx");
    const shown = (account: MintedServiceAccount) => view(ctx.unit.unit_id, account);
    const remember = rememberingInDirectory(c, 200, (account: MintedServiceAccount) => replayedWithoutSecret(shown(account)));
    const account = await createServiceAccount(ctx, c.req.valid("json"), remember);
    c.header("Cache-Control", "no-store");
    return c.json({ ...shown(account), client_secret: account.secret }, 200);
  })
  .openapi(revoke, async (c) => {
    await revokeServiceAccount(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });

const view = (unit_id: string, account: { credential_id: string; client_id: string | null; name: string; created_at: number }) => ({
  secret_id: account.credential_id,
  unit_id,
  client_id: account.client_id ?? "",
  name: account.name,
  trust_upstream_consent: false,
  created_at: isoTime(account.created_at),
});
