/** Leads that a caller watches: its own list, with predictions. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { actorId, requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { LeadId, noSuchLead, selectLeadExists } from "../leads";
import { currentScore, type LeadScoreRow, type ScoreView, selectLevels, selectScores } from "../scoring";
import { WatchInput } from "./schemas";
import { deleteWatch, insertWatch, selectWatch, selectWatched, selectWatchedCount, WATCHED_SHOWN_MAX, type Watch } from "./store";

/**
 * Puts a lead on the caller's list; one that is there already keeps its entry, with the new prediction if one is given. Two D1 round trips.
 * Throws forbidden, invalid_request, not_found, conflict (1,000 leads are watched).
 */
export async function watchLead(
  ctx: Ctx,
  leadId: string,
  given: z.input<typeof WatchInput>,
  remember: Remember<Watch> = () => [],
): Promise<{ watch: Watch; added: boolean }> {
  requireRole(ctx, "editor");
  const lead_id = parseInput(LeadId, leadId);
  const { prediction, prediction_notes } = parseInput(WatchInput, given);
  const watcher = actorId(ctx.actor);
  const now = ctx.now();
  const { lead, known, watched, scores, levels } = await queryGroups(ctx.db, {
    lead: [selectLeadExists(ctx.db, lead_id)],
    known: [selectWatch(ctx.db, watcher, lead_id)],
    watched: [selectWatchedCount(ctx.db, watcher)],
    scores: selectScores(ctx.db, [lead_id]),
    levels: [selectLevels(ctx.db)],
  });
  if (lead.length === 0) throw noSuchLead();
  const before = known[0];
  if (!before && (watched[0]?.watched ?? 0) >= WATCHED_SHOWN_MAX)
    throw new AppError("conflict", `At most ${WATCHED_SHOWN_MAX} leads are watched`);
  const watch: Watch = {
    ...(before ?? { watch_id: newId("wat", now), lead_id, score: currentScore(scores[0], levels, now).score, watched_at: now }),
    prediction: prediction === undefined ? (before?.prediction ?? null) : prediction,
    prediction_notes: prediction_notes === undefined ? (before?.prediction_notes ?? null) : prediction_notes,
  };
  await ctx.db.batch([insertWatch(ctx.db, watcher, watch), ...remember(watch)]);
  return { watch, added: before === undefined };
}

/** One D1 round trip. Throws forbidden, invalid_request, not_found where the caller does not watch the lead. */
export async function unwatchLead(ctx: Ctx, leadId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [gone] = await ctx.db.batch([deleteWatch(ctx.db, actorId(ctx.actor), parseInput(LeadId, leadId))]);
  if (gone.length === 0) throw new AppError("not_found", "The lead is not on the watch list");
}

export type WatchedLead = { watch: Watch; score: ScoreView };

/** The leads that the caller watches, the latest first, with their scores at this moment. One D1 round trip. */
export async function listWatchedLeads(ctx: Ctx): Promise<WatchedLead[]> {
  const [rows, levels] = await ctx.db.batch([selectWatched(ctx.db, actorId(ctx.actor)), selectLevels(ctx.db)]);
  return rows.map((row) => ({
    watch: row,
    score: currentScore(row.groups === null ? undefined : (row as unknown as LeadScoreRow), levels, ctx.now()),
  }));
}
