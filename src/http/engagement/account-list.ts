/** Lists of accounts and look-ups among them (contract: accounts). */
import { z } from "@hono/zod-openapi";
import { ACCOUNT_SORTS, findAccount, listAccounts, SORT_ORDERS, SURGE_STATUSES, similarAccounts } from "../../core/account-overview";
import { matchAccounts } from "../../core/segments";
import { oneOf } from "../../vocabulary";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { ACCOUNT_EXAMPLE, AccountView, accountView } from "./account-views";
import { Moment, queryNumber } from "./schemas";

const tags = ["Accounts"];
const PER_PAGE_DEFAULT = 25;
const score = (description: string) => z.coerce.number({ error: "must be a number" }).optional().openapi({ type: "number", description });

const Query = z.object({
  search: z.string().optional().openapi({ description: "Part of a name or a domain" }),
  page: queryNumber(1, 100_000).default(1),
  per_page: queryNumber(1, 100).default(PER_PAGE_DEFAULT),
  sort_by: z.enum(ACCOUNT_SORTS, oneOf(ACCOUNT_SORTS)).default("name"),
  sort_order: z
    .enum(SORT_ORDERS, oneOf(SORT_ORDERS))
    .optional()
    .openapi({ description: "Default `desc`; `asc` for the list by name without `sort_by`" }),
  account_level: z.string().optional().openapi({ description: "Name or id of an account level" }),
  min_score: score("Least account score"),
  max_score: score("Highest account score"),
  min_engagement: score("Least engagement score"),
  created_after: Moment.optional(),
  created_before: Moment.optional(),
  last_activity_after: Moment.optional(),
  surge_status: z.enum(SURGE_STATUSES, oneOf(SURGE_STATUSES)).optional(),
  segment: z.string().optional().openapi({ description: "Id of a segment of accounts: its members" }),
});

const Pagination = z.object({
  page: z.number().int(),
  per_page: z.number().int(),
  total: z.number().int(),
  total_pages: z.number().int(),
  has_more: z.boolean(),
});

const list = unitRoute("/accounts", {
  operationId: "listAccounts",
  method: "get",
  tags,
  summary: "List accounts",
  description: "By name, or by the sums of their leads, for accounts with up to 20,000 leads together.",
  role: "viewer",
  request: { query: Query },
  responses: {
    200: jsonResponse("Accounts", z.object({ accounts: z.array(AccountView), pagination: Pagination }), {
      accounts: [ACCOUNT_EXAMPLE],
      pagination: { page: 1, per_page: 25, total: 1, total_pages: 1, has_more: false },
    }),
  },
});

const Named = z.object({ account_id: z.string(), name: z.string(), domain: z.string().nullable() });
const NAMED = { account_id: ACCOUNT_EXAMPLE.account_id, name: ACCOUNT_EXAMPLE.name, domain: ACCOUNT_EXAMPLE.domain };

const byDomain = unitRoute("/accounts/by-domain", {
  operationId: "findAccount",
  method: "get",
  tags,
  summary: "Find an account by its domain, or by its exact name",
  description: "Searches by domain, then by name. Returns `null` if neither finds an account.",
  role: "viewer",
  request: { query: z.object({ domain: z.string().optional(), name: z.string().optional() }) },
  responses: { 200: jsonResponse("The account, or null", Named.nullable(), NAMED) },
  errors: { 400: "Neither domain nor name" },
});

const Similar = Named.extend({ similarity: z.number().openapi({ description: "From 0.6 to 1" }) });

const fuzzy = unitRoute("/accounts/fuzzy", {
  operationId: "findSimilarAccounts",
  method: "get",
  tags,
  summary: "Find accounts with a similar name",
  description: "Up to five whose names are more than 60 % alike, the most similar first: check before you create an account.",
  role: "viewer",
  request: { query: z.object({ name: z.string().openapi({ example: "Acme Corporation" }) }) },
  responses: { 200: jsonResponse("Accounts", z.object({ accounts: z.array(Similar) }), { accounts: [{ ...NAMED, similarity: 0.92 }] }) },
});

export const accountList = createRouter()
  .openapi(list, async (c) => {
    const query = c.req.valid("query");
    const sort_order = query.sort_order ?? (c.req.query("sort_by") === undefined ? "asc" : "desc");
    const ctx = c.get("ctx");
    const { segment, ...rest } = query;
    const among = (ids: readonly string[]) => (segment === undefined ? null : matchAccounts(ctx, segment, ids));
    const { accounts, total } = await listAccounts(ctx, { ...rest, sort_order }, among);
    const { page, per_page } = query;
    const total_pages = Math.ceil(total / per_page);
    return c.json(
      { accounts: accounts.map(accountView), pagination: { page, per_page, total, total_pages, has_more: page < total_pages } },
      200,
    );
  })
  .openapi(byDomain, async (c) => {
    const found = await findAccount(c.get("ctx"), c.req.valid("query"));
    return c.json(found && { account_id: found.account_id, name: found.name, domain: found.domain }, 200);
  })
  .openapi(fuzzy, async (c) => {
    const found = await similarAccounts(c.get("ctx"), c.req.valid("query").name);
    const accounts = found.map(({ account: { account_id, name, domain }, similarity }) => ({
      account_id,
      name,
      domain,
      similarity: Math.round(similarity * 100) / 100,
    }));
    return c.json({ accounts }, 200);
  });
