/** Tries a rule on a lead's past events: what would it add? Nothing is written. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { parseInput } from "../../validation";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { decayed, scoreAt } from "./decay";
import { matchesFilters } from "./filters";
import { halfLifeMs, typeKey } from "./rule";
import { TriedRule } from "./schemas";
import { readLeadScore, selectScores } from "./store";
import { type EventKey, selectMetadata, selectNewestOfType } from "./trial-store";

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
/** Metadata: in all, about 100 ms of parsing; at a time, what is in memory at once. */
const METADATA_BYTES_MAX = 10_000_000;
const METADATA_BYTES_PER_READ = 1_000_000;

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
  const pages = rule.attribute_filters.length === 0 ? [found.slice(0, EVENTS_MAX)] : pagesOf(found.slice(0, EVENTS_MAX));
  const tried = pages.flat().length;
  let [matching, added] = [0, 0];
  for (const page of pages) {
    for (const at of await matchingTimes(ctx, lead_id, page, rule)) {
      matching += 1;
      added += decayed(rule.weight, halfLifeMs(rule.half_life_days), now - at);
    }
  }
  return {
    matches: matching > 0,
    reason: reasonOf(rule, tried, matching),
    current_score,
    projected_score: current_score + added,
    matching_events: matching,
    truncated: tried < found.length,
  };
}

async function matchingTimes(ctx: Ctx, leadId: string, page: readonly EventKey[], rule: Tried): Promise<number[]> {
  if (rule.attribute_filters.length === 0) return page.map(({ at }) => at);
  const rows = await ctx.db.all(selectMetadata(ctx.db, leadId, page));
  return rows.filter(({ metadata }) => matchesFilters(rule.attribute_filters, JSON.parse(metadata ?? "{}"))).map(({ at }) => at);
}

/** The newest events whose metadata is not too much in all, in pages of bounded size. */
function pagesOf(events: readonly EventKey[]): EventKey[][] {
  const pages: EventKey[][] = [];
  let [total, inPage] = [0, METADATA_BYTES_PER_READ];
  for (const event of events) {
    total += event.bytes;
    inPage += event.bytes;
    if (total > METADATA_BYTES_MAX) break;
    if (inPage > METADATA_BYTES_PER_READ || pages.length === 0) {
      pages.push([]);
      inPage = event.bytes;
    }
    pages.at(-1)?.push(event);
  }
  return pages;
}

function reasonOf({ event_type }: Tried, events: number, matching: number): string {
  if (events === 0) return `The lead has no event of type ${event_type}`;
  if (matching === 0) return `The lead has ${events} events of type ${event_type}; none matches the attribute filters`;
  return `${matching} of ${events} events of type ${event_type} match`;
}
