/** Firings (contract: milestone-events) of milestones, sequences and surges. */

import { z } from "@hono/zod-openapi";
import { listFirings } from "../../core/triggers";
import { isoTime } from "../../time";
import { oneOf, TRIGGER_KINDS } from "../../vocabulary";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded, wireLeadId } from "./adapter";
import { PageQuery, Timestamp } from "./schemas";

const list = unitRoute("/milestone-events", {
  operationId: "listFirings",
  method: "get",
  tags: ["Milestones"],
  summary: "List firings, newest first",
  description:
    "A firing has the time of the event that caused it. A late event may move a firing to another event or remove it; no firing is notified twice. A page goes through at most 10,000 firings: as long as there is a `next_cursor`, it continues the list.",
  role: "viewer",
  request: {
    query: PageQuery.extend({
      cursor: z.string().optional().openapi({ description: "`next_cursor` of the page before; `page` counts from it" }),
      trigger_id: z.string().optional(),
      kind: z.enum(TRIGGER_KINDS, oneOf(TRIGGER_KINDS)).optional(),
    }),
  },
  responses: {
    200: jsonResponse(
      "Firings",
      z.object({
        events: z.array(
          z.object({
            id: z.string(),
            kind: z.string(),
            trigger_id: z.string(),
            trigger_name: z.string(),
            lead_id: z.string(),
            score: z.number(),
            event_id: z.string(),
            event_type: z.string(),
            fired_at: Timestamp,
          }),
        ),
        total: z.number().int().optional().openapi({ description: "Unless there are more than 10,000 firings" }),
        total_at_least: z
          .number()
          .int()
          .optional()
          .openapi({ description: "How many of the newest 10,000 firings match, where there are more" }),
        next_cursor: z.string().optional().openapi({ description: "Absent at the end of the list" }),
        page: z.number().int(),
        limit: z.number().int(),
      }),
      {
        events: [
          {
            id: "fir_5e884898da28047151d0e56f8dc62927",
            kind: "milestone",
            trigger_id: "trg_0193f3a2c7b07aa18000c0ffee123456",
            trigger_name: "Hot lead",
            lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
            score: 55,
            event_id: "evt_0193f3a2c7b07aa18000c0ffee1234565e884898",
            event_type: "Page View",
            fired_at: "2026-01-15T10:00:00.000Z",
          },
        ],
        total: 1,
        page: 1,
        limit: 25,
      },
    ),
  },
});

export const firings = createRouter().openapi(list, async (c) => {
  const { page, limit, ...filter } = c.req.valid("query");
  const found = await listFirings(c.get("ctx"), filter, page, limit);
  const events = found.firings.map(({ firing_id, lead_id, score, fired_at, ...firing }) => ({
    id: firing_id,
    ...firing,
    lead_id: wireLeadId(lead_id),
    score: rounded(score),
    fired_at: isoTime(fired_at),
  }));
  const total = found.at_least ? { total_at_least: found.total } : { total: found.total };
  return c.json({ events, ...total, ...(found.next_cursor ? { next_cursor: found.next_cursor } : {}), page, limit }, 200);
});
