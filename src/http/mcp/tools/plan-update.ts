import { z } from "@hono/zod-openapi";
import { planBulk } from "../../../core/bulk";
import { publicLeadId } from "../../../core/leads";
import { isoTime } from "../../../time";
import { LEAD_STATUSES, oneOf } from "../../../vocabulary";
import { CRITERIA_FIELDS, Scalar } from "../criteria";
import { signedPlanId } from "../plan-id";
import { changeText, count, cutChange, lines } from "../shown";
import { defineTool } from "../tool";

const Change = z.object({ field: z.string(), before: z.unknown(), after: z.unknown() });

export const planUpdate = defineTool({
  name: "plan_update",
  title: "Plan an update of many leads",
  description:
    "Shows what a change of all leads of a filter would do, and changes nothing. commit_plan with the plan_id does it, and undo takes it back. The plan is valid for 24 hours, as long as the same leads match and the values to be overwritten are the same.",
  effect: "plans",
  input: z.strictObject({
    filter: z.object(CRITERIA_FIELDS).catchall(Scalar).describe("Criteria as in search_leads, at least one"),
    changes: z
      .strictObject({
        metadata: z.record(z.string(), z.unknown()).optional().describe("Merged key by key; null removes a key"),
        status: z.enum(LEAD_STATUSES, oneOf(LEAD_STATUSES)).optional(),
        account_id: z.string().nullable().optional(),
        owner_id: z.string().nullable().optional(),
        owner_name: z.string().nullable().optional(),
      })
      .describe("At least one field"),
  }),
  output: z.object({
    plan_id: z.string(),
    expires_at: z.string(),
    matched: z.number().int(),
    stopped_counting: z
      .boolean()
      .describe(
        "Whether there may be more: the plan covers only a part of the list, of 10,000 leads at most, and commit_plan needs accept_drift",
      ),
    would_change: z.number().int(),
    unchanged: z.number().int().describe("Leads that have these values already"),
    refused: z.number().int().describe("Leads whose metadata would be over 256 KB"),
    leads: z.array(z.object({ lead_id: z.string(), changes: z.array(Change) })).describe("The first 10 that would change"),
  }),
  call: async (ctx, { filter, changes }) => {
    const plan = await planBulk(ctx, { filter, change: changes as Parameters<typeof planBulk>[1]["change"] });
    const leads = plan.leads.map(({ lead_id, changes: its }) => ({ lead_id: publicLeadId(lead_id), changes: its.map(cutChange) }));
    const plan_id = signedPlanId(ctx, plan.plan_id);
    const matched = `${count(plan.matched, "lead")}${plan.at_least ? " or more" : ""}`;
    const partly = plan.at_least ? " Not all leads are counted: narrow the filter, or commit with accept_drift." : "";
    const sentence = `${matched} match, ${plan.changed} would change. Nothing is written: commit_plan with plan_id ${plan_id} does it.${partly}`;
    return {
      data: {
        plan_id,
        expires_at: isoTime(plan.expires_at),
        matched: plan.matched,
        stopped_counting: plan.at_least,
        would_change: plan.changed,
        unchanged: plan.matched - plan.changed - plan.refused,
        refused: plan.refused,
        leads,
      },
      text: lines(
        sentence,
        leads.map(({ lead_id, changes: its }) => `${lead_id}: ${its.map(changeText).join("; ")}`),
      ),
    };
  },
});
