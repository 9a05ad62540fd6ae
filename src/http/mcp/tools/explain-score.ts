import { z } from "@hono/zod-openapi";
import { publicLeadId } from "../../../core/leads";
import { EXPLAINED_HOURS_MAX, explainScore as explain } from "../../../core/scoring";
import { wholeNumber } from "../../../schemas";
import { isoTime } from "../../../time";
import { findLeadId, LeadNamed } from "../find-lead";
import { lines } from "../shown";
import { defineTool } from "../tool";

const DRIVERS_SHOWN_MAX = 10;

export const explainScore = defineTool({
  name: "explain_score",
  title: "Explain a score",
  description: "Why a lead has its score: what each rule adds, from how many events, and what has decayed. The parts sum to the score.",
  effect: "reads",
  input: z.strictObject({
    ...LeadNamed,
    hours: wholeNumber(1, EXPLAINED_HOURS_MAX).optional().describe("Only events of the last hours are drivers; left out: all"),
  }),
  output: z.object({
    lead_id: z.string(),
    score: z.number(),
    at: z.string(),
    drivers: z
      .array(
        z.object({
          rule_id: z.string(),
          event_type: z.string(),
          filter: z.string().nullable(),
          count: z.number().int(),
          weight: z.number(),
          contribution: z.number().describe("What is left of it after decay"),
        }),
      )
      .describe(`The first ${DRIVERS_SHOWN_MAX}, those that added the most`),
    driver_count: z.number().int(),
    decayed: z.number().describe("What all drivers have lost"),
    outside_range: z.number().describe("What events before the range still add"),
  }),
  call: async (ctx, { hours, ...named }) => {
    const found = await explain(ctx, await findLeadId(ctx, named), { hours });
    const left = found.drivers.reduce((sum, { cents }) => sum + cents, 0);
    const full = found.drivers.reduce((sum, { total }) => sum + total * 100, 0);
    const drivers = found.drivers.slice(0, DRIVERS_SHOWN_MAX).map(({ rule_id, event_type, filter_label, count, weight, cents }) => ({
      rule_id,
      event_type,
      filter: filter_label,
      count,
      weight,
      contribution: cents / 100,
    }));
    const lead_id = publicLeadId(found.lead_id);
    const shown = drivers.map(
      ({ event_type, filter, count, weight, contribution }) =>
        `${event_type}${filter === null ? "" : ` where ${filter}`}: ${count} x ${weight}, ${contribution} left`,
    );
    return {
      data: {
        lead_id,
        score: found.score / 100,
        at: isoTime(found.at),
        drivers,
        driver_count: found.drivers.length,
        decayed: (full - left) / 100,
        outside_range: found.outside_range / 100,
      },
      text: lines(`${lead_id} scores ${found.score / 100}; ${(full - left) / 100} have decayed.`, shown),
    };
  },
});
