/** Look up and update a lead by any of its aliases: the lead-by-alias contract. */

import { z } from "@hono/zod-openapi";
import type { Ctx } from "../../context";
import {
  type Alias,
  aliasToFind,
  type Lead,
  leadEtag,
  patchLeadByAlias,
  primaryAlias,
  refusedAliases,
  requireLeadByAlias,
  sourcesOfLead,
} from "../../core/leads";
import { namesEtag } from "../etag";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { ExplainFlag, Explanation, explanation } from "./explain";
import { conditionHeader, EtagHeader, inLeadWords, matchesVersion } from "./lead-conditions";
import { FieldSources, SourcesFlag, sourcesView } from "./lead-views";
import { AliasKind, Attributes } from "./schemas";

const LeadByAlias = z.object({
  lead_id: z.string(),
  email: z.string().nullable().openapi({ description: "The email alias that matched; by another kind, the lead's first email" }),
  metadata: Attributes,
  sources: FieldSources.optional(),
  explain: Explanation.optional(),
});

const getLeadByAlias = unitRoute("/lead/by-alias", {
  operationId: "getLeadByAlias",
  method: "get",
  tags: ["Leads"],
  summary: "Look up a lead by alias",
  parameters: [conditionHeader("If-None-Match", "Returns 304 when the lead still has this ETag")],
  role: "viewer",
  request: {
    query: z.object({
      kind: AliasKind.default("email"),
      value: z
        .string({ error: "Missing value parameter" })
        .refine((value) => value.trim() !== "", "Missing value parameter")
        .openapi({ description: "The alias value, however it is written", example: "alex@example.com" }),
      explain: ExplainFlag,
      sources: SourcesFlag,
    }),
  },
  responses: {
    200: {
      ...jsonResponse("The lead", LeadByAlias, {
        lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
        email: "alex@example.com",
        metadata: { first_name: "Alex", company: "Acme Corp", quote_step: "Step 1" },
      }),
      headers: EtagHeader,
    },
    304: { description: "Not modified: the ETag is the one in If-None-Match" },
  },
  errors: { 400: "Missing value parameter, unknown kind, or `active OU not set`", 404: "No lead found for this alias" },
});

const patchMetadata = unitRoute("/lead/by-alias/metadata", {
  operationId: "patchLeadMetadata",
  method: "patch",
  tags: ["Leads"],
  summary: "Update a lead's metadata by alias",
  description:
    "Merges attributes, key by key; `null` removes a key. Silent: no event is created. Keys: 1 to 64 characters, letters, digits, `_ - .` and space. An account that is unknown is not linked and does not stop the rest.",
  role: "editor",
  stores: true,
  parameters: [conditionHeader("If-Match", "Writes only while the lead has this ETag, else returns 412")],
  request: {
    query: z.object({ explain: ExplainFlag }),
    body: jsonBody(
      z
        .object({
          alias_kind: AliasKind.default("email"),
          alias_value: z.string().trim().min(1, "must not be empty"),
          attributes: Attributes.optional(),
          account_id: z.string().trim().min(1, "must not be empty").optional(),
        })
        .refine(
          (body) => body.attributes !== undefined || body.account_id !== undefined,
          "At least one of attributes or account_id must be included",
        ),
      { alias_kind: "email", alias_value: "alex@example.com", attributes: { quote_step: "Step 1", interest_level: "high" } },
    ),
  },
  responses: {
    200: {
      ...jsonResponse(
        "What was saved",
        z.object({
          lead_id: z.string(),
          updated: z.number().int().openapi({ description: "Number of attributes written" }),
          attributes: Attributes,
          account_linked: z.boolean(),
          explain: Explanation.optional(),
        }),
        {
          lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
          updated: 2,
          attributes: { quote_step: "Step 1", interest_level: "high" },
          account_linked: false,
        },
      ),
      headers: EtagHeader,
    },
  },
  errors: {
    400: "Neither attributes nor account_id, an attribute key that breaks the rule, an unknown kind",
    404: "No lead found for this alias",
    412: "The lead's ETag is not the one in If-Match",
    413: "The request is over 100 KB, or the metadata would pass 256 KB",
  },
});

export const leadByAlias = createRouter()
  .openapi(getLeadByAlias, async (c) => {
    const { kind, value } = c.req.valid("query");
    const { lead, alias } = await requireLeadByAlias(c.get("ctx"), kind, plusFromQuery(kind, value));
    const etag = leadEtag(lead);
    c.header("ETag", etag);
    const known = c.req.header("If-None-Match");
    if (known && namesEtag(known, etag, "weak")) return c.body(null, 304);
    const email = alias.kind === "email" ? alias.value : (primaryAlias(lead, "email")?.value ?? null);
    const more = await shownMore(c.get("ctx"), lead, alias, c.req.valid("query"));
    return c.json({ lead_id: wireLeadId(lead.lead_id), email, metadata: lead.profile, ...more }, 200);
  })
  .openapi(patchMetadata, async (c) => {
    const { alias_kind, alias_value, attributes, account_id } = c.req.valid("json");
    const expected = c.req.header("If-Match");
    const { lead, account_linked } = await inLeadWords("attributes", () =>
      patchLeadByAlias(
        c.get("ctx"),
        { kind: alias_kind, value: alias_value },
        { profile: attributes, account_id },
        matchesVersion(expected),
      ),
    );
    c.header("ETag", leadEtag(lead));
    const saved = attributes ?? {};
    const alias = aliasToFind(c.get("ctx"), alias_kind, alias_value);
    const more = await shownMore(c.get("ctx"), lead, alias, c.req.valid("query"));
    const updated = Object.keys(saved).length;
    return c.json({ lead_id: wireLeadId(lead.lead_id), updated, attributes: saved, account_linked, ...more }, 200);
  });

/** Optional parts of the response: one more D1 round trip each. */
async function shownMore(
  ctx: Ctx,
  lead: Pick<Lead, "lead_id">,
  alias: Alias,
  { explain, sources }: { explain?: string | undefined; sources?: string | undefined },
) {
  return {
    ...(sources === "true" && { sources: sourcesView(await sourcesOfLead(ctx, lead.lead_id)) }),
    ...(explain === "true" && { explain: explanation(alias, (await refusedAliases(ctx, [lead.lead_id])).get(lead.lead_id) ?? []) }),
  };
}

/** In a query string an unescaped `+` is a space: `value=+15550100` and `value=alex+news@example.com` mean what they say. */
function plusFromQuery(kind: string, value: string): string {
  if (kind === "phone") return value.replace(/^ (?=\d)/, "+");
  return kind === "email" ? value.trim().replaceAll(" ", "+") : value;
}
