import { z } from "@hono/zod-openapi";
import { type Account, AccountInput, createAccount, requireAccount } from "../../core/accounts";
import { isoTime } from "../../time";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { Timestamp } from "./schemas";

const AccountView = z.object({
  account_id: z.string(),
  name: z.string(),
  domain: z.string().nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
});
const EXAMPLE = {
  account_id: "acct_0193f3a2c7b07aa18000c0ffee123456",
  name: "Acme Corp",
  domain: "acme.com",
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};

const postAccount = unitRoute("/accounts", {
  operationId: "createAccount",
  method: "post",
  tags: ["Accounts"],
  summary: "Create an account",
  role: "editor",
  idempotent: true,
  request: {
    body: jsonBody(AccountInput, { name: "Acme Corp", domain: "acme.com" }),
  },
  responses: { 201: jsonResponse("The account", AccountView, EXAMPLE) },
});

const getAccount = unitRoute("/accounts/{id}", {
  operationId: "getAccount",
  method: "get",
  tags: ["Accounts"],
  summary: "Get an account by its id or domain",
  role: "viewer",
  request: { params: z.object({ id: z.string().openapi({ example: "acme.com" }) }) },
  responses: { 200: jsonResponse("The account", AccountView, EXAMPLE) },
  errors: { 404: "Account not found" },
});

export const accounts = createRouter()
  .openapi(postAccount, async (c) => {
    const account = await createAccount(c.get("ctx"), c.req.valid("json"), remembering(c, 201, view));
    c.header("Location", `/accounts/${account.account_id}`);
    return c.json(view(account), 201);
  })
  .openapi(getAccount, async (c) => c.json(view(await requireAccount(c.get("ctx"), c.req.valid("param").id)), 200));

const view = (account: Account) => ({ ...account, created_at: isoTime(account.created_at), updated_at: isoTime(account.updated_at) });
