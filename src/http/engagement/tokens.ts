/** Personal access tokens (contract: settings-tokens). A token has the role and the home of the credential that created it. */

import { z } from "@hono/zod-openapi";
import { createPersonalToken, listPersonalTokens, type MintedToken, NewPersonalToken, revokePersonalToken } from "../../core/auth";
import { isoTime, isoTimeOrNull } from "../../time";
import { rememberingInDirectory, replayedWithoutSecret } from "../idempotency";
import { shownOnce } from "../idempotency-document";
import { callerRoute, jsonBody, jsonResponse } from "../route";
import { createRouter } from "../router";
import { Moment, Timestamp } from "./schemas";

const Token = z.object({ id: z.string(), name: z.string(), created_at: Timestamp, expires_at: Timestamp.nullable() });
const TokenBody = NewPersonalToken.extend({
  expires_at: Moment.nullable()
    .default(null)
    .openapi({ description: "null or left out: the token lives as long as the credential that created it" }),
});
const EXAMPLE = {
  id: "pat_0193f3a2c7b07aa18000c0ffee123456",
  name: "my laptop",
  created_at: "2026-01-15T10:00:00.000Z",
  expires_at: "2027-01-15T10:00:00.000Z",
};

const list = callerRoute("/settings/tokens", {
  operationId: "listPersonalTokens",
  method: "get",
  tags: ["Credentials"],
  summary: "List personal access tokens",
  role: "viewer",
  responses: { 200: jsonResponse("Tokens; never their secrets", z.array(Token), [EXAMPLE]) },
});

const create = callerRoute("/settings/tokens", {
  operationId: "createPersonalToken",
  method: "post",
  tags: ["Credentials"],
  summary: "Create a personal access token",
  role: "editor",
  idempotent: true,
  request: {
    body: jsonBody(TokenBody, { name: "my laptop", expires_at: "2027-01-15T10:00:00Z" }),
  },
  responses: {
    201: jsonResponse("The token, shown once", Token.extend(shownOnce("token", "Shown this once").shape), {
      ...EXAMPLE,
      token: "kbn_pat_…",
    }),
  },
});

const revoke = callerRoute("/settings/tokens/{id}", {
  operationId: "revokePersonalToken",
  method: "delete",
  tags: ["Credentials"],
  summary: "Revoke a personal access token",
  role: "editor",
  request: { params: z.object({ id: z.string().openapi({ example: EXAMPLE.id }) }) },
  responses: { 204: { description: "Revoked: it stops working within 30 seconds" } },
  errors: { 404: "Credential not found" },
});

export const tokens = createRouter()
  .openapi(list, async (c) => {
    const found = await listPersonalTokens(c.get("caller"));
    return c.json(
      found.map(({ credential }) => view(credential)),
      200,
    );
  })
  .openapi(create, async (c) => {
    const remember = rememberingInDirectory(c, 201, (token: MintedToken) => replayedWithoutSecret(view(token)));
    const token = await createPersonalToken(c.get("caller"), c.req.valid("json"), remember);
    c.header("Cache-Control", "no-store");
    return c.json({ ...view(token), token: token.secret }, 201);
  })
  .openapi(revoke, async (c) => {
    await revokePersonalToken(c.get("caller"), c.req.valid("param").id);
    return c.body(null, 204);
  });

const view = (token: { credential_id: string; name: string; created_at: number; expires_at: number | null }) => ({
  id: token.credential_id,
  name: token.name,
  created_at: isoTime(token.created_at),
  expires_at: isoTimeOrNull(token.expires_at),
});
