/** A slice of events that moves to another lead, with what it does to that lead's score. */
import type { Ctx, Statement } from "../../context";
import { type EventPlace, moveEvents } from "../events";
import {
  boundAt,
  type ChangedLedger,
  type Contribution,
  changeLedger,
  dropBlocks,
  type EventCursor,
  type LeadScore,
  ledgerWrites,
  moveContributions,
  selectContributionsOf,
  type WrittenScore,
} from "../scoring";

/** Each costs about six written rows. */
export const SLICE_EVENTS = 500;
/** About 4 MB. An event has at most 500. */
const SLICE_CONTRIBUTIONS = 20_000;

/** `events` are of leads other than the one that gets them. */
export type Slice = { events: EventPlace[]; contributions: Contribution[] };

/** An event counts from its own time, or from when it was received if that is earlier. */
export const cursorOf = ({ occurred_at, received_at, event_id }: EventPlace): EventCursor => ({
  at: Math.min(occurred_at, received_at),
  event_id,
});

const byLead = (events: readonly EventPlace[]) => [...Map.groupBy(events, ({ lead_id }) => lead_id)];

/**
 * The first of these events, as many as one batch may move: at most 500, and at most 20,000 contributions. One D1 round trip; one more each
 * time that they have too many contributions. None without events.
 */
export async function loadSlice(ctx: Ctx, events: readonly EventPlace[]): Promise<Slice> {
  for (let taken = events.slice(0, SLICE_EVENTS); ; taken = taken.slice(0, Math.ceil(taken.length / 2))) {
    if (taken.length === 0) return { events: [], contributions: [] };
    const statements = byLead(taken).flatMap(([lead_id, own]) =>
      selectContributionsOf(ctx.db, lead_id, own.map(cursorOf), SLICE_CONTRIBUTIONS + 1),
    );
    const contributions = (await ctx.db.batch(statements)).flat();
    if (contributions.length <= SLICE_CONTRIBUTIONS || taken.length === 1) return { events: taken, contributions };
  }
}

/** The writes that move a slice to a lead. */
export const sliceWrites = ({ db }: Ctx, to: string, { events }: Slice): Statement<never>[] =>
  byLead(events).flatMap(([from, own]) => [...moveEvents(db, from, to, own), ...moveContributions(db, from, to, own.map(cursorOf))]);

export type Fold = { score: WrittenScore; ledger: ChangedLedger };

/** A lead's score with a slice. At most two D1 round trips. */
export async function foldWith(ctx: Ctx, lead_id: string, stored: LeadScore | null, slice: Slice, version: number): Promise<Fold> {
  const ledger = await changeLedger(ctx, lead_id, stored, { added: slice.contributions, removed: [] });
  const score = {
    lead_id,
    decay: ledger.decay,
    at: ledger.end.at,
    event_id: ledger.end.event_id,
    last_event_at: Math.max(stored?.last_event_at ?? 0, ...slice.events.map(({ occurred_at }) => occurred_at)),
    event_count: (stored?.event_count ?? 0) + slice.events.length,
    version,
    bound: boundAt(ledger.decay, ledger.end.at),
  };
  return { score, ledger };
}

/** The blocks of a changed ledger; its score is written apart. */
export const blockWrites = ({ db }: Ctx, leadId: string, { blocks, dropped }: ChangedLedger): Statement<never>[] => [
  ...dropBlocks(db, leadId, dropped),
  ...ledgerWrites(
    db,
    [],
    blocks.map((block) => ({ ...block, lead_id: leadId })),
  ),
];
