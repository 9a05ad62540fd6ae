/** A score over time, computed from the contributions: no snapshots are stored. */

import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { HOUR_MS } from "../../time";
import { noSuchLead, parseLeadId, selectLeadExists } from "../leads";
import { addContribution, type Contribution, type DecayState, scoreAt } from "./decay";
import { selectContributionsUntil } from "./store";

export const HISTORY_DAYS_MAX = 90;

export type Snapshot = { at: number; score: number };
export type ScoreHistory = { lead_id: string; snapshots: Snapshot[] };

/** The score at every full hour from `start` to `end` (ms), starting with the lead's first points. Throws not_found. One D1 round trip. */
export async function scoreHistory(ctx: Ctx, leadId: string, start: number, end: number, rulesetId?: string): Promise<ScoreHistory> {
  const lead_id = parseLeadId(leadId) ?? "";
  const rows = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    contributions: [selectContributionsUntil(ctx.db, lead_id, end)],
  });
  if (rows.lead.length === 0) throw noSuchLead();
  return { lead_id, snapshots: hourlyScores(rows.contributions as Contribution[], start, end, rulesetId) };
}

/** Pure. `contributions` are in their order. */
export function hourlyScores(contributions: readonly Contribution[], start: number, end: number, rulesetId?: string): Snapshot[] {
  const first = contributions[0];
  if (!first) return [];
  const snapshots: Snapshot[] = [];
  let decay: DecayState = [];
  let next = 0;
  for (let at = Math.ceil(Math.max(start, first.at) / HOUR_MS) * HOUR_MS; at <= end; at += HOUR_MS) {
    for (let contribution = contributions[next]; contribution && contribution.at <= at; contribution = contributions[next]) {
      decay = addContribution(decay, contribution);
      next += 1;
    }
    snapshots.push({ at, score: scoreAt(decay, at, rulesetId) });
  }
  return snapshots;
}
