/** A ledger that gains contributions of other leads' events, or loses those of events that leave. */
import type { Ctx } from "../../context";
import { type Block, type Contribution, compareContributions, type DecayState, type EventCursor } from "./decay";
import { openedRanges, replayLedger, type Segment, segmentsOf } from "./ledger";
import { readBlock, selectBlocksUntil } from "./ledger-store";
import { loadRanges } from "./read-ledger";
import { BEFORE_ALL_EVENTS, stepsOf } from "./replay";
import type { LeadScore } from "./store";

export type LedgerChange = { added: readonly Contribution[]; removed: readonly EventCursor[] };

export type ChangedLedger = {
  decay: DecayState;
  /** cursor of the last contribution */
  end: EventCursor;
  /** closed by the change, or changed by it */
  blocks: Block[];
  /** blocks that no longer exist, since the event that ended them has left */
  dropped: EventCursor[];
};

/**
 * The fold of a lead's contributions with some more, and without those of some events. It is the fold of what the lead then has, to the last
 * bit. One D1 round trip for the blocks, one for each 20,000 contributions of the blocks that change. `stored` is null for a lead without a score.
 */
export async function changeLedger(
  ctx: Ctx,
  leadId: string,
  stored: LeadScore | null,
  { added, removed }: LedgerChange,
): Promise<ChangedLedger> {
  const blocks = stored ? (await ctx.db.all(selectBlocksUntil(ctx.db, leadId, Number.MAX_SAFE_INTEGER))).map(readBlock) : [];
  const gone = new Set(removed.map(({ event_id }) => event_id));
  const segments = openedAfterGone(segmentsOf(blocks, [...added, ...removed], null), gone);
  const ranges = stored ? openedRanges(segments).map((range) => ({ lead_id: leadId, ...range })) : [];
  const known = ranges.length > 0 ? ((await loadRanges(ctx, ranges)).get(leadId) ?? []) : [];
  const left = [...known.filter(({ event_id }) => !gone.has(event_id)), ...added].sort(compareContributions);
  const fold = replayLedger(segments, stepsOf(left), stored ?? { decay: [], ...BEFORE_ALL_EVENTS });
  return {
    decay: fold.decay,
    end: fold.end,
    blocks: fold.blocks,
    dropped: blocks.filter(({ event_id }) => gone.has(event_id)).map(({ at, event_id }) => ({ at, event_id })),
  };
}

/** A block whose last event is gone runs on into the next one, which is therefore opened, too. */
function openedAfterGone(segments: readonly Segment[], gone: ReadonlySet<string>): Segment[] {
  return segments.map((segment, index) => {
    const before = segments[index - 1]?.block;
    return before && gone.has(before.event_id) ? { ...segment, opened: true } : segment;
  });
}
