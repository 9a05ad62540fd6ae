import type { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { type Account, selectAccounts } from "../accounts";
import { requireRole } from "../auth";
import { scoreAt } from "../scoring";
import { loadMerge } from "./load-merge";
import { accountsOf } from "./plan-merge";
import { MergeInput } from "./schemas";

export type MergePreview = {
  target_id: string;
  source_ids: string[];
  target_events: number;
  /** of the sources: what would move */
  events: number;
  aliases: number;
  target_score: number;
  source_scores: Map<string, number>;
  /** those that the leads are linked to; with several, the merge needs a choice */
  accounts: Account[];
};

/** What a merge would move; it changes nothing. Two D1 round trips, one without accounts. Throws invalid_request, not_found, conflict (a lead merged already). */
export async function previewMerge(ctx: Ctx, given: z.input<typeof MergeInput>): Promise<MergePreview> {
  requireRole(ctx, "viewer");
  const wish = parseInput(MergeInput, given);
  const { target, sources, scores } = await loadMerge(ctx, wish);
  const now = ctx.now();
  const accountIds = accountsOf([target, ...sources]);
  const score = (leadId: string): number => scoreAt(scores.get(leadId)?.decay ?? [], now);
  return {
    target_id: wish.target_id,
    source_ids: wish.source_ids,
    target_events: scores.get(wish.target_id)?.event_count ?? 0,
    events: wish.source_ids.reduce((sum, id) => sum + (scores.get(id)?.event_count ?? 0), 0),
    aliases: sources.reduce((sum, { aliases }) => sum + aliases.length, 0),
    target_score: score(wish.target_id),
    source_scores: new Map(wish.source_ids.map((id) => [id, score(id)])),
    accounts: accountIds.length === 0 ? [] : await ctx.db.all(selectAccounts(ctx.db, accountIds)),
  };
}
