/** Reads a lead's contributions page by page, so that memory does not grow with them. */
import type { Ctx } from "../../context";
import { addBlock, type Contribution, compareCursors, type DecayState, type EventCursor } from "./decay";
import type { LedgerRange } from "./ledger";
import { type BlockRow, type LeadRange, readBlock, selectBlocksUntil, selectContributionPage, selectRanges } from "./ledger-store";
import { BEFORE_ALL_EVENTS, type Fold, replay, stepsOf } from "./replay";

/** About 1 MB of rows. An event has at most 500 contributions (one per rule), so a page always holds a whole one. */
const PAGE_ROWS = 5_000;
/** About 4 MB. */
const RANGE_ROWS = 20_000;

/** The fold of everything up to a time. One D1 round trip for the blocks, one for each 5,000 contributions after the last of them. */
export async function foldUntil(ctx: Ctx, leadId: string, until: number): Promise<Fold> {
  const blocks = (await ctx.db.all<BlockRow>(selectBlocksUntil(ctx.db, leadId, until))).map(readBlock);
  const last = blocks.at(-1);
  const end = last ? { at: last.at, event_id: last.event_id } : BEFORE_ALL_EVENTS;
  let fold: Fold = { decay: blocks.reduce<DecayState>(addBlock, []), end };
  for await (const page of contributionPages(ctx, leadId, end, until)) fold = replay(fold, stepsOf(page));
  return { decay: fold.decay, end: fold.end };
}

/** The contributions after a cursor, up to a time, in fold order. No event is divided between two pages. One D1 round trip a page. */
export async function* contributionPages(ctx: Ctx, leadId: string, after: EventCursor, until: number): AsyncGenerator<Contribution[]> {
  for (let from = after; ; ) {
    const rows = await ctx.db.all<Contribution>(selectContributionPage(ctx.db, leadId, from, until, PAGE_ROWS));
    const page = rows.length < PAGE_ROWS ? rows : withoutLastEvent(rows);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (rows.length < PAGE_ROWS || !last) return;
    from = { at: last.at, event_id: last.event_id };
  }
}

/**
 * The contributions of ranges, by lead, in fold order; null when they are more than `max`. One D1 round trip for each 20,000 of them; none
 * without ranges.
 */
export async function loadRangesUpTo(ctx: Ctx, ranges: readonly LeadRange[], max: number): Promise<Map<string, Contribution[]> | null> {
  const found = new Map<string, Contribution[]>();
  let loaded = 0;
  for (let left = [...ranges]; left.length > 0; ) {
    const rows = await ctx.db.all<Contribution & { range: number }>(selectRanges(ctx.db, left, RANGE_ROWS));
    const page = rows.length < RANGE_ROWS ? rows : withoutLastEvent(rows);
    loaded += page.length;
    if (loaded > max) return null;
    for (const { range, ...contribution } of page) {
      const { lead_id = "" } = left[range] ?? {};
      const known = found.get(lead_id);
      if (known) known.push(contribution);
      else found.set(lead_id, [contribution]);
    }
    const last = page.at(-1);
    if (rows.length < RANGE_ROWS || !last) break;
    left = left.slice(last.range).map((range, index): LeadRange => (index === 0 ? { ...range, after: cursorOf(last) } : range));
  }
  return found;
}

/** All of them. */
export const loadRanges = async (ctx: Ctx, ranges: readonly LeadRange[]): Promise<Map<string, Contribution[]>> =>
  (await loadRangesUpTo(ctx, ranges, Number.POSITIVE_INFINITY)) ?? new Map();

const cursorOf = ({ at, event_id }: EventCursor): LedgerRange["after"] => ({ at, event_id });

/** The last event of a full page may go on in the next one. */
function withoutLastEvent<Row extends Contribution>(rows: readonly Row[]): Row[] {
  const last = rows.at(-1);
  return last ? rows.slice(0, rows.findLastIndex((row) => compareCursors(row, last) !== 0) + 1) : [];
}
