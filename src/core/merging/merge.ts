/** A merge as it is kept, and the periods that hold for it. */
import { DAY_MS } from "../../time";
import type { MergeStatus } from "../../vocabulary";

export type Merge = {
  merge_id: string;
  target_id: string;
  source_ids: string[];
  status: MergeStatus;
  merged_at: number;
  merged_by: string;
  events_total: number;
  events_moved: number;
};

/** Until then its journal is kept. */
export const UNMERGE_DAYS = 30;
export const unmergeableUntil = ({ merged_at }: Pick<Merge, "merged_at">): number => merged_at + UNMERGE_DAYS * DAY_MS;

/** The type of the event that a merge puts on the target's timeline. */
export const MERGED_EVENT_TYPE = "lead_merged";

/** That event's id: the merge's own. */
export const mergedEventId = (mergeId: string): string => `evt_${mergeId}`;
