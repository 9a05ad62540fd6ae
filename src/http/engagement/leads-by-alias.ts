/** Many look-ups by alias in one request. */
import { z } from "@hono/zod-openapi";
import { AliasBatch, aliasToFind, findLeadsByAliases, leadEmail, refusedAliases } from "../../core/leads";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { ExplainFlag, Explanation, explanation } from "./explain";
import { AliasKind, Attributes } from "./schemas";

const Result = z.object({
  kind: AliasKind,
  value: z.string().openapi({ description: "As it was sent" }),
  found: z.boolean(),
  lead: z.object({ lead_id: z.string(), email: z.string().nullable(), metadata: Attributes }).nullable(),
  explain: z.union([Explanation, z.null()]).optional(),
});

const lookUp = unitRoute("/lead/by-alias/batch", {
  operationId: "getLeadsByAlias",
  method: "post",
  tags: ["Leads"],
  summary: "Look up to 100 leads by alias",
  description: "A result for each alias, in their order. A value that no alias can have is not found, and does not stop the rest.",
  role: "viewer",
  request: {
    query: z.object({ explain: ExplainFlag }),
    body: jsonBody(z.object({ aliases: AliasBatch }), { aliases: [{ kind: "email", value: "alex@example.com" }] }),
  },
  responses: {
    200: jsonResponse("The results", z.object({ results: z.array(Result) }), {
      results: [
        {
          kind: "email",
          value: "alex@example.com",
          found: true,
          lead: { lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456", email: "alex@example.com", metadata: { company: "Acme Corp" } },
        },
      ],
    }),
  },
});

export const leadsByAlias = createRouter().openapi(lookUp, async (c) => {
  const { aliases } = c.req.valid("json");
  const ctx = c.get("ctx");
  const leads = await findLeadsByAliases(ctx, aliases);
  const explain = c.req.valid("query").explain === "true";
  const found = leads.flatMap((lead) => lead?.lead_id ?? []);
  const refused = explain ? await refusedAliases(ctx, found) : null;
  const results = aliases.map(({ kind, value }, at) => {
    const lead = leads[at] ?? null;
    return {
      kind,
      value,
      found: lead !== null,
      lead: lead && { lead_id: wireLeadId(lead.lead_id), email: leadEmail(lead), metadata: lead.profile },
      ...(refused && { explain: lead && explanation(aliasToFind(ctx, kind, value), refused.get(lead.lead_id) ?? []) }),
    };
  });
  return c.json({ results }, 200);
});
