/** A lead's contributions as blocks: which of them late events open, and the fold that skips the others. Pure. */
import { addBlock, addOpenBlock, type Block, compareCursors, type DecayState, type EventCursor } from "./decay";
import { BEFORE_ALL_EVENTS, EMPTY_FOLD, type Replay, replay, type Step } from "./replay";

/** The part of a ledger after one cursor, up to and including another; `until` null: the open block, to the end. */
export type LedgerRange = { after: EventCursor; until: EventCursor | null };

export type Segment = LedgerRange & {
  /** null: the open block */
  block: Block | null;
  /** folded event by event, so that its contributions have to be loaded */
  opened: boolean;
};

/**
 * The blocks in order, then the open block. Those that contain one of `changes` are opened, and all from the one with `detailsFrom` on
 * (null: no more).
 */
export function segmentsOf(blocks: readonly Block[], changes: readonly EventCursor[], detailsFrom: EventCursor | null): Segment[] {
  const inOrder = [...changes].sort(compareCursors);
  let next = 0;
  return [...blocks, null].map((block, index) => {
    const first = next;
    while (next < inOrder.length && isWithin(inOrder[next], block)) next += 1;
    const after = blocks[index - 1] ?? BEFORE_ALL_EVENTS;
    const opened = next > first || (detailsFrom !== null && isWithin(detailsFrom, block));
    return { after, until: block, block, opened };
  });
}

/** The ranges of which `replayLedger` needs the contributions; adjacent ones are joined. */
export function openedRanges(segments: readonly Segment[]): LedgerRange[] {
  const ranges: LedgerRange[] = [];
  let joins = false;
  for (const { after, until, opened } of segments) {
    const last = ranges.at(-1);
    if (opened && joins && last) last.until = until;
    else if (opened) ranges.push({ after, until });
    joins = opened;
  }
  return ranges;
}

/**
 * The fold of a whole ledger: closed blocks as sums, opened ones step by step; returns the blocks that have changed. `steps` are all events of the opened segments, in order;
 * `stored` is the fold before the change, whose open block stands for the last segment unless that is opened.
 */
export function replayLedger(segments: readonly Segment[], steps: readonly Step[], stored: { decay: DecayState } & EventCursor): Replay {
  const ledger: Replay = { ...EMPTY_FOLD, scores: new Map(), blocks: [] };
  let next = 0;
  for (const { block, opened } of segments) {
    if (!opened) {
      ledger.decay = block ? addBlock(ledger.decay, block) : addOpenBlock(ledger.decay, stored.decay);
      ledger.end = block ?? stored;
      continue;
    }
    const first = next;
    while (next < steps.length && isWithin(steps[next], block)) next += 1;
    const { decay, end, scores, blocks } = replay(ledger, steps.slice(first, next));
    for (const [event_id, score] of scores) ledger.scores.set(event_id, score);
    ledger.blocks.push(...blocks.filter((closed) => !isSame(closed, block)));
    Object.assign(ledger, { decay, end });
  }
  return { ...ledger, end: { at: ledger.end.at, event_id: ledger.end.event_id } };
}

/** Whether a cursor lies before the end of a block (of the open one: always). */
const isWithin = (cursor: EventCursor | undefined, block: Block | null): boolean =>
  cursor !== undefined && (block === null || compareCursors(cursor, block) <= 0);

/** A block that is as stored need not be written. */
const isSame = (closed: Block, stored: Block | null): boolean =>
  stored !== null && compareCursors(closed, stored) === 0 && JSON.stringify(closed.terms) === JSON.stringify(stored.terms);
