import { z } from "@hono/zod-openapi";
import { type Receipt, requireReceipt } from "../../../core/events";
import { publicLeadId } from "../../../core/leads";
import { rounded } from "../shown";
import { defineTool } from "../tool";

export const getReceipt = defineTool({
  name: "get_receipt",
  title: "Get the receipt of an event",
  description: "What became of an event: queued, processed (with the lead and its score before and after), duplicate or rejected.",
  effect: "reads",
  input: z.strictObject({ event_id: z.string().trim().min(1, "must not be empty") }),
  output: z.object({
    event_id: z.string(),
    status: z.enum(["queued", "processed", "duplicate", "rejected"]),
    lead_id: z.string().nullable(),
    score_before: z.number().nullable(),
    score_after: z.number().nullable(),
    triggers_fired: z.array(z.object({ kind: z.string(), id: z.string(), name: z.string() })),
    duplicate_of: z.string().nullable(),
    error: z.string().nullable(),
  }),
  call: async (ctx, { event_id }) => {
    const receipt = await requireReceipt(ctx, event_id);
    return { data: view(receipt), text: `${receipt.event_id}: ${sentence(receipt)}.` };
  },
});

const NOTHING = { lead_id: null, score_before: null, score_after: null, triggers_fired: [], duplicate_of: null, error: null };

function view(receipt: Receipt) {
  if (receipt.status !== "processed") return { ...NOTHING, ...receipt };
  const { lag_ms: _, ...processed } = receipt;
  return {
    ...NOTHING,
    ...processed,
    lead_id: publicLeadId(receipt.lead_id),
    score_before: receipt.score_before === null ? null : rounded(receipt.score_before),
    score_after: receipt.score_after === null ? null : rounded(receipt.score_after),
  };
}

function sentence(receipt: Receipt): string {
  switch (receipt.status) {
    case "queued":
      return "queued, not yet processed";
    case "duplicate":
      return `a duplicate of ${receipt.duplicate_of}`;
    case "rejected":
      return `rejected: ${receipt.error}`;
    case "processed":
      return `processed for ${publicLeadId(receipt.lead_id)}; fired ${receipt.triggers_fired.map(({ name }) => name).join(", ") || "nothing"}`;
  }
}
