/** The keys of the workspace and partner APIs. The operator creates them; an admin sees which there are. */
import { z } from "@hono/zod-openapi";
import { listApiKeys } from "../../core/auth";
import { CREDENTIAL_LIST_EXAMPLE, CredentialList, Cursor, credentialListView } from "../credential-views";
import { callerRoute, jsonResponse } from "../route";
import { createRouter } from "../router";

const list = callerRoute("/settings/api-keys", {
  operationId: "listApiKeys",
  method: "get",
  tags: ["Credentials"],
  summary: "List workspace and partner keys",
  description: "Living ones that the caller's credential reaches, 100 a page; never their secrets.",
  role: "admin",
  request: { query: z.object({ cursor: Cursor }) },
  responses: { 200: jsonResponse("Keys", CredentialList, CREDENTIAL_LIST_EXAMPLE) },
});

export const apiKeys = createRouter().openapi(list, async (c) =>
  c.json(credentialListView(await listApiKeys(c.get("caller"), c.req.valid("query"))), 200),
);
