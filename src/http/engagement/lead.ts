/** One lead by its id (contract: lead-leadID, lead-leadID-metadata). */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { changeLead, LEAD_UPDATE_FIELDS, type LeadOverview, requireLeadOverview } from "../../core/lead-overview";
import { leadEtag, namedLead } from "../../core/leads";
import { sha256Hex } from "../../hash";
import { changesOf } from "../../schemas";
import { namesEtag } from "../etag";
import { pathLead } from "../middleware/merged-lead";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter, type HttpEnv } from "../router";
import { wireLeadId } from "./adapter";
import { EtagHeader, IF_MATCH, IF_NONE_MATCH, inLeadWords, matchesVersion, shownEtag } from "./lead-conditions";
import { LEAD_EXAMPLE, LeadParams, LeadView, leadView, SourcesFlag } from "./lead-views";
import { Attributes } from "./schemas";

const tags = ["Leads"];
const NOT_FOUND = { 404: "Lead not found" };
const shownLead = (description: string) => ({ ...jsonResponse(description, LeadView, LEAD_EXAMPLE), headers: EtagHeader });

const getLead = unitRoute("/lead/{leadId}", {
  operationId: "getLead",
  method: "get",
  tags,
  summary: "Get a lead",
  description: "With its aliases, account, owner, and its score and level at this moment.",
  role: "viewer",
  parameters: [IF_NONE_MATCH],
  request: { params: LeadParams, query: z.object({ sources: SourcesFlag }) },
  responses: { 200: shownLead("The lead"), 304: { description: "Not modified: the ETag is the one in If-None-Match" } },
  errors: NOT_FOUND,
});

const WRITE_ERRORS = {
  ...NOT_FOUND,
  412: "The lead's ETag is not the one in If-Match",
  413: "The request is over 100 KB, or the metadata would pass 256 KB",
};

const putLead = unitRoute("/lead/{leadId}", {
  operationId: "updateLead",
  method: "put",
  tags,
  summary: "Update a lead",
  description:
    "Changes the fields that are given; the others stay. `metadata` is the whole new metadata: PATCH merges instead. `email` or `phone` replaces the one that the lead shows, which then finds it no longer; null shows none. Another `owner_id` clears `owner_name` unless that is given, too. Silent: no event is created.",
  role: "editor",
  stores: true,
  parameters: [IF_MATCH],
  request: {
    params: LeadParams,
    body: jsonBody(changesOf({ ...LEAD_UPDATE_FIELDS, metadata: Attributes }), {
      status: "qualified",
      owner_id: "u_17",
      owner_name: "Sam Reyes",
    }),
  },
  responses: { 200: shownLead("The lead as it is now") },
  errors: {
    ...WRITE_ERRORS,
    400: "A field, a metadata key or an account that is unknown",
    409: "Another lead has this email: its id is named",
  },
});

const patchMetadata = unitRoute("/lead/{leadId}/metadata", {
  operationId: "mergeLeadMetadata",
  method: "patch",
  tags,
  summary: "Merge a lead's metadata",
  description:
    "The body is the flat object of keys and values; `null` removes a key. Keys: 1 to 64 characters, letters, digits, `_ - .` and space. Silent: no event is created.",
  role: "editor",
  stores: true,
  parameters: [IF_MATCH],
  request: { params: LeadParams, body: jsonBody(Attributes, { quote_step: "Step 1", interest_level: null }) },
  responses: { 200: shownLead("The lead with all its metadata") },
  errors: { ...WRITE_ERRORS, 400: "A metadata key that breaks the rule" },
});

const removeLead = unitRoute("/lead/{leadId}", {
  operationId: "deleteLead",
  method: "delete",
  tags,
  summary: "Delete a lead",
  description: "Deletes the lead with its events, scores and aliases, for good. It is gone when this returns.",
  role: "editor",
  request: { params: LeadParams },
  responses: {
    200: jsonResponse("Deleted", z.object({ message: z.literal("Lead deletion initiated"), lead_id: z.string() }), {
      message: "Lead deletion initiated",
      lead_id: LEAD_EXAMPLE.lead_id,
    }),
  },
  errors: NOT_FOUND,
});

export const lead = createRouter()
  .openapi(getLead, async (c) => {
    const { body, etag } = shown(
      c,
      await requireLeadOverview(c.get("ctx"), pathLead(c), {
        sources: c.req.valid("query").sources === "true",
      }),
    );
    const known = c.req.header("If-None-Match");
    return known && namesEtag(known, etag, "weak") ? c.body(null, 304) : c.json(body, 200);
  })
  .openapi(putLead, async (c) => {
    const changed = await inLeadWords("metadata", () =>
      changeLead(c.get("ctx"), pathLead(c), c.req.valid("json"), matchesVersion(c.req.header("If-Match"))),
    );
    return c.json(shown(c, changed).body, 200);
  })
  .openapi(patchMetadata, async (c) => {
    const patch = { metadata_patch: c.req.valid("json") };
    const changed = await inLeadWords("", () => changeLead(c.get("ctx"), pathLead(c), patch, matchesVersion(c.req.header("If-Match"))));
    return c.json(shown(c, changed).body, 200);
  })
  .openapi(removeLead, async (c) => {
    const leadId = namedLead(pathLead(c));
    // large, and rarely needed by an isolate that serves /lead
    const { deleteLead } = await import("../../core/erasure");
    await deleteLead(c.get("ctx"), leadId);
    return c.json({ message: "Lead deletion initiated" as const, lead_id: wireLeadId(leadId) }, 200);
  });

/** The body of an answer, its ETag set: any change of what is shown is another ETag. */
function shown(c: Context<HttpEnv>, overview: LeadOverview) {
  const body = leadView(overview, c.get("ctx").unit.organization_id);
  const etag = shownEtag(leadEtag(overview.lead), sha256Hex(JSON.stringify(body)).slice(0, 16));
  c.header("ETag", etag);
  return { body, etag };
}
