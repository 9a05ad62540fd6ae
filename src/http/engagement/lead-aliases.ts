/** The aliases of a lead (contract: lead-leadID-aliases). */
import { z } from "@hono/zod-openapi";
import { AliasInput, attachAlias, detachAlias, namedLead, requireLead } from "../../core/leads";
import { pathLead } from "../middleware/merged-lead";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { inLeadWords } from "./lead-conditions";
import { ALIAS_EXAMPLE, AliasView, aliasView, LeadParams } from "./lead-views";
import { AliasKind } from "./schemas";

const tags = ["Leads"];
const NOT_FOUND = { 404: "Lead not found" };

const listAliases = unitRoute("/lead/{leadId}/aliases", {
  operationId: "listLeadAliases",
  method: "get",
  tags,
  summary: "List a lead's aliases",
  role: "viewer",
  request: { params: LeadParams },
  responses: { 200: jsonResponse("The aliases", z.object({ aliases: z.array(AliasView) }), { aliases: [ALIAS_EXAMPLE] }) },
  errors: NOT_FOUND,
});

const postAlias = unitRoute("/lead/{leadId}/aliases", {
  operationId: "addLeadAlias",
  method: "post",
  tags,
  summary: "Add an alias to a lead",
  description: "An alias never moves: one that another lead has stays there, the answer names that lead, and the conflict is kept.",
  role: "editor",
  request: { params: LeadParams, body: jsonBody(AliasInput.extend({ kind: AliasKind }), { kind: "email", value: "alex@example.com" }) },
  responses: {
    200: jsonResponse("The lead had this alias already", AliasView, ALIAS_EXAMPLE),
    201: jsonResponse("The alias", AliasView, ALIAS_EXAMPLE),
  },
  errors: {
    ...NOT_FOUND,
    400: "An unknown kind, or a value that no alias of this kind can have",
    409: "Another lead has this alias: its id is named",
    413: "The request is over 100 KB, or the lead has 1,000 aliases",
  },
});

const deleteAlias = unitRoute("/lead/{leadId}/aliases/{kind}/{value}", {
  operationId: "removeLeadAlias",
  method: "delete",
  tags,
  summary: "Remove an alias from a lead",
  description:
    "The alias finds the lead no longer and is free for others. The last one may go, too: the lead is then found by its id alone. Write the value percent-encoded.",
  role: "editor",
  request: { params: LeadParams.extend({ kind: AliasKind, value: z.string().openapi({ example: "alex@example.com" }) }) },
  responses: { 204: { description: "Removed" } },
  errors: { 404: "Lead not found, or it has no such alias" },
});

export const leadAliases = createRouter()
  .openapi(listAliases, async (c) => {
    const lead = await requireLead(c.get("ctx"), namedLead(pathLead(c)));
    return c.json({ aliases: lead.aliases.map((alias) => aliasView(lead, alias)) }, 200);
  })
  .openapi(postAlias, async (c) => {
    const lead_id = namedLead(pathLead(c));
    const { alias, attached } = await inLeadWords("", () => attachAlias(c.get("ctx"), lead_id, c.req.valid("json"), "engagement"));
    return c.json(aliasView({ lead_id }, alias), attached ? 201 : 200);
  })
  .openapi(deleteAlias, async (c) => {
    const { kind, value } = c.req.valid("param");
    await detachAlias(c.get("ctx"), namedLead(pathLead(c)), { kind, value });
    return c.body(null, 204);
  });
