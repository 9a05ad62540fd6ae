/** A merge as this dialect shows it. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type Merge, unmergeableUntil } from "../../core/merging";
import { isoTime } from "../../time";
import { MERGE_STATUSES } from "../../vocabulary";
import { remembering } from "../idempotency";
import type { HttpEnv } from "../router";
import { wireLeadId } from "./adapter";
import { Timestamp } from "./schemas";

export const TARGET = "ld_0193f3a2c7b07aa18000c0ffee123456";
export const SOURCE = "ld_0193f3a2c7b07aa18000c0ffee654321";

export const MergeView = z
  .object({
    merge_id: z.string(),
    status: z.enum(MERGE_STATUSES),
    target_lead_id: z.string(),
    source_lead_ids: z.array(z.string()),
    events_total: z.number().int(),
    events_moved: z.number().int(),
    merged_at: Timestamp,
    unmerge_until: Timestamp,
  })
  .openapi("Merge");

export const MERGE_EXAMPLE = {
  merge_id: "mrg_0193f3a2c7b07aa18000c0ffee123456",
  status: "done" as const,
  target_lead_id: TARGET,
  source_lead_ids: [SOURCE],
  events_total: 3,
  events_moved: 3,
  merged_at: "2026-01-15T10:00:00.000Z",
  unmerge_until: "2026-02-14T10:00:00.000Z",
};

export const mergeView = (merge: Merge) => ({
  merge_id: merge.merge_id,
  status: merge.status,
  target_lead_id: wireLeadId(merge.target_id),
  source_lead_ids: merge.source_ids.map(wireLeadId),
  events_total: merge.events_total,
  events_moved: merge.events_moved,
  merged_at: isoTime(merge.merged_at),
  unmerge_until: isoTime(unmergeableUntil(merge)),
});

/** 202 while events are still moving, else 200. */
export const mergeStatus = ({ status }: Pick<Merge, "status">): 200 | 202 => (status === "done" || status === "undone" ? 200 : 202);

/** As `remembering`, with the status that the result has. */
export function rememberingMerge<Result extends Merge>(c: Context<HttpEnv>, view: (result: Result) => object) {
  const [done, running] = [remembering(c, 200, view), remembering(c, 202, view)];
  return (result: Result) => (mergeStatus(result) === 200 ? done : running)(result);
}
