/** Saved filters of the list of leads (contract: filters). */
import { z } from "@hono/zod-openapi";
import { deleteFilter, listFilters, type SavedFilter, SavedFilterInput, saveFilter } from "../../core/saved-filters";
import { isoTime } from "../../time";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { CRITERIA_VALUES } from "./lead-filter-query";
import { Timestamp } from "./schemas";

const tags = ["Leads"];
const Criteria = SavedFilterInput.shape.criteria.openapi({
  type: "object",
  ...CRITERIA_VALUES,
  description: "Parameters of GET /leads by name: its filters, and `sort`; `filter` is an object of rules",
});
const Filter = z.object({ id: z.string(), name: z.string(), criteria: Criteria, created_at: Timestamp });
const CRITERIA = { status: "qualified", min_score: 50, "attr.plan": "pro" };
const EXAMPLE = {
  id: "flt_0193f3a2c7b07aa18000c0ffee123456",
  name: "Hot and qualified",
  criteria: CRITERIA,
  created_at: "2026-01-15T10:00:00.000Z",
};

const list = unitRoute("/filters", {
  operationId: "listFilters",
  method: "get",
  tags,
  summary: "List the saved filters",
  description: "Everybody in the org unit sees them.",
  role: "viewer",
  responses: { 200: jsonResponse("The filters", z.object({ filters: z.array(Filter) }), { filters: [EXAMPLE] }) },
});

const create = unitRoute("/filters", {
  operationId: "saveFilter",
  method: "post",
  tags,
  summary: "Save a filter of the list of leads",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(SavedFilterInput.extend({ criteria: Criteria }), { name: "Hot and qualified", criteria: CRITERIA }) },
  responses: { 201: jsonResponse("The filter", Filter, EXAMPLE) },
  errors: { 400: "A name that is empty, or criteria that GET /leads does not take", 409: "The org unit keeps 1,000 filters" },
});

const remove = unitRoute("/filters/{id}", {
  operationId: "deleteFilter",
  method: "delete",
  tags,
  summary: "Delete a saved filter",
  role: "editor",
  request: { params: z.object({ id: z.string().openapi({ example: EXAMPLE.id }) }) },
  responses: { 204: { description: "Deleted" } },
  errors: { 404: "Filter not found" },
});

const view = ({ filter_id, name, criteria, created_at }: SavedFilter) => ({
  id: filter_id,
  name,
  criteria,
  created_at: isoTime(created_at),
});

export const savedFilters = createRouter()
  .openapi(list, async (c) => c.json({ filters: (await listFilters(c.get("ctx"))).map(view) }, 200))
  .openapi(create, async (c) => c.json(view(await saveFilter(c.get("ctx"), c.req.valid("json"), remembering(c, 201, view))), 201))
  .openapi(remove, async (c) => {
    await deleteFilter(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
