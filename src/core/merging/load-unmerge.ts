/** What an unmerge is planned from. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { AppError } from "../../errors";
import type { LeadState, RecordIds } from "../channels";
import { selectStates } from "../channels";
import {
  type Lead,
  type LeadRow,
  namedLead,
  noSuchLead,
  ownerStatements,
  publicLeadId,
  readLead,
  readOwners,
  selectLead,
  selectMergedInto,
} from "../leads";
import type { WatchRow } from "../watch-list";
import type { StoredScore } from "./load-merge";
import { stillMoving } from "./load-merge";
import { unmergeableUntil } from "./merge";
import { type JournaledConflict, type KeptMerge, LEAD_ROW, readMerge, selectJournal, selectJournalPart, selectMergeNaming } from "./store";

/** What a merge wrote down. */
export type Journal = {
  before: Lead;
  sources: Lead[];
  after: { lead: Lead; score_version: number };
  scores: ReadonlyMap<string, StoredScore>;
  states: LeadState[];
  records: RecordIds[];
  watches: WatchRow[];
  conflicts: JournaledConflict[];
};

export type LoadedUnmerge = {
  merge: KeptMerge;
  journal: Journal;
  current: Lead;
  owners: ReadonlyMap<string, string>;
  states: LeadState[];
};

/** The merge that a lead is named by: as its target, the newest one; or as one of its sources. Throws not_found, conflict. */
export async function requireUnmergeable(ctx: Ctx, leadId: string): Promise<KeptMerge> {
  const id = namedLead(leadId);
  const rows = await queryGroups(ctx.db, {
    lead: [selectLead(ctx.db, id)],
    merged: selectMergedInto(ctx.db, [id]),
    merges: [selectMergeNaming(ctx.db, id)],
  });
  if (rows.lead.length === 0 && rows.merged.length === 0) throw noSuchLead();
  const [row] = rows.merges;
  if (!row || unmergeableUntil(row) < ctx.now()) {
    throw new AppError("conflict", `${publicLeadId(id)} is part of no merge of the last 30 days`);
  }
  const merge = readMerge(row);
  if (merge.status !== "done") throw stillMoving(merge.target_id);
  return merge;
}

/** Two D1 round trips. Throws conflict for a target that was merged in turn. */
export async function loadUnmerge(ctx: Ctx, merge: KeptMerge): Promise<LoadedUnmerge> {
  const { target_id, source_ids } = merge;
  const rows = await queryGroups(ctx.db, {
    journal: [selectJournal(ctx.db, merge.merge_id)],
    lead: [selectLead(ctx.db, target_id)],
    into: selectMergedInto(ctx.db, [target_id]),
  });
  const into = rows.into[0];
  if (into) {
    const target = publicLeadId(target_id);
    throw new AppError("conflict", `${target} was merged into ${publicLeadId(into.lead_id)} since: unmerge ${target} first`);
  }
  const [row] = rows.lead;
  if (!row) throw noSuchLead();
  const journal = readJournal(merge, new Map(rows.journal.map(({ part, body }) => [part, JSON.parse(body)])));
  const around = await queryGroups(ctx.db, {
    owners: ownerStatements(
      ctx.db,
      journal.sources.flatMap(({ aliases }) => aliases),
    ),
    states: [selectStates(ctx.db, [target_id, ...source_ids])],
  });
  return { merge, journal, current: readLead(row), owners: readOwners(around.owners), states: around.states };
}

/** The scores that a merge wrote down: for further slices of an unmerge. */
export async function loadJournaledScores(ctx: Ctx, mergeId: string): Promise<ReadonlyMap<string, StoredScore>> {
  const rows = await ctx.db.all(selectJournalPart(ctx.db, mergeId, "scores"));
  const scores = JSON.parse(rows[0]?.body ?? "[]") as StoredScore[];
  return new Map(scores.map((score) => [score.lead_id, score]));
}

function readJournal({ target_id, source_ids }: KeptMerge, parts: ReadonlyMap<string, unknown>): Journal {
  const part = <Part>(name: string): Part | undefined => parts.get(name) as Part | undefined;
  const lead = (leadId: string): Lead => {
    const values = part<unknown[]>(`lead:${leadId}`) ?? [];
    return readLead(Object.fromEntries(LEAD_ROW.map((column, at) => [column, values[at]])) as LeadRow);
  };
  return {
    before: lead(target_id),
    sources: source_ids.map(lead),
    after: part<Journal["after"]>("after") as Journal["after"],
    scores: new Map((part<StoredScore[]>("scores") ?? []).map((score) => [score.lead_id, score])),
    states: part<LeadState[]>("states") ?? [],
    records: part<RecordIds[]>("records") ?? [],
    watches: part<WatchRow[]>("watches") ?? [],
    conflicts: part<JournaledConflict[]>("conflicts") ?? [],
  };
}
