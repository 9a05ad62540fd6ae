import type { Ctx, Statement, UnitDb } from "../../context";
import { CommitConflict } from "../../db/commit";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { erasesOf as erasesOfChannels } from "../channels";
import { erasesOf as erasesOfEvents } from "../events";
import { absence, deleteLeadRow, erasesOf as erasesOfLeads, LeadId, leadExists, selectLeadExists } from "../leads";
import { erasesOf as erasesOfMemberships } from "../memberships";
import { erasesOf as erasesOfMerging, stillMoving } from "../merging";
import { erasesOf as erasesOfScoring } from "../scoring";
import { erasesOf as erasesOfTriggers } from "../triggers";
import { erasesOf as erasesOfUndo } from "../undo";
import { erasesOf as erasesOfWatchList } from "../watch-list";

/** What each part keeps of a lead. A part that begins to keep rows of leads exports its list and joins here. */
export const PARTS: readonly ((db: UnitDb, leadId: string) => Statement<never>[])[] = [
  erasesOfEvents,
  erasesOfScoring,
  erasesOfTriggers,
  erasesOfChannels,
  erasesOfUndo,
  erasesOfWatchList,
  erasesOfMemberships,
  erasesOfMerging,
  erasesOfLeads,
];

/**
 * Deletes a lead and everything that every part keeps of it, for good. One D1 round trip; of two calls at once, one deletes and the other
 * finds nothing. Throws forbidden, invalid_request, not_found, LeadMerged, conflict (its events are still moving after a merge).
 */
export async function deleteLead(ctx: Ctx, leadId: string): Promise<void> {
  requireRole(ctx, "editor");
  const id = parseInput(LeadId, leadId);
  await ctx.db.batch(deletionOf(ctx, id)).catch(async (error: unknown) => {
    if (!(error instanceof CommitConflict)) throw error;
    const [found] = await ctx.db.all(selectLeadExists(ctx.db, id));
    throw found ? stillMoving(id) : await absence(ctx, id);
  });
}

/**
 * The statements that delete a lead with everything stored about it. They roll their batch back (CommitConflict on `commit_guards`) when there
 * is no such lead, since a merged one keeps its journal, or when its events are still moving. `journalled`: it may come back, so what journals
 * say of it stays.
 */
export const deletionOf = (ctx: Ctx, leadId: string, { journalled = false } = {}): Statement[] => [
  leadExists(ctx.db, leadId),
  ...PARTS.filter((erasesOf) => !(journalled && erasesOf === erasesOfUndo)).flatMap((erasesOf) => erasesOf(ctx.db, leadId)),
  ...deleteLeadRow(ctx, leadId, ctx.now()),
];
