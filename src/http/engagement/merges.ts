/** Merging leads (contract: leads-merge). */
import { z } from "@hono/zod-openapi";
import { namedLead } from "../../core/leads";
import { MERGED_LEADS_MAX, type MergePreview, type MergeResult, mergeLeads, previewMerge, requireMerge } from "../../core/merging";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded, wireLeadId } from "./adapter";
import { MERGE_EXAMPLE, MergeView, mergeStatus, mergeView, rememberingMerge, SOURCE, TARGET } from "./merge-views";

const tags = ["Merging"];

const WishBody = z.object({
  targetLeadId: z.string().openapi({ description: "The surviving lead" }),
  sourceLeadIds: z
    .array(z.string())
    .min(1, "must name at least one lead")
    .max(MERGED_LEADS_MAX, `must be at most ${MERGED_LEADS_MAX} leads`)
    .openapi({ description: "The leads that are merged into it" }),
});
const WISH = { targetLeadId: TARGET, sourceLeadIds: [SOURCE] };

const wishOf = ({ targetLeadId, sourceLeadIds }: z.output<typeof WishBody>) => ({
  target_id: namedLead(targetLeadId),
  source_ids: sourceLeadIds.map(namedLead),
});

const preview = unitRoute("/leads/merge/preview", {
  operationId: "previewMerge",
  method: "post",
  tags,
  summary: "Preview a merge",
  description: "What a merge would move. Changes nothing.",
  role: "viewer",
  request: { body: jsonBody(WishBody, WISH) },
  responses: {
    200: jsonResponse(
      "What would move from the sources to the target",
      z.object({
        target_lead_id: z.string(),
        source_lead_ids: z.array(z.string()),
        target_events: z.number().int(),
        total_events: z.number().int(),
        total_aliases: z.number().int(),
        total_sessions: z.number().int(),
        duplicate_aliases: z.number().int(),
        target_score: z.number(),
        source_scores: z.record(z.string(), z.number()),
        account_conflict: z.boolean(),
        accounts: z.array(z.object({ account_id: z.string(), name: z.string(), domain: z.string().nullable() })),
      }),
      {
        target_lead_id: TARGET,
        source_lead_ids: [SOURCE],
        target_events: 12,
        total_events: 3,
        total_aliases: 2,
        total_sessions: 0,
        duplicate_aliases: 0,
        target_score: 42.5,
        source_scores: { [SOURCE]: 7 },
        account_conflict: false,
        accounts: [],
      },
    ),
  },
  errors: { 404: "One of the leads was not found", 409: "A lead was merged already, or its events are still moving" },
});

const Merged = MergeView.extend({ aliases_moved: z.number().int(), score: z.number() });
const MERGED = { ...MERGE_EXAMPLE, aliases_moved: 2, score: 49.5 };

const postMerge = unitRoute("/leads/merge", {
  operationId: "mergeLeads",
  method: "post",
  tags,
  summary: "Merge leads",
  description:
    "Everything that the sources have moves to the target: events, aliases, score, firings, channel, purchases. The target's own values win. The sources are gone (410), their aliases find the target, and a `lead_merged` event appears on its timeline. Fires nothing. Can be undone for 30 days.",
  role: "editor",
  idempotent: true,
  request: {
    body: jsonBody(
      WishBody.extend({
        account_id: z.string().optional().openapi({ description: "The account that the lead keeps: needed when they have different ones" }),
      }),
      WISH,
    ),
  },
  responses: {
    200: jsonResponse("Merged", Merged, MERGED),
    202: jsonResponse("Merged; more than 500 events are still moving, see GET /identity/merges/{mergeId}", Merged, {
      ...MERGED,
      status: "running",
      events_moved: 0,
      events_total: 12000,
    }),
  },
  errors: {
    400: "The target is one of the sources, or `account_id` is the account of none of them",
    404: "One of the leads was not found",
    409: "Different accounts and no `account_id`, different partner channels, or a lead that was merged already",
    413: "The lead would have over 1,000 aliases or metadata over 256 KB",
  },
});

const getMerge = unitRoute("/identity/merges/{mergeId}", {
  operationId: "getMerge",
  method: "get",
  tags,
  summary: "Get a merge and its progress",
  role: "viewer",
  request: { params: z.object({ mergeId: z.string().openapi({ example: MERGE_EXAMPLE.merge_id }) }) },
  responses: { 200: jsonResponse("The merge", MergeView, MERGE_EXAMPLE) },
  errors: { 404: "Merge not found, or older than 30 days" },
});

export const merges = createRouter()
  .openapi(preview, async (c) => c.json(previewView(await previewMerge(c.get("ctx"), wishOf(c.req.valid("json")))), 200))
  .openapi(postMerge, async (c) => {
    const { account_id, ...wish } = c.req.valid("json");
    const merged = await mergeLeads(c.get("ctx"), { ...wishOf(wish), account_id }, rememberingMerge(c, mergedView));
    return c.json(mergedView(merged), mergeStatus(merged));
  })
  .openapi(getMerge, async (c) => c.json(mergeView(await requireMerge(c.get("ctx"), c.req.valid("param").mergeId)), 200));

const previewView = (found: MergePreview) => ({
  target_lead_id: wireLeadId(found.target_id),
  source_lead_ids: found.source_ids.map(wireLeadId),
  target_events: found.target_events,
  total_events: found.events,
  total_aliases: found.aliases,
  // no sessions of visitors are kept, and no two leads have the same alias
  total_sessions: 0,
  duplicate_aliases: 0,
  target_score: rounded(found.target_score),
  source_scores: Object.fromEntries(Array.from(found.source_scores, ([id, score]) => [wireLeadId(id), rounded(score)])),
  account_conflict: found.accounts.length > 1,
  accounts: found.accounts.map(({ account_id, name, domain }) => ({ account_id, name, domain })),
});

const mergedView = (merge: MergeResult) => ({ ...mergeView(merge), aliases_moved: merge.aliases_moved, score: rounded(merge.score) });
