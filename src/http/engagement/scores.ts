/** Reading scores (contract: score-leadID, score-explain, score-history, top-leads). Two decimals on the wire, none lost inside. */
import { z } from "@hono/zod-openapi";
import { type Score as CoreScore, explainScore, HISTORY_DAYS_MAX, requireScore, scoreHistory, topLeads } from "../../core/scoring";
import { AppError } from "../../errors";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { isoTime, isoTimeOrNull, rounded, Timestamp } from "./schemas";
import { Moment } from "./scoring-schemas";
import { wireLeadId } from "./wire-ids";

const tags = ["Scores"];
const LEAD = "ld_0193f3a2c7b07aa18000c0ffee123456";
const RULESET = "rs_0193f3a2c7b07aa18000c0ffee123456";
const DAY_MS = 86_400_000;
const LeadParams = z.object({ leadId: z.string().openapi({ example: LEAD }) });
const At = z.object({ at: Moment.optional().openapi({ description: "The score as it was at this moment. Default: now" }) });
const NOT_FOUND = { 404: "Lead not found" };

const wholeNumber = (from: number, to: number, description: string) => {
  const rule = `must be a whole number from ${from} to ${to}`;
  return z.coerce.number({ error: rule }).int(rule).min(from, rule).max(to, rule).openapi({ type: "integer", description });
};

const Score = z.object({
  lead_id: z.string(),
  score: z.number(),
  ruleset_id: z.string().nullable().openapi({ description: "The ruleset that adds the most" }),
  engagement_scores: z.record(z.string(), z.number()),
  profile_scores: z.record(z.string(), z.number()),
  level: z.object({ id: z.string(), name: z.string(), color: z.string() }).nullable(),
  last_event_at: Timestamp.nullable(),
  at: Timestamp,
});

const declareScore = <const Path extends string>(path: Path) =>
  unitRoute(path, {
    method: "get",
    tags,
    summary: "A lead's score",
    role: "viewer",
    request: { params: LeadParams, query: At },
    responses: {
      200: jsonResponse("The score", Score, {
        lead_id: LEAD,
        score: 42.5,
        ruleset_id: RULESET,
        engagement_scores: { [RULESET]: 42.5 },
        profile_scores: {},
        level: { id: "lvl_0193f3a2c7b07aa18000c0ffee123456", name: "Warm", color: "#fbbf24" },
        last_event_at: "2026-01-15T10:00:00.000Z",
        at: "2026-01-15T11:00:00.000Z",
      }),
    },
    errors: NOT_FOUND,
  });
const getScore = declareScore("/score/{leadId}");
const getScoreOfLead = declareScore("/leads/{leadId}/score");

const explain = unitRoute("/lead/{leadId}/score-explain", {
  method: "get",
  tags,
  summary: "Why a lead has its score",
  description:
    "The score is the sum of the drivers' totals (`count` x `weight`), `decay_applied` and `outside_range`; or of their contributions, which are what has not faded, and `outside_range`.",
  role: "viewer",
  request: {
    params: LeadParams,
    query: At.extend({ hours: wholeNumber(1, 24 * 3650, "Tells apart the events of the last hours only. Default: all").optional() }),
  },
  responses: {
    200: jsonResponse(
      "The explanation",
      z.object({
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
      }),
      {
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
      },
    ),
  },
  errors: NOT_FOUND,
});

const history = unitRoute("/lead/{leadId}/score-history", {
  method: "get",
  tags,
  summary: "A lead's score over time",
  description: `At every full hour, ascending, from the lead's first points on; at most ${HISTORY_DAYS_MAX} days.`,
  role: "viewer",
  request: {
    params: LeadParams,
    query: z.object({
      days: wholeNumber(1, HISTORY_DAYS_MAX, "Days back from now").default(30),
      start_date: Moment.optional().openapi({ description: "With end_date: instead of days" }),
      end_date: Moment.optional(),
      ruleset_id: z.string().optional(),
    }),
  },
  responses: {
    200: jsonResponse(
      "Snapshots",
      z.object({
        lead_id: z.string(),
        snapshots: z.array(z.object({ snapshot_at: Timestamp, score: z.number(), ruleset_id: z.string().nullable() })),
        count: z.number().int(),
        period: z.object({ start: Timestamp, end: Timestamp }),
      }),
      {
        lead_id: LEAD,
        snapshots: [{ snapshot_at: "2026-01-15T10:00:00.000Z", score: 42.5, ruleset_id: null }],
        count: 1,
        period: { start: "2025-12-16T10:30:00.000Z", end: "2026-01-15T10:30:00.000Z" },
      },
    ),
  },
  errors: NOT_FOUND,
});

const top = unitRoute("/top-leads", {
  method: "get",
  tags,
  summary: "The leads with the highest scores of this moment",
  role: "viewer",
  request: { query: z.object({ limit: wholeNumber(1, 100, "Leads to list").default(10) }) },
  responses: {
    200: jsonResponse(
      "Leads, highest score first",
      z.object({ leads: z.array(z.object({ lead_id: z.string(), score: z.number(), last_event_at: Timestamp })) }),
      { leads: [{ lead_id: LEAD, score: 42.5, last_event_at: "2026-01-15T10:00:00.000Z" }] },
    ),
  },
});

export const scores = createRouter()
  .openapi(getScore, async (c) =>
    c.json(scoreView(await requireScore(c.get("ctx"), c.req.valid("param").leadId, c.req.valid("query").at)), 200),
  )
  .openapi(getScoreOfLead, async (c) =>
    c.json(scoreView(await requireScore(c.get("ctx"), c.req.valid("param").leadId, c.req.valid("query").at)), 200),
  )
  .openapi(explain, async (c) => {
    const { hours = null, at } = c.req.valid("query");
    const ctx = c.get("ctx");
    const found = await explainScore(ctx, c.req.valid("param").leadId, hours, at ?? ctx.now());
    const left = found.drivers.reduce((sum, { cents }) => sum + cents, 0);
    const total = found.drivers.reduce((sum, driver) => sum + driver.total, 0);
    return c.json(
      {
        lead_id: wireLeadId(found.lead_id),
        score: found.score / 100,
        at: isoTime(found.at),
        range_hours: hours,
        top_drivers: found.drivers.map(({ cents, filter_label, ...driver }) => ({
          ...driver,
          contribution: cents / 100,
          ...(filter_label === null ? {} : { filter_label }),
        })),
        decay_applied: (left - total * 100) / 100,
        outside_range: found.outside_range / 100,
        snapshot: found.snapshot,
        inorganic_count: 0,
        score_reset_at: null,
        reset_excluded_count: 0,
      },
      200,
    );
  })
  .openapi(history, async (c) => {
    const { days, start_date, end_date, ruleset_id } = c.req.valid("query");
    const ctx = c.get("ctx");
    const period = readPeriod(ctx.now(), days, start_date, end_date);
    const { lead_id, snapshots } = await scoreHistory(ctx, c.req.valid("param").leadId, period.start, period.end, ruleset_id);
    return c.json(
      {
        lead_id: wireLeadId(lead_id),
        snapshots: snapshots.map(({ at, score }) => ({ snapshot_at: isoTime(at), score: rounded(score), ruleset_id: ruleset_id ?? null })),
        count: snapshots.length,
        period: { start: isoTime(period.start), end: isoTime(period.end) },
      },
      200,
    );
  })
  .openapi(top, async (c) => {
    const leads = await topLeads(c.get("ctx"), c.req.valid("query").limit);
    return c.json(
      {
        leads: leads.map(({ lead_id, score, last_event_at }) => ({
          lead_id: wireLeadId(lead_id),
          score: rounded(score),
          last_event_at: isoTime(last_event_at),
        })),
      },
      200,
    );
  });

const scoreView = ({ lead_id, score, by_ruleset, primary_ruleset, level, last_event_at, at }: CoreScore) => ({
  lead_id: wireLeadId(lead_id),
  score: rounded(score),
  ruleset_id: primary_ruleset,
  engagement_scores: Object.fromEntries([...by_ruleset].map(([id, value]) => [id, rounded(value)])),
  profile_scores: {},
  level: level && { id: level.level_id, name: level.name, color: level.color },
  last_event_at: isoTimeOrNull(last_event_at),
  at: isoTime(at),
});

function readPeriod(now: number, days: number, start: number | undefined, end: number | undefined): { start: number; end: number } {
  if ((start === undefined) !== (end === undefined)) {
    throw new AppError("invalid_request", "start_date and end_date belong together", [
      { path: start === undefined ? "start_date" : "end_date", message: "is required with the other one" },
    ]);
  }
  const period = start !== undefined && end !== undefined ? { start, end: Math.min(end, now) } : { start: now - days * DAY_MS, end: now };
  if (period.end < period.start)
    throw new AppError("invalid_request", "start_date is not before end_date", [
      { path: "end_date", message: "must be later than start_date, and start_date not in the future" },
    ]);
  if (period.end - period.start > HISTORY_DAYS_MAX * DAY_MS) {
    throw new AppError("invalid_request", `At most ${HISTORY_DAYS_MAX} days`, [
      { path: "start_date", message: `must be at most ${HISTORY_DAYS_MAX} days before end_date` },
    ]);
  }
  return period;
}
