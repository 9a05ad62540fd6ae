/** Scores on the wire, their explanation and history. */
import { z } from "@hono/zod-openapi";
import { EXPLAINED_HOURS_MAX, HISTORY_DAYS_MAX, TOP_LEADS_MAX } from "../../core/scoring";
import { Moment, queryNumber, Timestamp } from "./schemas";

const LEAD = "ld_0193f3a2c7b07aa18000c0ffee123456";
const RULESET = "rs_0193f3a2c7b07aa18000c0ffee123456";

export const LeadParams = z.object({ leadId: z.string().openapi({ example: LEAD }) });
export const At = z.object({ at: Moment.optional().openapi({ description: "The score as it was at this moment. Default: now" }) });
export const ExplainQuery = At.extend({
  hours: queryNumber(1, EXPLAINED_HOURS_MAX)
    .optional()
    .openapi({ description: "Only the events of the last hours are listed as drivers. Default: all" }),
});
export const HistoryQuery = z.object({
  days: queryNumber(1, HISTORY_DAYS_MAX).default(30).openapi({ description: "Days back from now" }),
  start_date: Moment.optional().openapi({ description: "With end_date: instead of days" }),
  end_date: Moment.optional(),
  ruleset_id: z.string().optional(),
});
export const TopQuery = z.object({ limit: queryNumber(1, TOP_LEADS_MAX).default(10).openapi({ description: "Leads to list" }) });

export const Score = z.object({
  lead_id: z.string(),
  score: z.number(),
  ruleset_id: z.string().nullable().openapi({ description: "The ruleset that adds the most" }),
  engagement_scores: z.record(z.string(), z.number()),
  profile_scores: z.record(z.string(), z.number()),
  level: z.object({ id: z.string(), name: z.string(), color: z.string() }).nullable(),
  last_event_at: Timestamp.nullable(),
  at: Timestamp,
});
export const SCORE_EXAMPLE = {
  lead_id: LEAD,
  score: 42.5,
  ruleset_id: RULESET,
  engagement_scores: { [RULESET]: 42.5 },
  profile_scores: {},
  level: { id: "lvl_0193f3a2c7b07aa18000c0ffee123456", name: "Warm", color: "#fbbf24" },
  last_event_at: "2026-01-15T10:00:00.000Z",
  at: "2026-01-15T11:00:00.000Z",
};

export const Explanation = z.object({
  lead_id: z.string(),
  score: z.number(),
  at: Timestamp,
  range_hours: z.number().int().nullable(),
  top_drivers: z.array(
    z.object({
      rule_id: z.string(),
      ruleset_id: z.string(),
      event_type: z.string(),
      count: z.number().int(),
      weight: z.number().int(),
      total: z.number().int(),
      contribution: z.number(),
      filter_label: z.string().optional(),
    }),
  ),
  decay_applied: z.number(),
  outside_range: z.number(),
  snapshot: z.array(z.object({ event_type: z.string(), weight: z.number().int() })),
  inorganic_count: z.number().int(),
  score_reset_at: Timestamp.nullable(),
  reset_excluded_count: z.number().int(),
});
export const EXPLANATION_EXAMPLE = {
  lead_id: LEAD,
  score: 25,
  at: "2026-01-15T11:00:00.000Z",
  range_hours: null,
  top_drivers: [
    {
      rule_id: "rule_0193f3a2c7b07aa18000c0ffee123456",
      ruleset_id: RULESET,
      event_type: "Page View",
      count: 3,
      weight: 10,
      total: 30,
      contribution: 25,
      filter_label: "path contains /pricing",
    },
  ],
  decay_applied: -5,
  outside_range: 0,
  snapshot: [{ event_type: "Page View", weight: 10 }],
  inorganic_count: 0,
  score_reset_at: null,
  reset_excluded_count: 0,
};

export const History = z.object({
  lead_id: z.string(),
  snapshots: z.array(z.object({ snapshot_at: Timestamp, score: z.number(), ruleset_id: z.string().nullable() })),
  count: z.number().int(),
  period: z.object({ start: Timestamp, end: Timestamp }),
});
export const HISTORY_EXAMPLE = {
  lead_id: LEAD,
  snapshots: [{ snapshot_at: "2026-01-15T10:00:00.000Z", score: 42.5, ruleset_id: null }],
  count: 1,
  period: { start: "2025-12-16T10:30:00.000Z", end: "2026-01-15T10:30:00.000Z" },
};

export const TopLeads = z.object({ leads: z.array(z.object({ lead_id: z.string(), score: z.number(), last_event_at: Timestamp })) });
export const TOP_LEADS_EXAMPLE = { leads: [{ lead_id: LEAD, score: 42.5, last_event_at: "2026-01-15T10:00:00.000Z" }] };
