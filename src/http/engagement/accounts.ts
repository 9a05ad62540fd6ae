/** One account: create, read, change, merge (contract: accounts-id). */
import { z } from "@hono/zod-openapi";
import { AccountMergeInput, changeAccount, mergeAccounts, requireAccountOverview } from "../../core/account-overview";
import { ACCOUNT_FIELDS, type Account, AccountInput, createAccount } from "../../core/accounts";
import { changesOf } from "../../schemas";
import { isoTime } from "../../time";
import { rememberAfter, remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { ACCOUNT_EXAMPLE, AccountView, accountView } from "./account-views";
import { Timestamp } from "./schemas";

const tags = ["Accounts"];
const Metadata = AccountInput.shape.metadata.unwrap().openapi({ type: "object", additionalProperties: {} });
const params = z.object({ id: z.string().openapi({ example: "acme.com" }) });
const NOT_FOUND = { 404: "Account not found" };

const Created = z.object({
  account_id: z.string(),
  name: z.string(),
  domain: z.string().nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
});
const { account_id, name, domain, created_at, updated_at } = ACCOUNT_EXAMPLE;

const postAccount = unitRoute("/accounts", {
  operationId: "createAccount",
  method: "post",
  tags,
  summary: "Create an account",
  role: "editor",
  idempotent: true,
  request: {
    body: jsonBody(AccountInput.extend({ metadata: Metadata.optional() }), { name: "Acme Corp", domain: "acme.com" }),
  },
  responses: { 201: jsonResponse("The account", Created, { account_id, name, domain, created_at, updated_at }) },
});

const getAccount = unitRoute("/accounts/{id}", {
  operationId: "getAccount",
  method: "get",
  tags,
  summary: "Get an account by its id or domain",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The account", AccountView, ACCOUNT_EXAMPLE) },
  errors: NOT_FOUND,
});

const putAccount = unitRoute("/accounts/{id}", {
  operationId: "updateAccount",
  method: "put",
  tags,
  summary: "Update an account",
  description: "Changes the fields that are given. `metadata` replaces the whole metadata, `domain: null` removes the domain.",
  role: "editor",
  request: {
    params: z.object({ id: z.string().openapi({ example: account_id }) }),
    body: jsonBody(changesOf({ ...ACCOUNT_FIELDS, metadata: Metadata }), { name: "Acme Corporation" }),
  },
  responses: { 200: jsonResponse("The account as it is now", AccountView, ACCOUNT_EXAMPLE) },
  errors: NOT_FOUND,
});

const Merged = z.object({ account: AccountView, leads_moved: z.number().int(), accounts_removed: z.number().int() });

const merge = unitRoute("/accounts/merge", {
  operationId: "mergeAccounts",
  method: "post",
  tags,
  summary: "Merge accounts into one",
  description:
    "The leads of the sources move to the target, and the sources are removed. Name and metadata of the target stay. A merge that breaks off is completed by the next call; so is one of more than 100,000 leads.",
  role: "editor",
  idempotent: true,
  request: {
    body: jsonBody(AccountMergeInput, { target_account_id: account_id, source_account_ids: ["acct_0193f3a2c7b07aa18000c0ffee654321"] }),
  },
  responses: { 200: jsonResponse("The target as it is now", Merged, { account: ACCOUNT_EXAMPLE, leads_moved: 2, accounts_removed: 1 }) },
  errors: { 404: "The target or a source is unknown" },
});

const created = ({ created_at, updated_at, ...account }: Account) => ({
  ...account,
  created_at: isoTime(created_at),
  updated_at: isoTime(updated_at),
});

export const accounts = createRouter()
  .openapi(postAccount, async (c) => {
    const account = await createAccount(c.get("ctx"), c.req.valid("json"), remembering(c, 201, created));
    c.header("Location", `/accounts/${account.account_id}`);
    return c.json(created(account), 201);
  })
  .openapi(merge, async (c) => {
    rememberAfter(c);
    const { account, ...counts } = await mergeAccounts(c.get("ctx"), c.req.valid("json"));
    return c.json({ account: accountView(account), ...counts }, 200);
  })
  .openapi(getAccount, async (c) => c.json(accountView(await requireAccountOverview(c.get("ctx"), c.req.valid("param").id)), 200))
  .openapi(putAccount, async (c) => {
    return c.json(accountView(await changeAccount(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"))), 200);
  });
