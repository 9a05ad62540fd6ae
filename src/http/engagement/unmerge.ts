/** Undoing merges. */
import { z } from "@hono/zod-openapi";
import { type Kept, type UnmergeResult, unmergeLeads } from "../../core/merging";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { LeadParams } from "./lead-views";
import { MERGE_EXAMPLE, MergeView, mergeStatus, mergeView, rememberingMerge, SOURCE } from "./merge-views";

const KeptView = z.object({
  kind: z.enum(["event", "metadata", "field", "alias"]),
  name: z.string().openapi({ description: "The event's id, the metadata key, the field, or the alias as `kind:value`" }),
  lead_id: z.string().nullable().openapi({ description: "The lead that has it now" }),
});

const Unmerged = MergeView.extend({
  kept: z.array(KeptView).openapi({ description: "What came after the merge or cannot return, at most 1,000" }),
  truncated: z.boolean(),
});
const UNMERGED = {
  ...MERGE_EXAMPLE,
  status: "undone" as const,
  events_moved: 0,
  kept: [{ kind: "event" as const, name: "evt_77", lead_id: SOURCE }],
  truncated: false,
};

const postUnmerge = unitRoute("/leads/{leadId}/unmerge", {
  operationId: "unmergeLeads",
  method: "post",
  tags: ["Merging"],
  summary: "Take a merge back",
  description:
    "For 30 days. The lead is the target, whose newest merge is reversed, or one of the merged leads. All of them become what they were before the merge; later events and changes stay with the lead whose alias they used, else with the target, and are listed in `kept`.",
  role: "editor",
  idempotent: true,
  takesMerged: true,
  request: { params: LeadParams },
  responses: {
    200: jsonResponse("The leads are apart again", Unmerged, UNMERGED),
    202: jsonResponse("The leads are apart again; more than 500 events are still returning, see GET /identity/merges/{mergeId}", Unmerged, {
      ...UNMERGED,
      status: "undoing",
    }),
  },
  errors: {
    404: "Lead not found",
    409: "No merge of the last 30 days names the lead, or its target was merged in turn since: unmerge that first",
  },
});

export const unmerges = createRouter().openapi(postUnmerge, async (c) => {
  const unmerged = await unmergeLeads(c.get("ctx"), c.req.valid("param").leadId, rememberingMerge(c, unmergedView));
  return c.json(unmergedView(unmerged), mergeStatus(unmerged));
});

const unmergedView = ({ kept, truncated, ...merge }: UnmergeResult) => ({
  ...mergeView(merge),
  kept: kept.map((item) => ({ kind: item.kind, name: nameOf(item), lead_id: item.lead_id && wireLeadId(item.lead_id) })),
  truncated,
});

function nameOf(kept: Kept): string {
  switch (kept.kind) {
    case "event":
      return kept.event_id;
    case "metadata":
      return kept.key;
    case "field":
      return kept.field;
    case "alias":
      return `${kept.alias_kind}:${kept.value}`;
  }
}
