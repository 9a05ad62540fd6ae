/** Where forms and other services send to: POST /in/{token}. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  countWrongToken,
  type Delivery,
  holdDelivery,
  noSuchAddress,
  type Received,
  receiveDelivery,
  requireSourceOfToken,
  SENDERS,
  unitOfToken,
} from "../../core/inbound";
import { AppError, isUnavailable } from "../../errors";
import { logError } from "../../log";
import { mayHoldDelivery, openAuth, openFiles, openSystem, toDomainError } from "../../open-context";
import { PAYLOAD_OUTCOMES } from "../../vocabulary";
import { networkOf } from "../address";
import { maxBody } from "../middleware/body";
import { countRequest } from "../middleware/enter-org-unit";
import { PROBLEM_TYPE, Problem } from "../problem";
import { createRouter, type HttpEnv } from "../router";

const BODY_BYTES_MAX = 256 * 1024;

const Answer = z
  .object({
    payload_id: z.string(),
    outcome: z.enum([...PAYLOAD_OUTCOMES, "held"]).openapi({
      description:
        "`accepted`: queued as events; `test`: the sender's own test; `unusable`: kept for `GET /sources/{source_id}/payloads`; `held`: the database is away, it is taken when it is back",
    }),
    reason: z.string().nullable(),
    event_ids: z.array(z.string()).openapi({ description: "Each has a receipt: `GET /ingest/receipts/{event_id}`" }),
  })
  .partial()
  .openapi("InboundAnswer");

const EXAMPLE = {
  payload_id: "pay_5d41402abc4b2a76b9719d911017c592",
  outcome: "accepted" as const,
  reason: null,
  event_ids: ["inb_aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"],
};

const error = (description: string) => ({ description, content: { [PROBLEM_TYPE]: { schema: Problem } } });
const anything = { schema: z.unknown() };

const receive = {
  method: "post" as const,
  path: "/in/{token}",
  operationId: "receiveDelivery",
  tags: ["Inbound sources"],
  summary: "Take what a form or another service sends",
  description:
    "The address of a source: see `POST /sources`. Its signature is verified if the source has a secret. A delivery counts once, however often it comes. What cannot be used is kept with a reason and answered with 200 as well, so that the sender does not repeat it. Google Ads gets `{}`, as it documents.",
  security: [],
  request: {
    params: z.object({ token: z.string().openapi({ example: "in_1_0193f3a2" }) }),
    body: {
      content: {
        "application/json": { ...anything, example: { email: "ada@example.com", company: "Analytical Engines" } },
        "application/x-www-form-urlencoded": anything,
        "multipart/form-data": anything,
      },
    },
  },
  responses: {
    200: { description: "Taken", content: { "application/json": { schema: Answer, example: EXAMPLE } } },
    401: error("The signature is missing or wrong"),
    403: error("The source is switched off"),
    404: error("No source has this address"),
    413: error(`The body is larger than ${BODY_BYTES_MAX / 1024} KB`),
    429: error("A quota of the org unit is used up, or 60 wrong addresses from one network within a minute: see Retry-After"),
    503: error("Neither the database nor the store for what waits can be reached"),
  },
};

export const inbound = createRouter();
inbound.openAPIRegistry.registerPath(receive);
// the body is read as the sender signed it, whatever its type says
inbound.on("POST", "/in/:token", maxBody(BODY_BYTES_MAX), async (c) => {
  const token = c.req.param("token");
  const delivery = await deliveryOf(c);
  try {
    return c.json(await receiveAt(c, token, delivery), 200);
  } catch (thrown) {
    const unit = unitOfToken(token);
    if (unit === null || !isUnavailable(toDomainError(thrown)) || !mayHoldDelivery(c.env, token)) throw thrown;
    logError("inbound delivery held", thrown, { request_id: c.get("requestId") });
    await holdDelivery(openFiles(c.env), unit, { token, delivery });
    return c.json({ outcome: "held" }, 200);
  }
});

async function deliveryOf(c: Context<HttpEnv>): Promise<Delivery> {
  return {
    method: c.req.method,
    url: c.req.url,
    headers: c.req.header(),
    body: new Uint8Array(await c.req.raw.arrayBuffer()),
    received_at: Date.now(),
  };
}

async function receiveAt(c: Context<HttpEnv>, token: string, delivery: Delivery): Promise<Received | object> {
  const attempt = await openAuth(c.env, networkOf(c));
  const unit = unitOfToken(token);
  const ctx = unit === null ? null : await openSystem(c.env, unit, c.get("requestId"), "event").catch(unlessMissing);
  if (ctx === null) {
    await countWrongToken(attempt);
    throw noSuchAddress();
  }
  const source = await requireSourceOfToken(ctx, attempt, token);
  countRequest(c, ctx.unit);
  const received = await receiveDelivery(ctx, source, delivery);
  return SENDERS[source.type].answer ?? received;
}

function unlessMissing(error: unknown): null {
  if (error instanceof AppError && error.code === "not_found") return null;
  throw error;
}
