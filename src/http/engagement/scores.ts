/** Scores (contract: score-leadID, score-explain, score-history, top-leads). Rounded to two decimals on the wire only. */

import type { Ctx } from "../../context";
import { type ProfileScore, requireProfileScore } from "../../core/profile-scoring";
import { type Score as CoreScore, explainScore, HISTORY_DAYS_MAX, requireScore, scoreHistory, topLeads } from "../../core/scoring";
import { isoTime, isoTimeOrNull } from "../../time";
import { pathLead } from "../middleware/merged-lead";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { rounded, wireLeadId } from "./adapter";
import { levelView, profileScoresView } from "./lead-views";
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
    summary: "Get a lead's score",
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
  summary: "Explain a lead's score",
  description:
    "The score is the sum of the drivers' totals (`count` x `weight`), `decay_applied` and `outside_range`. It is also the sum of their contributions (the totals after decay) and `outside_range`.",
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
  summary: "Get a lead's score over time",
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
  summary: "List the leads with the highest current scores",
  role: "viewer",
  request: { query: TopQuery },
  responses: {
    200: jsonResponse("Leads, highest score first", TopLeads, TOP_LEADS_EXAMPLE),
  },
  errors: { 503: "The ranking is catching up with decayed scores: try again" },
});

export const scores = createRouter()
  .openapi(getScore, async (c) => c.json(await bothScores(c.get("ctx"), pathLead(c), c.req.valid("query").at), 200))
  .openapi(getScoreOfLead, async (c) => c.json(await bothScores(c.get("ctx"), pathLead(c), c.req.valid("query").at), 200))
  .openapi(explain, async (c) => {
    const query = c.req.valid("query");
    const found = await explainScore(c.get("ctx"), pathLead(c), query);
    const left = found.drivers.reduce((sum, { cents }) => sum + cents, 0);
    const total = found.drivers.reduce((sum, driver) => sum + driver.total, 0);
    return c.json(
      {
        lead_id: wireLeadId(found.lead_id),
        score: found.score / 100,
        at: isoTime(found.at),
        range_hours: query.hours ?? null,
        top_drivers: found.drivers.map(({ cents, filter_label, ...driver }) => ({
          ...driver,
          contribution: cents / 100,
          ...(filter_label === null ? {} : { filter_label }),
        })),
        decay_applied: (left - total * 100) / 100,
        outside_range: found.outside_range / 100,
        snapshot: found.snapshot,
        inorganic_count: found.inorganic_count,
        score_reset_at: null,
        reset_excluded_count: 0,
      },
      200,
    );
  })
  .openapi(history, async (c) => {
    const query = c.req.valid("query");
    const { lead_id, snapshots, period } = await scoreHistory(c.get("ctx"), pathLead(c), query);
    return c.json(
      {
        lead_id: wireLeadId(lead_id),
        snapshots: snapshots.map(({ at, score }) => ({
          snapshot_at: isoTime(at),
          score: rounded(score),
          ruleset_id: query.ruleset_id ?? null,
        })),
        count: snapshots.length,
        period: { start: isoTime(period.start), end: isoTime(period.end) },
      },
      200,
    );
  })
  .openapi(top, async (c) => {
    const leads = await topLeads(c.get("ctx"), c.req.valid("query"));
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

/** The profile's is that of now: profiles have no past. */
async function bothScores(ctx: Ctx, leadId: string, at: number | undefined) {
  const [engagement, profile] = await Promise.all([requireScore(ctx, leadId, at), requireProfileScore(ctx, leadId)]);
  return scoreView(engagement, profile);
}

const scoreView = ({ lead_id, score, by_ruleset, primary_ruleset, level, last_event_at, at }: CoreScore, profile: ProfileScore) => ({
  lead_id: wireLeadId(lead_id),
  score: rounded(score),
  ruleset_id: primary_ruleset,
  engagement_scores: Object.fromEntries([...by_ruleset].map(([id, value]) => [id, rounded(value)])),
  profile_scores: profileScoresView(profile),
  level: levelView(level),
  last_event_at: isoTimeOrNull(last_event_at),
  at: isoTime(at),
});
