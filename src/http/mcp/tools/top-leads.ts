import { z } from "@hono/zod-openapi";
import { namesOfLeads, publicLeadId } from "../../../core/leads";
import { topLeads as rank } from "../../../core/scoring";
import { wholeNumber } from "../../../schemas";
import { isoTime } from "../../../time";
import { count, leadText, lines, rounded } from "../shown";
import { defineTool } from "../tool";

const LIMIT_MAX = 50;

export const topLeads = defineTool({
  name: "top_leads",
  title: "Top leads",
  description: "The leads with the highest scores at this moment, highest first.",
  effect: "reads",
  input: z.strictObject({ limit: wholeNumber(1, LIMIT_MAX).default(10) }),
  output: z.object({
    leads: z.array(z.object({ lead_id: z.string(), name: z.string().nullable(), score: z.number(), last_event_at: z.string() })),
  }),
  call: async (ctx, { limit }) => {
    const ranked = await rank(ctx, { limit });
    const names = await namesOfLeads(
      ctx,
      ranked.map(({ lead_id }) => lead_id),
    );
    const leads = ranked.map(({ lead_id, score, last_event_at }) => ({
      lead_id: publicLeadId(lead_id),
      name: names.get(lead_id) ?? null,
      score: rounded(score),
      last_event_at: isoTime(last_event_at),
    }));
    const shown = leads.map((lead) => `${leadText(lead)}: ${lead.score}`);
    return { data: { leads }, text: lines(`${count(leads.length, "lead")}, highest score first.`, shown) };
  },
});
