/** Plans: what an import would do, before it does it. */
import { z } from "@hono/zod-openapi";
import { listPlannedRows, planImport, requirePlan } from "../../core/imports";
import { oneOf, ROW_OUTCOMES } from "../../vocabulary";
import { rememberAfter } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { ImportPlan, PLAN_EXAMPLE, PLANNED_ROW_EXAMPLE, PlannedRow, plannedRowView, planView } from "./import-plan-views";
import { ImportBody, START_EXAMPLE, sentMappingOf } from "./import-start-body";
import { queryNumber } from "./schemas";

const ROWS_PER_PAGE = 100;
const ROWS_PER_PAGE_MAX = 1_000;

const plan = unitRoute("/leads/import/plan", {
  operationId: "planImport",
  method: "post",
  tags: ["Lead import"],
  summary: "Plan an import: what it would do, row by row",
  description:
    "Runs the whole import against the current leads and writes none of them. Takes the body of start. `start` with the `plan_id` then does exactly this. A plan is kept for 24 hours, and its file with it.",
  idempotent: true,
  role: "editor",
  request: { body: jsonBody(ImportBody, START_EXAMPLE) },
  responses: {
    200: jsonResponse("The plan, completed", ImportPlan, PLAN_EXAMPLE),
    202: jsonResponse("The plan so far: it takes longer than 5 seconds, poll it", ImportPlan, {
      ...PLAN_EXAMPLE,
      status: "in_progress" as const,
    }),
  },
  errors: { 400: "Missing required fields or invalid mappings", 404: "File ID expired or not found" },
});

const PlanParams = z.object({ planId: z.string().openapi({ example: PLAN_EXAMPLE.plan_id }) });
const PLAN_NOT_FOUND = { 404: "Plan expired or not found" };

const getPlan = unitRoute("/leads/import/plans/{planId}", {
  operationId: "getImportPlan",
  method: "get",
  tags: ["Lead import"],
  summary: "Get an import plan",
  role: "viewer",
  request: { params: PlanParams },
  responses: { 200: jsonResponse("The plan, with its first 100 rows", ImportPlan, PLAN_EXAMPLE) },
  errors: PLAN_NOT_FOUND,
});

const listRows = unitRoute("/leads/import/plans/{planId}/rows", {
  operationId: "listPlannedRows",
  method: "get",
  tags: ["Lead import"],
  summary: "List the rows of an import plan",
  description: "In file order. While the plan is in progress, the last page has a cursor, too, from which the list continues.",
  role: "viewer",
  request: {
    params: PlanParams,
    query: z.object({
      cursor: z.string().optional().openapi({ description: "`next_cursor` of the page before" }),
      outcome: z.enum(ROW_OUTCOMES, oneOf(ROW_OUTCOMES)).optional(),
      limit: queryNumber(1, ROWS_PER_PAGE_MAX).default(ROWS_PER_PAGE),
    }),
  },
  responses: {
    200: jsonResponse("Planned rows", z.object({ rows: z.array(PlannedRow), next_cursor: z.string().nullable() }), {
      rows: [PLANNED_ROW_EXAMPLE],
      next_cursor: null,
    }),
  },
  errors: { ...PLAN_NOT_FOUND, 400: "Unknown cursor or outcome" },
});

export const importPlans = createRouter()
  .openapi(plan, async (c) => {
    const { file_id, ...sent } = c.req.valid("json");
    rememberAfter(c);
    const planned = planView(await planImport(c.get("ctx"), file_id, sentMappingOf(sent)));
    c.header("Location", `/leads/import/plans/${planned.plan_id}`);
    return planned.status === "in_progress" ? c.json(planned, 202) : c.json(planned, 200);
  })
  .openapi(getPlan, async (c) => c.json(planView(await requirePlan(c.get("ctx"), c.req.valid("param").planId)), 200))
  .openapi(listRows, async (c) => {
    const { rows, next_cursor } = await listPlannedRows(c.get("ctx"), c.req.valid("param").planId, c.req.valid("query"));
    return c.json({ rows: rows.map(plannedRowView), next_cursor }, 200);
  });
