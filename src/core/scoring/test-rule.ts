/** Tries a rule on a lead's past events: what would it add? Nothing is written. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { parseInput } from "../../validation";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { decayed, scoreAt } from "./decay";
import { halfLifeMs, typeKey } from "./rule";
import { TriedRule } from "./schemas";
import { readLeadScore, selectScores } from "./store";
import { matchEvents } from "./trial-events";
import { selectNewestOfType } from "./trial-store";

type Tried = z.output<typeof TriedRule>;
export type TrialResult = {
  matches: boolean;
  reason: string;
  current_score: number;
  projected_score: number;
  matching_events: number;
  /** only the newest events were tried */
  truncated: boolean;
};

/** Newest events that a rule is tried on. */
const EVENTS_MAX = 5_000;

/** Throws invalid_request, and not_found for an unknown lead. One D1 round trip; with filters, at most 11 more. */
export async function testRule(ctx: Ctx, leadId: string, given: z.input<typeof TriedRule>): Promise<TrialResult> {
  const rule = parseInput(TriedRule, given);
  const lead_id = parseLeadId(leadId) ?? "";
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    score: selectScores(ctx.db, [lead_id]),
    events: [selectNewestOfType(ctx.db, lead_id, typeKey(rule.event_type), EVENTS_MAX + 1)],
  });
  if (rows.lead.length === 0) throw noSuchLead();
  const [row] = rows.score;
  const now = ctx.now();
  const current_score = row ? scoreAt(readLeadScore(row).decay, now) : 0;
  const found = rows.events;
  const { tried, matching } = await matchEvents(ctx, rule, found.slice(0, EVENTS_MAX));
  const added = matching.reduce((sum, { at }) => sum + decayed(rule.weight, halfLifeMs(rule.half_life_days), now - at), 0);
  return {
    matches: matching.length > 0,
    reason: reasonOf(rule, tried, matching.length),
    current_score,
    projected_score: current_score + added,
    matching_events: matching.length,
    truncated: tried < found.length,
  };
}

function reasonOf({ event_type }: Tried, events: number, matching: number): string {
  if (events === 0) return `The lead has no event of type ${event_type}`;
  if (matching === 0) return `The lead has ${events} events of type ${event_type}; none matches the attribute filters`;
  return `${matching} of ${events} events of type ${event_type} match`;
}
