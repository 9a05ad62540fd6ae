/** What a merge is planned from. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { AppError } from "../../errors";
import { type LeadState, type RecordIds, selectRecords, selectStates } from "../channels";
import { type EventPlace, selectEventsOfLeads } from "../events";
import { type Lead, publicLeadId, readLead, selectLeadsById, selectMergedInto } from "../leads";
import { type LeadScore, type LeadScoreRow, readLeadScore, selectWholeScores } from "../scoring";
import { selectWatchesOf, type WatchRow } from "../watch-list";
import type { MergeWish } from "./schemas";
import { SLICE_EVENTS } from "./slice";
import { selectMoving } from "./store";

export const stillMoving = (leadId: string): AppError =>
  new AppError(
    "conflict",
    `The events of ${publicLeadId(leadId)} are still moving after a merge, or are being erased; try again in a moment`,
  );

/** The stored row of a score: its bound may be higher than that of the fold. */
export type StoredScore = LeadScore & { bound: number };

export const readStoredScore = ({ bound, ...row }: LeadScoreRow & { bound: number }): StoredScore => ({ ...readLeadScore(row), bound });

export type LoadedMerge = {
  target: Lead;
  sources: Lead[];
  scores: ReadonlyMap<string, StoredScore>;
  states: LeadState[];
  records: RecordIds[];
  watches: WatchRow[];
  /** of the sources; one more than fits a slice if there are more */
  events: EventPlace[];
};

/** One D1 round trip. Throws not_found (a lead that does not exist), conflict (one that is merged already). */
export async function loadMerge(ctx: Ctx, { target_id, source_ids }: MergeWish): Promise<LoadedMerge> {
  const all = [target_id, ...source_ids];
  const rows = await queryGroups(ctx.db, {
    leads: [selectLeadsById(ctx.db, all)],
    merged: selectMergedInto(ctx.db, all),
    moving: [selectMoving(ctx.db, all)],
    scores: selectWholeScores(ctx.db, all),
    states: [selectStates(ctx.db, all)],
    watches: [selectWatchesOf(ctx.db, all)],
    records: [selectRecords(ctx.db, source_ids)],
    events: [selectEventsOfLeads(ctx.db, source_ids, SLICE_EVENTS + 1)],
  });
  if (rows.moving[0]) throw stillMoving(rows.moving[0].lead_id);
  const leads = new Map(rows.leads.map((row) => [row.lead_id, readLead(row)]));
  const requireNamed = (leadId: string): Lead => {
    const lead = leads.get(leadId);
    if (lead) return lead;
    const into = rows.merged.find(({ named }) => named === leadId);
    if (into) throw new AppError("conflict", `${publicLeadId(leadId)} was merged into ${publicLeadId(into.lead_id)} already`);
    throw new AppError("not_found", `Lead not found: ${publicLeadId(leadId)}`);
  };
  return {
    target: requireNamed(target_id),
    sources: source_ids.map(requireNamed),
    scores: new Map(rows.scores.map((row) => [row.lead_id, readStoredScore(row)])),
    states: rows.states,
    records: rows.records,
    watches: rows.watches,
    events: rows.events,
  };
}

/** Throws conflict while events of the lead are still moving after a merge, or it is being erased. One D1 round trip. */
export async function requireNotMoving(ctx: Ctx, leadId: string): Promise<void> {
  const [moving] = await ctx.db.all(selectMoving(ctx.db, [leadId]));
  if (moving) throw stillMoving(leadId);
}
