/** Segments of leads (contract: configure/segments). */
import { z } from "@hono/zod-openapi";
import { leadEmail, leadName, type Profile, ProfileObject } from "../../core/leads";
import {
  CheckCursor,
  changeSegment,
  compareSegments,
  copySegment,
  createSegment,
  deleteSegment,
  listSegments,
  NewSegment,
  type Preview,
  previewRules,
  previewSegment,
  requireSegment,
  type Segment,
  SegmentChange,
} from "../../core/segments";
import { isoTime } from "../../time";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded, wireLeadId } from "./adapter";
import { Timestamp } from "./schemas";

const tags = ["Segments"];
const RULES = {
  and: [
    { type: "lead_metadata", field: "country", operator: "equals", value: "DE" },
    { type: "event_count", event_type: "Page View", operator: "greater_or_equal", value: 3, within_days: 30 },
    { not: { type: "lead", field: "status", operator: "equals", value: "lost" } },
  ],
};
const Rules = ProfileObject.openapi({
  type: "object",
  description:
    'A condition, or `{"and": […]}`, `{"or": […]}`, `{"not": …}` of rules, five levels deep and 30 conditions long at most. A condition has a `type` (`lead`, `lead_metadata`, `account_metadata`, `event_metadata`, `event_count`, `score`, `engagement_level`, `profile_level`, `account_score`, `account_level`), an `operator` and, but for `is_empty` and `is_not_empty`, a `value`. Events are the newest 500 of each lead.',
  example: RULES,
});

const View = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    rules: Rules,
    active: z.boolean().openapi({ description: "A segment that is not active has no members" }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi("Segment");
const EXAMPLE = {
  id: "seg_0193f3a2c7b07aa18000c0ffee123456",
  name: "Active in Germany",
  description: null,
  rules: RULES,
  active: true,
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};
const Checked = {
  leads_checked: z.number().int(),
  complete: z
    .boolean()
    .openapi({ description: "False where there are more leads than one request checks: then the counts are lower bounds" }),
  next_cursor: z.string().nullable().openapi({ description: "Where the next request goes on; its counts are to be added" }),
};
const CHECKED = { leads_checked: 240, complete: true, next_cursor: null };
const CursorQuery = z.object({ cursor: CheckCursor.openapi({ description: "`next_cursor` of the response before" }) });
const HOW_MANY =
  "Checks the newest leads: up to 5,000 in one request, fewer where they are large or the rules read many events of them. `next_cursor` goes on.";
const PreviewView = z.object({
  count: z.number().int(),
  ...Checked,
  sample: z.array(z.object({ lead_id: z.string(), name: z.string().nullable(), email: z.string().nullable(), score: z.number() })),
});
const PREVIEW = {
  count: 12,
  ...CHECKED,
  sample: [{ lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456", name: "Alex Johnson", email: "alex@example.com", score: 42.5 }],
};

const params = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const NOT_FOUND = { 404: "Segment not found" };
const FULL = { 409: "The org unit has 200 segments" };
const RULE_ERROR = { 400: "A rule that is invalid: its path is named" };
const { name, description, active } = NewSegment.shape;
const changes = SegmentChange.in.shape;

const list = unitRoute("/segments", {
  operationId: "listSegments",
  method: "get",
  tags,
  summary: "List segments",
  role: "viewer",
  responses: { 200: jsonResponse("The segments", z.object({ segments: z.array(View) }), { segments: [EXAMPLE] }) },
});

const create = unitRoute("/segments", {
  operationId: "createSegment",
  method: "post",
  tags,
  summary: "Create a segment",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(z.object({ name, description, rules: Rules, active }), { name: EXAMPLE.name, rules: RULES }) },
  responses: { 201: jsonResponse("The segment", View, EXAMPLE) },
  errors: { ...RULE_ERROR, ...FULL },
});

const previewOf = unitRoute("/segments/preview", {
  operationId: "previewSegmentRules",
  method: "post",
  tags,
  summary: "Preview rules: who matches them now",
  description: HOW_MANY,
  role: "viewer",
  request: { query: CursorQuery, body: jsonBody(z.object({ rules: Rules }), { rules: RULES }) },
  responses: { 200: jsonResponse("How many, and ten of the newest", PreviewView, PREVIEW) },
  errors: RULE_ERROR,
});

const Comparison = z.object({
  a: z.number().int(),
  b: z.number().int(),
  both: z.number().int(),
  only_a: z.number().int(),
  only_b: z.number().int(),
  ...Checked,
});
const compare = unitRoute("/segments/compare", {
  operationId: "compareSegments",
  method: "get",
  tags,
  summary: "Compare the members of two segments",
  description: HOW_MANY,
  role: "viewer",
  request: {
    query: CursorQuery.extend({ a: z.string().openapi({ example: EXAMPLE.id }), b: z.string().openapi({ example: EXAMPLE.id }) }),
  },
  responses: { 200: jsonResponse("Counts of leads", Comparison, { a: 12, b: 30, both: 5, only_a: 7, only_b: 25, ...CHECKED }) },
  errors: NOT_FOUND,
});

const get = unitRoute("/segments/{id}", {
  operationId: "getSegment",
  method: "get",
  tags,
  summary: "Get a segment",
  role: "viewer",
  request: { params },
  responses: { 200: jsonResponse("The segment", View, EXAMPLE) },
  errors: NOT_FOUND,
});

const put = unitRoute("/segments/{id}", {
  operationId: "updateSegment",
  method: "put",
  tags,
  summary: "Update a segment",
  description: "Changes the fields that are given; the others stay.",
  role: "editor",
  request: {
    params,
    body: jsonBody(z.object({ name: changes.name, description: changes.description, rules: Rules.optional(), active: changes.active }), {
      active: false,
    }),
  },
  responses: { 200: jsonResponse("The segment as it is now", View, { ...EXAMPLE, active: false }) },
  errors: { ...NOT_FOUND, ...RULE_ERROR },
});

const remove = unitRoute("/segments/{id}", {
  operationId: "deleteSegment",
  method: "delete",
  tags,
  summary: "Delete a segment",
  description: "Deletes the segment and its rules, and no lead.",
  role: "editor",
  request: { params },
  responses: { 204: { description: "Deleted" } },
  errors: NOT_FOUND,
});

const copy = unitRoute("/segments/{id}/copy", {
  operationId: "copySegment",
  method: "post",
  tags,
  summary: "Copy a segment",
  description: "A segment with the same rules, not active yet.",
  role: "editor",
  idempotent: true,
  request: { params },
  responses: { 201: jsonResponse("The copy", View, { ...EXAMPLE, name: "Copy of Active in Germany", active: false }) },
  errors: { ...NOT_FOUND, ...FULL },
});

const preview = unitRoute("/segments/{id}/preview", {
  operationId: "previewSegment",
  method: "get",
  tags,
  summary: "Preview a segment: its members now",
  description: `\`GET /leads?segment=\` lists them. ${HOW_MANY}`,
  role: "viewer",
  request: { params, query: CursorQuery },
  responses: { 200: jsonResponse("How many, and ten of the newest", PreviewView, PREVIEW) },
  errors: NOT_FOUND,
});

const view = ({ segment_id, rules, created_at, updated_at, ...segment }: Segment) => ({
  id: segment_id,
  ...segment,
  rules: rules as unknown as Profile,
  created_at: isoTime(created_at),
  updated_at: isoTime(updated_at),
});

const previewView = ({ sample, ...counts }: Preview) => ({
  ...counts,
  sample: sample.map(({ lead, score }) => ({
    lead_id: wireLeadId(lead.lead_id),
    name: leadName(lead.profile),
    email: leadEmail(lead),
    score: rounded(score.score),
  })),
});

export const segments = createRouter()
  .openapi(list, async (c) => c.json({ segments: (await listSegments(c.get("ctx"))).map(view) }, 200))
  .openapi(create, async (c) => c.json(view(await createSegment(c.get("ctx"), c.req.valid("json"), remembering(c, 201, view))), 201))
  .openapi(previewOf, async (c) =>
    c.json(previewView(await previewRules(c.get("ctx"), c.req.valid("json").rules, c.req.valid("query").cursor)), 200),
  )
  .openapi(compare, async (c) => {
    const { a, b, cursor } = c.req.valid("query");
    return c.json(await compareSegments(c.get("ctx"), a, b, cursor), 200);
  })
  .openapi(get, async (c) => c.json(view(await requireSegment(c.get("ctx"), c.req.valid("param").id)), 200))
  .openapi(put, async (c) => c.json(view(await changeSegment(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"))), 200))
  .openapi(remove, async (c) => {
    await deleteSegment(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(copy, async (c) => c.json(view(await copySegment(c.get("ctx"), c.req.valid("param").id, remembering(c, 201, view))), 201))
  .openapi(preview, async (c) =>
    c.json(previewView(await previewSegment(c.get("ctx"), c.req.valid("param").id, c.req.valid("query").cursor)), 200),
  );
