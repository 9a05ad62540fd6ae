/** A logged change as it is read. Pure. */
import type { ChangeSource } from "../../context";
import type { ChangeType } from "../../vocabulary";
import type { FeedPosition, FeedRow, HistoryRow } from "./store";

/** `source.by` is not kept: the actor is. */
type Change = { at: number; type: ChangeType; keys: string[]; source: Omit<ChangeSource, "by" | "silent"> };

export type FeedChange = Change & {
  /** `chg_<commit>_<place in it>` */
  id: string;
  lead_id: string;
};

export type LeadChangeEntry = Change & { actor: string; request_id: string };

export function readFeedChange(row: FeedRow, place: number): FeedChange {
  return { id: `chg_${row.seq}_${place}`, lead_id: row.lead_id, ...readChange(row) };
}

/** Each change of a page with its place in its commit. */
export function placed(rows: readonly FeedRow[], from: FeedPosition): { row: FeedRow; place: number }[] {
  let { seq, done: place } = from;
  return rows.map((row) => {
    if (row.seq !== seq) [seq, place] = [row.seq, 0];
    return { row, place: place++ };
  });
}

export const readEntry = (row: HistoryRow): LeadChangeEntry => ({ ...readChange(row), actor: row.actor, request_id: row.request_id });

function readChange({ at, source, kind }: FeedRow): Change {
  const [type, keys] = JSON.parse(kind) as [ChangeType, string[]];
  const { silent: _, ...shown } = JSON.parse(source) as ChangeSource;
  return { at, type, keys, source: shown };
}
