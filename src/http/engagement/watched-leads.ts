/** The caller's watch list (contract: watched-leads). */
import { z } from "@hono/zod-openapi";
import { namedLead } from "../../core/leads";
import { listWatchedLeads, unwatchLead, type Watch, type WatchedLead, WatchInput, watchLead } from "../../core/watch-list";
import { isoTime, isoTimeOrNull } from "../../time";
import { rememberAfter } from "../idempotency";
import { pathLead } from "../middleware/merged-lead";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded, wireLeadId } from "./adapter";
import { LeadParams } from "./lead-views";
import { Timestamp } from "./schemas";

const tags = ["Leads"];
const NOT_FOUND = { 404: "Lead not found" };
const LEAD = "ld_0193f3a2c7b07aa18000c0ffee123456";
const WATCH = "wat_0193f3a2c7b07aa18000c0ffee123456";

const Added = z.object({
  watch_id: z.string(),
  lead_id: z.string(),
  message: z.enum(["Lead added to the watch list", "Lead was on the watch list"]),
});
const EXAMPLE = { watch_id: WATCH, lead_id: LEAD, message: "Lead added to the watch list" as const };

const postWatch = unitRoute("/leads/{leadId}/watch", {
  operationId: "watchLead",
  method: "post",
  tags,
  summary: "Watch a lead",
  description:
    "Puts the lead on the caller's own list, with the caller's prediction. Watched again, it keeps its entry, and a new prediction replaces the old one. The body may be left out.",
  role: "editor",
  idempotent: true,
  request: {
    params: LeadParams,
    body: {
      required: false,
      content: { "application/json": { schema: WatchInput, example: { prediction: "will buy", prediction_notes: "asked for a quote" } } },
    },
  },
  responses: {
    200: jsonResponse("The lead was on the list", Added, { ...EXAMPLE, message: "Lead was on the watch list" }),
    201: jsonResponse("The lead is on the list", Added, EXAMPLE),
  },
  errors: { ...NOT_FOUND, 409: "1,000 leads are watched" },
});

const deleteWatch = unitRoute("/leads/{leadId}/watch", {
  operationId: "unwatchLead",
  method: "delete",
  tags,
  summary: "Stop watching a lead",
  role: "editor",
  request: { params: LeadParams },
  responses: { 204: { description: "The lead is no longer on the list" } },
  errors: { 404: "The caller does not watch this lead" },
});

const Watched = z.object({
  watch_id: z.string(),
  lead_id: z.string(),
  prediction: z.string().nullable(),
  prediction_notes: z.string().nullable(),
  watched_at: Timestamp,
  outcome: z.literal("pending").openapi({ description: "Reserved: outcomes are not decided yet" }),
  outcome_at: Timestamp.nullable(),
  score: z.number(),
  score_at_watch: z.number(),
  score_change: z.number(),
  last_event_at: Timestamp.nullable(),
});

const listWatched = unitRoute("/watched-leads", {
  operationId: "listWatchedLeads",
  method: "get",
  tags,
  summary: "List the leads that the caller watches",
  description: "The latest first, with the score at this moment and how far it has moved since the lead was put on the list.",
  role: "viewer",
  responses: {
    200: jsonResponse("The watch list", z.object({ watched_leads: z.array(Watched) }), {
      watched_leads: [
        {
          watch_id: WATCH,
          lead_id: LEAD,
          prediction: "will buy",
          prediction_notes: null,
          watched_at: "2026-01-15T10:00:00.000Z",
          outcome: "pending",
          outcome_at: null,
          score: 42.5,
          score_at_watch: 30,
          score_change: 12.5,
          last_event_at: "2026-01-15T10:00:00.000Z",
        },
      ],
    }),
  },
});

const added = ({ watch_id, lead_id }: Watch, isNew: boolean): z.input<typeof Added> => ({
  watch_id,
  lead_id: wireLeadId(lead_id),
  message: isNew ? "Lead added to the watch list" : "Lead was on the watch list",
});

const watchedView = ({ watch, score: its }: WatchedLead): z.input<typeof Watched> => ({
  watch_id: watch.watch_id,
  lead_id: wireLeadId(watch.lead_id),
  prediction: watch.prediction,
  prediction_notes: watch.prediction_notes,
  watched_at: isoTime(watch.watched_at),
  outcome: "pending",
  outcome_at: null,
  score: rounded(its.score),
  score_at_watch: rounded(watch.score),
  score_change: rounded(its.score - watch.score),
  last_event_at: isoTimeOrNull(its.last_event_at),
});

export const watchedLeads = createRouter()
  .openapi(postWatch, async (c) => {
    rememberAfter(c);
    const { watch, added: isNew } = await watchLead(c.get("ctx"), namedLead(pathLead(c)), c.req.valid("json") ?? {});
    return c.json(added(watch, isNew), isNew ? 201 : 200);
  })
  .openapi(deleteWatch, async (c) => {
    await unwatchLead(c.get("ctx"), namedLead(pathLead(c)));
    return c.body(null, 204);
  })
  .openapi(listWatched, async (c) => c.json({ watched_leads: (await listWatchedLeads(c.get("ctx"))).map(watchedView) }, 200));
