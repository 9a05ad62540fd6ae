/** Tries a rule on a lead's past events: what would it add? Nothing is written. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { decayed, scoreAt } from "./decay";
import { type AttributeFilter, type Metadata, matchesFilters } from "./filters";
import { halfLifeMs, typeKey } from "./rule";
import { type LeadScoreRow, readLeadScore, selectEventsOfType, selectScores } from "./store";

export type TriedRule = { event_type: string; weight: number; half_life_days: number | null; attribute_filters: AttributeFilter[] };
export type TrialResult = { matches: boolean; reason: string; current_score: number; projected_score: number; matching_events: number };

/** One round trip. Throws not_found for an unknown lead. */
export async function testRule(ctx: Ctx, leadId: string, rule: TriedRule): Promise<TrialResult> {
  const lead_id = parseLeadId(leadId) ?? "";
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    score: selectScores(ctx.db, [lead_id]),
    events: [selectEventsOfType(ctx.db, lead_id, typeKey(rule.event_type))],
  });
  if (rows.lead.length === 0) throw noSuchLead();
  const [row] = rows.score as LeadScoreRow[];
  const now = ctx.now();
  const current_score = row ? scoreAt(readLeadScore(row).decay, now) : 0;
  const events = rows.events as { at: number; metadata: string | null }[];
  const matching = events.filter(({ metadata }) => matchesFilters(rule.attribute_filters, JSON.parse(metadata ?? "{}") as Metadata));
  const added = matching.reduce((sum, { at }) => sum + decayed(rule.weight, halfLifeMs(rule.half_life_days), now - at), 0);
  return {
    matches: matching.length > 0,
    reason: reasonOf(rule, events.length, matching.length),
    current_score,
    projected_score: current_score + added,
    matching_events: matching.length,
  };
}

function reasonOf({ event_type }: TriedRule, events: number, matching: number): string {
  if (events === 0) return `The lead has no event of type ${event_type}`;
  if (matching === 0) return `The lead has ${events} events of type ${event_type}; none matches the attribute filters`;
  return `${matching} of ${events} events of type ${event_type} match`;
}
