/**
 * Stores queued events on the timelines of their leads: load, plan, commit. One batch writes leads, events, contributions, scores,
 * firings and deliveries. It rolls back if an event is already stored or if anything that the plan relied on has changed.
 */

import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import { newUuid } from "../../ids";
import { quotaOf, quotaReached } from "../../quotas";
import { aliasKey, leadsFit, leadWrites, linkNewLeads, PROFILE_BYTES_MAX, restateLeads, SUPPRESSED } from "../leads";
import { insertDeliveries, type NewDelivery } from "../notifications";
import { ledgerWrites, scoreWrites } from "../scoring";
import { silenceQueue } from "../segments";
import { deliveriesOf, firingWrites } from "../triggers";
import { insertCalls } from "./calls-store";
import { CommitTooLarge, writeCounter } from "./commit-size";
import { isCall, type QueuedEvent } from "./event";
import { type FilterFacts, loadFilterFacts } from "./filter-facts";
import { type LoadedEvents, loadEvents } from "./load-events";
import { newLeadState, type PlannedLeadEvents, planLead } from "./plan-lead";
import { type PlannedProfiles, planProfiles } from "./profiles";
import { type ResolvedEvents, resolveLeads } from "./resolve-leads";
import { admitTypes, type Rejection, withoutRoom } from "./room";
import { eventWrites, leadsStillExist, type RefusedEvent, refusalWrites } from "./store";

const ERASED = "suppressed: this person was erased and is not stored again";
const BLOCKED_ALIASES = "The org unit blocks all aliases of the event";
const PROFILE_TOO_LARGE = `The lead's metadata would be over ${PROFILE_BYTES_MAX} bytes`;
const UNKNOWN_LEAD = "No lead has this lead_id in the org unit";

export type ProcessOptions = {
  /** imported history: scored, but fires no trigger */
  silent: boolean;
};

export type Processed = { stored: number; duplicates: number; rejected: Rejection[] };

/**
 * Stores and scores events, each exactly once. At most 4 D1 round trips, 5 where the unit links new leads to accounts, unless others write
 * the same leads at the same time, or the events are too many for one commit: then they are committed in parts, as long as `hasRoom`, and
 * `left` are those that were not begun.
 */
export async function processEvents(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  options: ProcessOptions,
  hasRoom: () => boolean = () => true,
): Promise<Processed & { left: readonly QueuedEvent[] }> {
  let done: Processed = { stored: 0, duplicates: 0, rejected: [] };
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
  return { ...done, left: events.slice(at) };
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
});

async function attempt(
  ctx: Ctx,
  events: readonly QueuedEvent[],
  { silent }: ProcessOptions,
  more: (processed: Processed) => Statement[],
): Promise<Processed> {
  const loaded = await loadEvents(
    ctx,
    events.filter(({ refused }) => refused === undefined),
  );
  const now = ctx.now();
  const { fresh, refused, duplicates } = loaded.dedup;
  const { found, leads: resolved, restated, ...resolution } = resolveWithinQuotas(ctx, fresh, loaded, now);
  const rejected = [...refusedBefore(events), ...resolution.rejected];
  const leads = { ...resolved, inserts: await linkNewLeads(ctx, resolved.inserts) };
  const created = new Set(leads.inserts.map(({ lead_id }) => lead_id));
  const [calls, timed] = [found.filter(({ event }) => isCall(event)), found.filter(({ event }) => !isCall(event))];
  const filtered = await loadFilterFacts(ctx, loaded.book.triggers, leads, [...loaded.states.keys()]);
  const planned = planLeads(timed, loaded, filtered, silent);
  const deliveries = planned.flatMap(({ firings }) => cappedDeliveries(deliveriesOf(firings), quotaOf(ctx.unit, "deliveries_per_event")));
  const processed = { stored: found.length, duplicates, rejected };
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
      now,
    ),
    ...insertCalls(ctx.db, calls, now),
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
  if (statements.length > 0) await ctx.db.batch(silent && loaded.watchesSegments ? silenced(ctx, planned, statements) : statements);
  if (loaded.watchesSegments && found.length > 0) await ctx.outbox.segments({ unit: ctx.unit.unit });
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

/** Imported history enters and leaves segments without notifying. */
function silenced({ db }: Ctx, planned: readonly PlannedLeadEvents[], statements: readonly Statement[]): Statement[] {
  const { before, after } = silenceQueue(
    db,
    planned.map(({ score }) => score.lead_id),
  );
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

/** As `resolveLeads`, of the events that the unit has room for. */
function resolveWithinQuotas(
  { unit }: Ctx,
  events: readonly QueuedEvent[],
  { used, owners, aliasCounts, profiles, groups }: LoadedEvents,
  now: number,
): Omit<ResolvedEvents, "rejected" | "withheld"> & Pick<PlannedProfiles, "restated"> & { rejected: Rejection[] } {
  const resolve = (part: readonly QueuedEvent[]) => resolveLeads(part, owners, aliasCounts, () => newUuid(now, unit.shard), now);
  const types = admitTypes(events, used, unit);
  let resolved = resolve(types.admitted);
  const over = withoutRoom(resolved.found, resolved.leads.inserts, used, unit);
  if (over.length > 0) {
    const left = new Set(over.map(({ event }) => event));
    // an event that is left out gives away no alias
    resolved = resolve(types.admitted.filter((event) => !left.has(event)));
  }
  let planned = planProfiles(resolved.found, resolved.leads, profiles, groups.idOf);
  if (planned.tooLarge.length > 0) {
    const left = new Set([...over.map(({ event }) => event), ...planned.tooLarge]);
    over.push(...planned.tooLarge.map((event) => ({ event, reason: PROFILE_TOO_LARGE, quota: null })));
    resolved = resolve(types.admitted.filter((event) => !left.has(event)));
    planned = planProfiles(resolved.found, resolved.leads, profiles, groups.idOf);
  }
  const unknown = resolved.rejected.map((event) => ({ event, reason: UNKNOWN_LEAD, quota: null }));
  const withheld = resolved.withheld.map(({ event, reason }) =>
    reason === SUPPRESSED ? { event: emptied(event), reason: ERASED, quota: null } : { event, reason: BLOCKED_ALIASES, quota: null },
  );
  return { ...resolved, leads: planned.leads, restated: planned.restated, rejected: [...types.rejected, ...over, ...unknown, ...withheld] };
}

/** Of an erased person's event only its arrival is recorded. */
const emptied = ({ traits: _, group: __, ...event }: QueuedEvent): QueuedEvent => ({
  ...event,
  aliases: [],
  metadata: null,
  lead_id: null,
});

/** Those of one event beyond the cap are recorded and not sent. */
function cappedDeliveries(deliveries: readonly NewDelivery[], max: number): NewDelivery[] {
  const counts = new Map<unknown, number>();
  return deliveries.map((delivery) => {
    const count = (counts.get(delivery.data.event_id) ?? 0) + 1;
    counts.set(delivery.data.event_id, count);
    return count <= max ? delivery : { ...delivery, discarded: quotaReached("deliveries_per_event", max).message };
  });
}
