/** Personal access tokens (contract: settings-tokens). A token has the role and the home of the credential that made it. */

import { z } from "@hono/zod-openapi";
import { createPersonalToken, listPersonalTokens, revokePersonalToken } from "../../core/auth";
import { isoTime, isoTimeOrNull } from "../../time";
import { callerRoute, jsonBody, jsonResponse } from "../route";
import { createRouter } from "../router";
import { shortText, Timestamp } from "./schemas";

const Token = z.object({ id: z.string(), name: z.string(), created_at: Timestamp, expires_at: Timestamp.nullable() });
const EXAMPLE = {
  id: "pat_0193f3a2c7b07aa18000c0ffee123456",
  name: "my laptop",
  created_at: "2026-01-15T10:00:00.000Z",
  expires_at: "2027-01-15T10:00:00.000Z",
};

const list = callerRoute("/settings/tokens", {
  method: "get",
  tags: ["Credentials"],
  summary: "List personal access tokens",
  role: "viewer",
  responses: { 200: jsonResponse("Tokens; never their secrets", z.array(Token), [EXAMPLE]) },
});

const create = callerRoute("/settings/tokens", {
  method: "post",
  tags: ["Credentials"],
  summary: "Create a personal access token",
  role: "editor",
  request: {
    body: jsonBody(
      z.object({
        name: shortText(100),
        expires_at: z.iso
          .datetime({ offset: true, error: "must be a time in RFC 3339 format" })
          .nullable()
          .optional()
          .openapi({ description: "Omitted: the token lives as long as the credential that made it" }),
      }),
      { name: "my laptop", expires_at: "2027-01-15T10:00:00Z" },
    ),
  },
  responses: { 201: jsonResponse("The token, shown once", Token.extend({ token: z.string() }), { ...EXAMPLE, token: "kbn_pat_…" }) },
});

const revoke = callerRoute("/settings/tokens/{id}", {
  method: "delete",
  tags: ["Credentials"],
  summary: "Revoke a personal access token",
  role: "editor",
  request: { params: z.object({ id: z.string().openapi({ example: EXAMPLE.id }) }) },
  responses: { 204: { description: "Revoked: it opens nothing from within 30 seconds" } },
  errors: { 404: "Credential not found" },
});

export const tokens = createRouter()
  .openapi(list, async (c) => {
    const found = await listPersonalTokens(c.get("caller"));
    return c.json(
      found.map(({ credential }) => ({
        id: credential.credential_id,
        name: credential.name,
        created_at: isoTime(credential.created_at),
        expires_at: isoTimeOrNull(credential.expires_at),
      })),
      200,
    );
  })
  .openapi(create, async (c) => {
    const { name, expires_at } = c.req.valid("json");
    const minted = await createPersonalToken(c.get("caller"), name, expires_at ? Date.parse(expires_at) : null);
    c.header("Cache-Control", "no-store");
    return c.json(
      {
        id: minted.credential_id,
        name,
        created_at: isoTime(minted.created_at),
        expires_at: isoTimeOrNull(minted.expires_at),
        token: minted.secret,
      },
      201,
    );
  })
  .openapi(revoke, async (c) => {
    await revokePersonalToken(c.get("caller"), c.req.valid("param").id);
    return c.body(null, 204);
  });
