/** What org units have used, by the operator. */
import { z } from "@hono/zod-openapi";
import { listUsage } from "../../core/usage";
import { openShards, openUsage } from "../../open-context";
import { adminRoute, jsonResponse } from "../route";
import { createRouter } from "../router";
import { operator } from "./operator";

const Day = z.string().optional();
const EXAMPLE = {
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  unit_id: "unit_default",
  day: "2026-01-15",
  requests: 18_204,
  events: 4_120,
  leads: 50_311,
  stored_bytes: 61_400_213,
  rows_written: 33_870,
};

const list = adminRoute("/admin/usage", {
  operationId: "listUsage",
  method: "get",
  tags: ["Admin"],
  summary: "List what org units have used, by day",
  description:
    "By day (UTC) and org unit, 1,000 a page. `requests`, `events` (accepted or imported) and `rows_written` (by the unit's own statements) are sums of the day. `leads` and `stored_bytes` are what the unit had when it was last counted on that day; of today, `leads` are counted now, and `stored_bytes` includes an estimate of what came in since.",
  request: {
    query: z.object({
      organization_id: z.string().optional().openapi({ description: "Only its units", example: EXAMPLE.organization_id }),
      from: Day.openapi({ description: "First day; 29 days before `to` when left out", example: "2026-01-01" }),
      to: Day.openapi({ description: "Last day; today when left out", example: "2026-01-31" }),
      cursor: z.string().optional().openapi({ description: "`next_cursor` of the page before" }),
    }),
  },
  responses: {
    200: jsonResponse(
      "A page of usage; it is kept for 400 days",
      z.object({
        usage: z.array(
          z
            .object({
              organization_id: z.string(),
              unit_id: z.string(),
              day: z.iso.date(),
              requests: z.number().int(),
              events: z.number().int(),
              leads: z.number().int(),
              stored_bytes: z.number().int(),
              rows_written: z.number().int(),
            })
            .openapi("UnitUsage"),
        ),
        next_cursor: z.string().nullable(),
      }),
      { usage: [EXAMPLE], next_cursor: null },
    ),
  },
  errors: { 400: "A day or the cursor is invalid" },
});

export const usage = createRouter().openapi(list, async (c) => {
  const world = { log: openUsage(c.env), shards: openShards(c.env) };
  return c.json(await listUsage(operator(c), c.req.valid("query"), world), 200);
});
