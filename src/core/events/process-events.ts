/**
 * Stores queued events on the timelines of their leads: load, plan, commit. One batch writes leads, events, contributions, scores,
 * firings and deliveries. It rolls back if an event is already stored or if anything that the plan relied on has changed.
 */

import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import { quotaOf, quotaReached } from "../../quotas";
import { aliasKey, leadsFit, leadWrites, linkNewLeads, restateLeads } from "../leads";
import { insertDeliveries, type NewDelivery } from "../notifications";
import { ledgerWrites, scoreWrites } from "../scoring";
import { silenceQueue } from "../segments";
import { deliveriesOf, firingWrites } from "../triggers";
import { insertCalls } from "./calls-store";
import { CommitTooLarge, charsOf, requireFew, writeCounter } from "./commit-size";
import { isCall, type QueuedEvent } from "./event";
import { type FilterFacts, loadFilterFacts } from "./filter-facts";
import { type LoadedEvents, loadEvents } from "./load-events";
import { newLeadState, type PlannedLeadEvents, planLead } from "./plan-lead";
import { resolveWithinQuotas } from "./resolve-within-quotas";
import type { Rejection } from "./room";
import { eventWrites, leadsStillExist, type RefusedEvent, refusalWrites } from "./store";
import { waitingIds } from "./waiting";

export type ProcessOptions = {
  /** imported history: scored, but fires no trigger */
  silent: boolean;
  /** leaves events of a lead whose events are moving after a merge for later: with half of its history, triggers would fire again */
  waits?: boolean;
};

/** `left`: to be processed later */
export type Processed = { stored: number; duplicates: number; rejected: Rejection[]; left: readonly QueuedEvent[] };

/**
 * Stores and scores events, each exactly once. At most 4 D1 round trips, 5 where the unit links new leads to accounts, unless others write
 * the same leads at the same time, or the events are too many for one commit: then they are committed in parts, as long as `hasRoom`, and
 * the rest is `left`.
 */
export async function processEvents(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  options: ProcessOptions,
  hasRoom: () => boolean = () => true,
): Promise<Processed> {
  let done: Processed = { stored: 0, duplicates: 0, rejected: [], left: [] };
  let size = events.length;
  let at = 0;
  while (at < events.length && (at === 0 || hasRoom())) {
    const part = events.slice(at, at + size);
    try {
      done = sumOf(done, await untilCommitted(() => attempt(ctx, part, options, () => [])));
      at += part.length;
    } catch (error) {
      if (!(error instanceof CommitTooLarge)) throw error;
      size = Math.ceil(part.length / 2);
    }
  }
  return { ...done, left: [...done.left, ...events.slice(at)] };
}

/**
 * One attempt, committed together with `more`, even if there is nothing else to commit. Of events that are too many for one commit the first
 * are committed before: to another attempt they are duplicates. Throws CommitConflict if something changed after it was loaded.
 */
export async function processOnce(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  options: ProcessOptions,
  more: (processed: Processed) => Statement[],
): Promise<Processed> {
  try {
    return await attempt(ctx, events, options, more);
  } catch (error) {
    if (!(error instanceof CommitTooLarge)) throw error;
    const middle = events.length >> 1;
    const first = await processEvents(ctx, events.slice(0, middle), options);
    return sumOf(first, await processOnce(ctx, events.slice(middle), options, (rest) => more(sumOf(first, rest))));
  }
}

const sumOf = (one: Processed, other: Processed): Processed => ({
  stored: one.stored + other.stored,
  duplicates: one.duplicates + other.duplicates,
  rejected: [...one.rejected, ...other.rejected],
  left: [...one.left, ...other.left],
});

async function attempt(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  options: ProcessOptions,
  more: (processed: Processed) => Statement[],
): Promise<Processed> {
  const { silent, waits = false } = options;
  const loaded = await loadEvents(
    ctx,
    events.filter(({ refused }) => refused === undefined),
  );
  const now = ctx.now();
  const { fresh, refused, duplicates } = loaded.dedup;
  const { found, leads: resolved, restated, ...resolution } = resolveWithinQuotas(ctx, fresh, loaded, now);
  const waiting = waits ? waitingIds(found, loaded, now) : new Set();
  if (waiting.size > 0) {
    const rest = events.filter(({ event_id }) => !waiting.has(event_id));
    const left = events.filter(({ event_id }) => waiting.has(event_id));
    const done = await attempt(ctx, rest, { ...options, waits: false }, more);
    return { ...done, left: [...done.left, ...left] };
  }
  const rejected = [...refusedBefore(events), ...resolution.rejected];
  const leads = { ...resolved, inserts: await linkNewLeads(ctx, resolved.inserts) };
  const created = new Set(leads.inserts.map(({ lead_id }) => lead_id));
  const [calls, timed] = [found.filter(({ event }) => isCall(event)), found.filter(({ event }) => !isCall(event))];
  const filtered = await loadFilterFacts(ctx, loaded.book.triggers, leads, [...loaded.states.keys()]);
  const planned = planLeads(timed, loaded, filtered, silent);
  const deliveries = planned.flatMap(({ firings }) => cappedDeliveries(deliveriesOf(firings), quotaOf(ctx.unit, "deliveries_per_event")));
  const processed = { stored: found.length, duplicates, rejected, left: [] };
  const statements = [
    ...more(processed),
    ...loaded.groups.writes(now),
    ...leadWrites(ctx, leads, reliedOn(fresh, loaded), "events", now),
    ...restateLeads(ctx, restated, now),
    ...(leads.inserts.length > 0 ? [leadsFit(ctx.db, quotaOf(ctx.unit, "leads"))] : []),
    ...leadsStillExist(
      ctx.db,
      [...new Set(found.map(({ lead_id }) => lead_id))].filter((lead_id) => !created.has(lead_id)),
    ),
    ...eventWrites(
      ctx.db,
      planned.flatMap((lead) => lead.events),
      resolution.traces,
      now,
    ),
    ...insertCalls(ctx.db, calls, resolution.traces, now),
    ...scoreWrites(
      ctx.db,
      planned.map(({ score }) => score),
    ),
    ...ledgerWrites(
      ctx.db,
      planned.flatMap(({ contributions }) => contributions),
      planned.flatMap(({ blocks }) => blocks),
    ),
    ...firingWrites(
      ctx.db,
      planned.map(({ firings }) => firings),
    ),
    ...insertDeliveries(ctx.db, deliveries, now),
    ...refusalWrites(ctx.db, [...refused, ...rejected.map(rejection)], now),
  ];
  requireFew(events.length, charsOf(statements));
  if (statements.length > 0) await ctx.db.batch(loaded.watchesSegments ? silenced(ctx, quietLeads(found, silent), statements) : statements);
  if (loaded.watchesSegments && found.length > 0) await ctx.outbox.changes({ unit: ctx.unit.unit });
  await ctx.outbox.deliveries(
    deliveries.filter(({ discarded }) => !discarded).map(({ delivery_id }) => ({ unit: ctx.unit.unit, delivery_id })),
  );
  return processed;
}

function planLeads(
  found: readonly { event: QueuedEvent; lead_id: string }[],
  loaded: LoadedEvents,
  filtered: ReadonlyMap<string, FilterFacts>,
  silent: boolean,
): PlannedLeadEvents[] {
  const byLead = Map.groupBy(found, ({ lead_id }) => lead_id);
  const requireFits = writeCounter(found.length);
  return [...byLead].map(([lead_id, entries]) => {
    const events = entries.map(({ event }) => event);
    const state = loaded.states.get(lead_id) ?? newLeadState(lead_id, events);
    const planned = planLead(state, events, loaded.book, silent, filtered.get(lead_id));
    requireFits(planned);
    return planned;
  });
}

/** Leads of which all these events are silent. */
const quietLeads = (found: readonly { event: QueuedEvent; lead_id: string }[], silent: boolean): string[] =>
  [...Map.groupBy(found, ({ lead_id }) => lead_id)].flatMap(([lead_id, entries]) =>
    entries.every(({ event }) => silent || event.silent === true) ? [lead_id] : [],
  );

/** Imported history enters and leaves segments without notifying. */
function silenced({ db }: Ctx, quiet: readonly string[], statements: readonly Statement[]): readonly Statement[] {
  if (quiet.length === 0) return statements;
  const { before, after } = silenceQueue(db, quiet);
  return [before, ...statements, after];
}

/** The alias owners that the plan relies on. */
function reliedOn(fresh: readonly QueuedEvent[], { owners }: LoadedEvents): Map<string, string> {
  const keys = new Set(fresh.flatMap(({ aliases }) => aliases.map(([kind, value]) => aliasKey({ kind, value }))));
  return new Map([...owners].filter(([key]) => keys.has(key)));
}

/** Those that were invalid when others of their request were accepted. */
const refusedBefore = (events: readonly QueuedEvent[]): Rejection[] =>
  events.flatMap((event) => (event.refused === undefined ? [] : [{ event, reason: event.refused, quota: null }]));

const rejection = ({ event, reason }: Rejection): RefusedEvent => ({ event, status: "rejected", duplicate_of: null, reason });

/** Those of one event beyond the cap are recorded and not sent. */
function cappedDeliveries(deliveries: readonly NewDelivery[], max: number): NewDelivery[] {
  const counts = new Map<unknown, number>();
  return deliveries.map((delivery) => {
    const count = (counts.get(delivery.data.event_id) ?? 0) + 1;
    counts.set(delivery.data.event_id, count);
    return count <= max ? delivery : { ...delivery, discarded: quotaReached("deliveries_per_event", max).message };
  });
}
