/** Takes a merge back: load, plan, commit. */
import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import { requireRole } from "../auth";
import { type LogCtx, type LoggedChange, logChanges } from "../changes";
import { mergedState, replaceStates, retractState, returnRecords, statesApart } from "../channels";
import type { Remember } from "../idempotency";
import { adjustLeadCount, changedKeys, leadIsAsLoaded, moveAliases, updateLeadRow } from "../leads";
import { silenceQueue } from "../segments";
import { returnWatches } from "../watch-list";
import { type LoadedUnmerge, loadUnmerge, requireUnmergeable } from "./load-unmerge";
import type { Merge } from "./merge";
import { isUntouched, type Kept, type ReturnedAliases, returnedAliases, targetBack } from "./plan-unmerge";
import { planReturn } from "./return-slice";
import {
  deleteJournal,
  deleteLeadRows,
  deleteMergedLeads,
  logUnmerged,
  mergeIsAsLoaded,
  notMoving,
  reopenConflicts,
  restoreLead,
} from "./store";

export type UnmergeResult = Merge & {
  /** what came after the merge, or cannot return: at most 1,000 of them */
  kept: Kept[];
  truncated: boolean;
};

const KEPT_SHOWN_MAX = 1_000;

/**
 * Takes back the merge that a lead is named by: of a target its newest one, of a merged lead the one in which it was a source. The leads are what they
 * were, byte for byte where nothing came after the merge. What came after it stays with the lead whose alias it named, else with the
 * target, and is listed. More than 500 events return slice by slice afterwards. About nine D1 round trips.
 * Throws forbidden, not_found, conflict (no merge of the last 30 days, the target merged in turn, events still moving), unavailable.
 */
export async function unmergeLeads(ctx: Ctx, leadId: string, remember: Remember<UnmergeResult> = () => []): Promise<UnmergeResult> {
  requireRole(ctx, "editor");
  const result = await untilCommitted(async () => {
    const loaded = await loadUnmerge(ctx, await requireUnmergeable(ctx, leadId));
    const { merge, journal } = loaded;
    const back = leadsBack(ctx, loaded);
    const events = await planReturn(ctx, merge, journal.scores);
    const kept = [...back.kept, ...events.later.map((event): Kept => ({ kind: "event", ...event }))];
    const { position: _, ...shown } = events.merge;
    const result = { ...shown, kept: kept.slice(0, KEPT_SHOWN_MAX), truncated: kept.length > KEPT_SHOWN_MAX };
    const all = [merge.target_id, ...merge.source_ids];
    await ctx.db.batch([
      mergeIsAsLoaded(ctx.db, merge),
      notMoving(ctx.db, all),
      ...back.statements,
      ...events.statements,
      ...(events.merge.status === "undone" ? [deleteJournal(ctx.db, merge.merge_id)] : []),
      // leads that come back have not entered a segment
      silenceQueue(ctx.db, all).after,
      ...remember(result),
    ]);
    if (!journal.states.some(({ lead_id }) => lead_id === merge.target_id) && journal.states.length > 0) {
      await retractState(ctx, merge.target_id);
    }
    return result;
  });
  if (result.status === "undoing") await ctx.outbox.importJob({ unit: ctx.unit.unit, job_id: result.merge_id });
  return result;
}

/** The writes that bring the leads back, without their events. */
function leadsBack(ctx: Ctx, { merge, journal, current, owners, states }: LoadedUnmerge): { statements: Statement<never>[]; kept: Kept[] } {
  const { db, now } = ctx;
  const { merge_id, target_id, source_ids } = merge;
  const unmerging: LogCtx = { ...ctx, source: { ...ctx.source, dialect: "merge" } };
  const unmerged = (keys: string[]): LoggedChange[] => [{ lead_id: target_id, type: "unmerged", keys }];
  const sources = journal.sources.map((source) => ({ source, ...returnedAliases(source, target_id, owners) }));
  const isSame = isUntouched(current, journal.after.lead) && sources.every(({ kept }) => kept.length === 0);
  const target = isSame
    ? {
        statements: [
          ...logChanges(unmerging, unmerged(changedKeys(current, journal.before)), now()),
          deleteLeadRows(db, [target_id]),
          restoreLead(db, merge_id, target_id),
        ],
        kept: [],
      }
    : changedTarget();
  function changedTarget() {
    const returned = sources.flatMap(({ returned }) => returned);
    const { lead, kept } = targetBack({ before: journal.before, after: journal.after.lead, current }, returned, now());
    return { statements: updateLeadRow(unmerging, current, lead, unmerged), kept };
  }
  const merged = journal.states.length > 0 ? mergedState(target_id, journal.states) : null;
  const apart = statesApart(
    target_id,
    journal.states,
    merged,
    states.find(({ lead_id }) => lead_id === target_id),
  );
  return {
    kept: [...sources.flatMap(({ kept }) => kept), ...target.kept],
    statements: [
      leadIsAsLoaded(db, current),
      ...target.statements,
      ...sources.flatMap((source) => sourceBack(source)),
      ...logUnmerged(unmerging, merge, now()),
      deleteMergedLeads(db, source_ids),
      ...reopenConflicts(db, merge, journal.conflicts),
      ...(journal.states.length > 0 ? replaceStates(db, [target_id, ...source_ids], apart) : []),
      ...returnRecords(db, target_id, journal.records),
      ...returnWatches(db, target_id, journal.watches),
    ],
  };

  function sourceBack({ source, returned, kept }: ReturnedAliases & { source: (typeof journal.sources)[number] }): Statement<never>[] {
    const changed = { ...source, aliases: returned, version: source.version + 1, updated_at: Math.max(now(), source.updated_at + 1) };
    return [
      restoreLead(db, merge_id, source.lead_id),
      ...(kept.length > 0 ? updateLeadRow(unmerging, source, changed, () => []) : []),
      adjustLeadCount(db, source.status, 1),
      ...moveAliases(db, target_id, source.lead_id, returned),
    ];
  }
}
