/** The right to erasure: a person is erased, with a receipt. */
import { z } from "@hono/zod-openapi";
import { signReceipt } from "../../core/auth";
import { eraseLead, type LeadErasureReceipt } from "../../core/erasure";
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

const EXAMPLE = {
  lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456",
  status: "erased" as const,
  erased_at: "2026-01-15T10:00:00.000Z",
  rows: { leads: 1, aliases: 3, events: 42, deliveries: 2 },
  objects: 1,
  suppressed: 3,
  signature: "eyJhbGciOiJFZERTQSIs…",
};

const postErasure = unitRoute("/lead/{leadId}/erase", {
  operationId: "eraseLead",
  method: "post",
  tags: ["Leads"],
  summary: "Erase a person",
  description:
    "Removes every trace, for good: the lead with its events and scores, and whatever names the person in import files, their errors and conflicts, rejected events, deliveries, stored responses and journals. A salted hash of each alias stays: an import, an event or a request that names the person is refused as `suppressed`. The signed receipt lists what was removed, by table.",
  role: "editor",
  idempotent: true,
  request: { params: LeadParams },
  responses: { 200: jsonResponse("Erased: the signed receipt", Receipt, EXAMPLE) },
  errors: {
    404: "Lead not found",
    409: "The lead's events are still moving after a merge",
  },
});

export const leadErasure = createRouter().openapi(postErasure, async (c) => {
  const keys = await signingKeysOf(c.env);
  const receipt = await eraseLead(c.get("ctx"), namedLead(pathLead(c)), {
    sign: (content) => signReceipt(keys, content),
    remember: remembering(c, 200, view),
  });
  c.header("Cache-Control", "no-store");
  return c.json(view(receipt), 200);
});

const view = ({ lead_id, erased_at, ...receipt }: LeadErasureReceipt) => ({
  lead_id: wireLeadId(lead_id),
  status: "erased" as const,
  erased_at: isoTime(erased_at),
  ...receipt,
});
