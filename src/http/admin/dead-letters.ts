/** Messages that no consumer could settle, by the operator. */
import { z } from "@hono/zod-openapi";
import { listDeadLetters, replayDeadLetter } from "../../core/dead-letters";
import { sendAgain } from "../../open-context";
import { isoTime } from "../../time";
import { rememberAfter } from "../idempotency";
import { adminRoute, jsonResponse } from "../route";
import { createRouter } from "../router";
import { operator } from "./operator";

const tags = ["Admin"];
const PAGE_MAX = 1_000_000;
const LIMIT_MAX = 100;
const ID = "8c5f3f7e0b5d4a6f9b1c2d3e4f506172";

const wholeNumber = (max: number) => {
  const rule = `must be a whole number from 1 to ${max}`;
  return z.coerce.number({ error: rule }).int(rule).min(1, rule).max(max, rule);
};

const list = adminRoute("/admin/dead-letters", {
  operationId: "listDeadLetters",
  method: "get",
  tags,
  summary: "List messages that no consumer could settle, newest first",
  description:
    "Imports and deliveries do not depend on their messages: a cron job finds their work. Events of unknown form or unit end here.",
  request: {
    query: z.object({
      queue: z
        .string()
        .optional()
        .openapi({ description: "The queue from which they were recorded", example: "leadedge-events-dead-letters" }),
      page: wholeNumber(PAGE_MAX).default(1).openapi({ description: "Page number", example: 1 }),
      limit: wholeNumber(LIMIT_MAX).default(25).openapi({ description: "Results per page", example: 25 }),
    }),
  },
  responses: {
    200: jsonResponse(
      "Dead letters",
      z.object({
        dead_letters: z.array(
          z.object({
            id: z.string(),
            queue: z.string(),
            body: z.unknown().openapi({ description: "The message" }),
            received_at: z.string().openapi({ format: "date-time" }),
          }),
        ),
        total: z.number().int(),
        page: z.number().int(),
        limit: z.number().int(),
      }),
      {
        dead_letters: [
          { id: ID, queue: "leadedge-dead-letters", body: { unit: 7, job_id: "job_0193f3a2" }, received_at: "2026-01-15T10:00:00.000Z" },
        ],
        total: 1,
        page: 1,
        limit: 25,
      },
    ),
  },
  errors: { 400: "A query parameter is invalid" },
});

const replay = adminRoute("/admin/dead-letters/{id}/replay", {
  operationId: "replayDeadLetter",
  method: "post",
  tags,
  summary: "Send a dead letter to its queue again",
  description: "It leaves the list when it is sent; it comes back if it fails again.",
  idempotent: true,
  request: { params: z.object({ id: z.string().openapi({ example: ID }) }) },
  responses: {
    202: jsonResponse("Sent", z.object({ id: z.string(), queue: z.enum(["events", "imports", "deliveries"]) }), {
      id: ID,
      queue: "imports",
    }),
  },
  errors: {
    400: "Malformed Idempotency-Key",
    409: "No queue takes a message of this form",
    503: "The queue did not take the message: try again",
  },
});

export const deadLetters = createRouter()
  .openapi(list, async (c) => {
    const { queue, page, limit } = c.req.valid("query");
    const { letters, total } = await listDeadLetters(operator(c), { queue, page, limit });
    const dead_letters = letters.map(({ message_id, received_at, ...letter }) => ({
      id: message_id,
      queue: letter.queue,
      body: letter.body,
      received_at: isoTime(received_at),
    }));
    return c.json({ dead_letters, total, page, limit }, 200);
  })
  .openapi(replay, async (c) => {
    const { id } = c.req.valid("param");
    rememberAfter(c);
    const queue = await replayDeadLetter(operator(c), id, (target, body) => sendAgain(c.env, target, body));
    return c.json({ id, queue }, 202);
  });
