/** A lead's past events with the score before and after each, read in pages and within a budget of rows. */
import type { Ctx } from "../../context";
import {
  BEFORE_ALL_EVENTS,
  type Contribution,
  compareCursors,
  contributionPages,
  EMPTY_FOLD,
  type Fold,
  foldUntil,
  replay,
  selectRanges,
  stepsOf,
  stepsWithoutContributions,
} from "../scoring";
import type { Moment } from "./evaluate";
import { type MomentRow, selectMoments, selectMomentsOf } from "./store";

export type HistoryLead = { lead_id: string; event_count: number };
export type LeadHistory = HistoryLead & {
  moments: Moment[];
  /** events and contributions that were read */
  rows: number;
  /** older events or, where each has very many contributions, newer ones are missing */
  truncated: boolean;
};

/** Leads with few events are read together, in one D1 round trip of two statements and at most about 5 MB. */
const EVENTS_TOGETHER_MAX = 2_000;
const LEADS_TOGETHER_MAX = 100;
const ROWS_TOGETHER_MAX = 10_000;
const PAGE_ROWS = 5_000;

/** Histories in the order of `leads`, as long as the caller goes on reading them. `rowsMax` holds for each lead. */
export async function* leadHistories(ctx: Ctx, leads: readonly HistoryLead[], rowsMax: number): AsyncGenerator<LeadHistory> {
  for (let from = 0; from < leads.length; ) {
    const group = fewEvents(leads, from);
    const [first] = group;
    if (!first) return;
    if (group.length === 1) yield await longHistory(ctx, first, rowsMax);
    else yield* shortHistories(ctx, group, rowsMax);
    from += group.length;
  }
}

function fewEvents(leads: readonly HistoryLead[], from: number): HistoryLead[] {
  const group: HistoryLead[] = [];
  let events = 0;
  for (const lead of leads.slice(from, from + LEADS_TOGETHER_MAX)) {
    events += lead.event_count;
    if (group.length > 0 && events > EVENTS_TOGETHER_MAX) break;
    group.push(lead);
  }
  return group;
}

async function* shortHistories(ctx: Ctx, leads: readonly HistoryLead[], rowsMax: number): AsyncGenerator<LeadHistory> {
  const ranges = leads.map(({ lead_id }) => ({ lead_id, after: BEFORE_ALL_EVENTS, until: null }));
  const [events, contributions] = await ctx.db.batch([
    selectMomentsOf(
      ctx.db,
      leads.map(({ lead_id }) => lead_id),
      ROWS_TOGETHER_MAX,
    ),
    selectRanges(ctx.db, ranges, ROWS_TOGETHER_MAX),
  ]);
  // a lead may have got events meanwhile, or have many contributions for each
  const isWhole = events.length < ROWS_TOGETHER_MAX && contributions.length < ROWS_TOGETHER_MAX;
  const eventsOf = Map.groupBy(events, ({ lead_id }) => lead_id);
  const contributionsOf = Map.groupBy(contributions, ({ range }) => range);
  for (const [index, lead] of leads.entries()) {
    if (isWhole) yield await scored(lead, eventsOf.get(lead.lead_id) ?? [], EMPTY_FOLD, [contributionsOf.get(index) ?? []], rowsMax);
    else yield await longHistory(ctx, lead, rowsMax);
  }
}

async function longHistory(ctx: Ctx, lead: HistoryLead, rowsMax: number): Promise<LeadHistory> {
  const events: MomentRow[] = [];
  let isWhole = false;
  while (events.length < rowsMax && !isWhole) {
    const limit = Math.min(PAGE_ROWS, rowsMax - events.length);
    const page = await ctx.db.all(selectMoments(ctx.db, lead.lead_id, events.at(-1) ?? null, limit));
    for (const event of page) events.push(event);
    isWhole = page.length < limit;
  }
  const oldest = events.reduce((at, event) => Math.min(at, event.at), Number.MAX_SAFE_INTEGER);
  const start = isWhole ? EMPTY_FOLD : await foldUntil(ctx, lead.lead_id, oldest - 1);
  const pages = contributionPages(ctx, lead.lead_id, start.end, Number.MAX_SAFE_INTEGER);
  const history = await scored(lead, events, start, pages, rowsMax);
  return { ...history, truncated: history.truncated || !isWhole };
}

async function scored(
  lead: HistoryLead,
  events: readonly MomentRow[],
  start: Fold,
  pages: AsyncIterable<Contribution[]> | Iterable<Contribution[]>,
  rowsMax: number,
): Promise<LeadHistory> {
  const rows = [...events].sort(compareCursors);
  const moments: Moment[] = [];
  let [fold, contributions, next] = [start, 0, 0];
  const advance = (page: readonly Contribution[], until: number) => {
    const steps = stepsOf(page);
    const due = rows.slice(next, until);
    const replayed = replay(fold, [...steps, ...stepsWithoutContributions(due, steps)].sort(compareCursors));
    for (const event of due) moments.push(momentOf(event, replayed.scores.get(event.event_id)));
    fold = { decay: replayed.decay, end: replayed.end };
    next = until;
  };
  for await (const page of pages) {
    const last = page.at(-1);
    if (!last) continue;
    let until = next;
    while (until < rows.length && compareCursors(rows[until] ?? last, last) <= 0) until += 1;
    advance(page, until);
    contributions += page.length;
    if (contributions > rowsMax) return { ...lead, moments, rows: moments.length + contributions, truncated: next < rows.length };
  }
  advance([], rows.length);
  return { ...lead, moments, rows: moments.length + contributions, truncated: false };
}

const momentOf = ({ event_id, at, event_type, type_key, received_at }: MomentRow, score = { before: 0, after: 0 }): Moment => ({
  event_id,
  at,
  event_type,
  type_key,
  received_at,
  silent: false,
  ...score,
});
