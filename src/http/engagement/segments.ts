/** Segments of leads and of accounts (contract: configure/segments). */
import { z } from "@hono/zod-openapi";
import {
  changeSegment,
  compareSegments,
  copySegment,
  createSegment,
  deleteSegment,
  listSegments,
  NewSegment,
  previewRules,
  previewSegment,
  requireSegment,
  SegmentChange,
} from "../../core/segments";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import {
  CHECKED,
  Checked,
  CursorQuery,
  EXAMPLE,
  HOW_MANY,
  PREVIEW,
  PreviewView,
  previewView,
  RULES,
  Rules,
  Subject,
  segmentView,
  View,
} from "./segment-views";

const tags = ["Segments"];
const params = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const NOT_FOUND = { 404: "Segment not found" };
const FULL = { 409: "The org unit has 200 segments" };
const RULE_ERROR = { 400: "A rule that is invalid: its path is named" };
const { name, description, active } = NewSegment.shape;
const subject = Subject.default("leads");
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
  request: { body: jsonBody(z.object({ name, description, subject, rules: Rules, active }), { name: EXAMPLE.name, rules: RULES }) },
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
  request: { query: CursorQuery, body: jsonBody(z.object({ rules: Rules, subject }), { rules: RULES }) },
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

export const segments = createRouter()
  .openapi(list, async (c) => c.json({ segments: (await listSegments(c.get("ctx"))).map(segmentView) }, 200))
  .openapi(create, async (c) =>
    c.json(segmentView(await createSegment(c.get("ctx"), c.req.valid("json"), remembering(c, 201, segmentView))), 201),
  )
  .openapi(previewOf, async (c) => {
    const { rules, subject: of } = c.req.valid("json");
    return c.json(previewView(await previewRules(c.get("ctx"), rules, c.req.valid("query").cursor, of)), 200);
  })
  .openapi(compare, async (c) => {
    const { a, b, cursor } = c.req.valid("query");
    return c.json(await compareSegments(c.get("ctx"), a, b, cursor), 200);
  })
  .openapi(get, async (c) => c.json(segmentView(await requireSegment(c.get("ctx"), c.req.valid("param").id)), 200))
  .openapi(put, async (c) => c.json(segmentView(await changeSegment(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"))), 200))
  .openapi(remove, async (c) => {
    await deleteSegment(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(copy, async (c) =>
    c.json(segmentView(await copySegment(c.get("ctx"), c.req.valid("param").id, remembering(c, 201, segmentView))), 201),
  )
  .openapi(preview, async (c) =>
    c.json(previewView(await previewSegment(c.get("ctx"), c.req.valid("param").id, c.req.valid("query").cursor)), 200),
  );
