/** Reading scores (contract: score-leadID, score-explain, score-history, top-leads). Two decimals on the wire, none lost inside. */

import { type Score as CoreScore, explainScore, HISTORY_DAYS_MAX, requireScore, scoreHistory, topLeads } from "../../core/scoring";
import { AppError } from "../../errors";
import { DAY_MS, isoTime, isoTimeOrNull } from "../../time";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded, wireLeadId } from "./adapter";
import {
  At,
  EXPLANATION_EXAMPLE,
  ExplainQuery,
  Explanation,
  HISTORY_EXAMPLE,
  History,
  HistoryQuery,
  LeadParams,
  SCORE_EXAMPLE,
  Score,
  TOP_LEADS_EXAMPLE,
  TopLeads,
  TopQuery,
} from "./score-schemas";

const tags = ["Scores"];
const NOT_FOUND = { 404: "Lead not found" };

const declareScore = <const Path extends string>(path: Path, operationId: string) =>
  unitRoute(path, {
    operationId,
    method: "get",
    tags,
    summary: "A lead's score",
    role: "viewer",
    request: { params: LeadParams, query: At },
    responses: {
      200: jsonResponse("The score", Score, SCORE_EXAMPLE),
    },
    errors: NOT_FOUND,
  });
const getScore = declareScore("/score/{leadId}", "getScore");
const getScoreOfLead = declareScore("/leads/{leadId}/score", "getScoreOfLead");

const explain = unitRoute("/lead/{leadId}/score-explain", {
  operationId: "explainScore",
  method: "get",
  tags,
  summary: "Why a lead has its score",
  description:
    "The score is the sum of the drivers' totals (`count` x `weight`), `decay_applied` and `outside_range`; or of their contributions, which are what has not faded, and `outside_range`.",
  role: "viewer",
  request: {
    params: LeadParams,
    query: ExplainQuery,
  },
  responses: {
    200: jsonResponse("The explanation", Explanation, EXPLANATION_EXAMPLE),
  },
  errors: NOT_FOUND,
});

const history = unitRoute("/lead/{leadId}/score-history", {
  operationId: "getScoreHistory",
  method: "get",
  tags,
  summary: "A lead's score over time",
  description: `At every full hour, ascending, from the lead's first points on; at most ${HISTORY_DAYS_MAX} days.`,
  role: "viewer",
  request: {
    params: LeadParams,
    query: HistoryQuery,
  },
  responses: {
    200: jsonResponse("Snapshots", History, HISTORY_EXAMPLE),
  },
  errors: NOT_FOUND,
});

const top = unitRoute("/top-leads", {
  operationId: "listTopLeads",
  method: "get",
  tags,
  summary: "The leads with the highest scores of this moment",
  role: "viewer",
  request: { query: TopQuery },
  responses: {
    200: jsonResponse("Leads, highest score first", TopLeads, TOP_LEADS_EXAMPLE),
  },
  errors: { 503: "The ranking is catching up with faded scores: ask again" },
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
