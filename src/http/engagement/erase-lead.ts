/** The right to erasure: a person is erased, with a receipt. */
import { z } from "@hono/zod-openapi";
import { signReceipt } from "../../core/auth";
import type { LargeErasure, LeadErasureReceipt } from "../../core/erasure";
import { namedLead } from "../../core/leads";
import { signingKeysOf } from "../../open-context";
import { isoTime } from "../../time";
import { remembering } from "../idempotency";
import { pathLead } from "../middleware/merged-lead";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { LeadParams } from "./lead-views";
import { Timestamp } from "./schemas";

const Receipt = z
  .object({
    lead_id: z.string(),
    status: z.literal("erased"),
    erased_at: Timestamp,
    rows: z.record(z.string(), z.number().int()).openapi({ description: "Rows that went, or were emptied, of each table" }),
    objects: z.number().int().openapi({ description: "Files that named the person" }),
    suppressed: z.number().int().openapi({ description: "Aliases of which a salted hash stays: nothing brings them back" }),
    signature: z.string().openapi({ description: "The receipt as a JWS that the key set at /.well-known/jwks.json verifies" }),
  })
  .openapi("LeadErasureReceipt");

const RECEIPT_ID = "era_0193f3a2c7b07aa18000c0ffee123456";
const Running = Receipt.omit({ status: true, erased_at: true, signature: true })
  .extend({ receipt_id: z.string(), status: z.literal("running"), requested_at: Timestamp })
  .openapi("RunningErasure");
const Erased = Receipt.extend({ receipt_id: z.string(), requested_at: Timestamp }).openapi("FinishedErasure");

const EXAMPLE = {
  lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
  status: "erased" as const,
  erased_at: "2026-01-15T10:00:00.000Z",
  rows: { leads: 1, aliases: 3, events: 42, deliveries: 2 },
  objects: 1,
  suppressed: 3,
  signature: "eyJhbGciOiJFZERTQSIs…",
};

const RUNNING = {
  receipt_id: RECEIPT_ID,
  lead_id: EXAMPLE.lead_id,
  status: "running" as const,
  requested_at: EXAMPLE.erased_at,
  rows: { events: 12000 },
  objects: 0,
  suppressed: 3,
};

const postErasure = unitRoute("/lead/{leadId}/erase", {
  operationId: "eraseLead",
  method: "post",
  tags: ["Leads"],
  summary: "Erase a person",
  description:
    "Removes every trace, for good: the lead with its events and scores, and whatever names the person in import files, their errors and conflicts, rejected events, deliveries, stored responses and journals. A salted hash of each alias stays: an import, an event or a request that names the person is refused as `suppressed`. The signed receipt lists what was removed, by table. A lead with more than 2,000 events is erased in the background: poll `GET /erasures/{receiptId}`.",
  role: "editor",
  idempotent: true,
  request: { params: LeadParams },
  responses: {
    200: jsonResponse("Erased: the signed receipt", Receipt, EXAMPLE),
    202: jsonResponse("Its aliases are suppressed; the rest is erased in the background", Running, RUNNING),
  },
  errors: {
    404: "Lead not found",
    409: "The lead's events are still moving after a merge",
  },
});

const getErasure = unitRoute("/erasures/{receiptId}", {
  operationId: "getErasure",
  method: "get",
  tags: ["Leads"],
  summary: "Get the receipt of an erasure that runs in the background",
  description: "Kept for 30 days after the end.",
  role: "viewer",
  request: { params: z.object({ receiptId: z.string().openapi({ example: RECEIPT_ID }) }) },
  responses: {
    200: jsonResponse("While it runs, what was removed so far; then the signed receipt", z.union([Running, Erased]), RUNNING),
  },
  errors: { 404: "Unknown receipt" },
});

/** Large, and rarely needed by an isolate that serves /lead. */
const erasures = () => import("../../core/erasure");

export const leadErasure = createRouter()
  .openapi(postErasure, async (c) => {
    const { eraseLead } = await erasures();
    const keys = await signingKeysOf(c.env);
    const erased = await eraseLead(c.get("ctx"), namedLead(pathLead(c)), {
      sign: (content) => signReceipt(keys, content),
      remember: remembering(c, 200, view),
      rememberRunning: remembering(c, 202, runningView),
    });
    c.header("Cache-Control", "no-store");
    if (!("receipt_id" in erased)) return c.json(view(erased), 200);
    c.header("Location", `/erasures/${erased.receipt_id}`);
    return c.json(runningView(erased), 202);
  })
  .openapi(getErasure, async (c) => {
    const { requireErasure } = await erasures();
    const erasure = await requireErasure(c.get("ctx"), c.req.valid("param").receiptId);
    c.header("Cache-Control", "no-store");
    const { receipt_id, requested_at, receipt } = erasure;
    return c.json(receipt ? { receipt_id, requested_at: isoTime(requested_at), ...view(receipt) } : runningView(erasure), 200);
  });

const runningView = ({ receipt_id, lead_id, requested_at, erased, suppressed }: LargeErasure) => ({
  receipt_id,
  lead_id: wireLeadId(lead_id),
  status: "running" as const,
  requested_at: isoTime(requested_at),
  ...erased,
  suppressed,
});

const view = ({ lead_id, erased_at, ...receipt }: LeadErasureReceipt) => ({
  lead_id: wireLeadId(lead_id),
  status: "erased" as const,
  erased_at: isoTime(erased_at),
  ...receipt,
});
