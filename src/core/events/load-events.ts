/** What is stored that a plan of events has to know. At most three round trips, fewer when every lead is new or none comes late. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { newUuid } from "../../ids";
import { type AliasOwners, ownerStatements, readOwners } from "../leads";
import {
  type ActiveRuleRow,
  type Contribution,
  type LeadScoreRow,
  readActiveRule,
  readLeadScore,
  rulesByType,
  selectActiveRules,
  selectContributions,
  selectScores,
} from "../scoring";
import { type FiringRow, lookBackMs, readTrigger, selectActiveTriggers, selectFirings, type TriggerRow } from "../triggers";
import { type DedupResult, deduplicate } from "./deduplicate";
import type { QueuedEvent } from "./event";
import { comesLate, firstCursor, type KnownEvent, type LeadState, type Rulebook } from "./plan-lead";
import { resolveLeads } from "./resolve-leads";
import { selectAliasCounts, selectEventsSince, selectKeys, selectKnownEvents } from "./store";

export type LoadedEvents = {
  book: Rulebook;
  dedup: DedupResult;
  owners: AliasOwners;
  aliasCounts: ReadonlyMap<string, number>;
  states: ReadonlyMap<string, LeadState>;
};

export async function loadEvents(ctx: Ctx, events: readonly QueuedEvent[]): Promise<LoadedEvents> {
  const first = await loadIdentities(ctx, events);
  const { fresh } = first.dedup;
  // who the leads are: the plan will find the same, so that what is loaded of them is what it asks for
  const { found } = resolveLeads(fresh, first.owners, first.aliasCounts, () => newUuid(ctx.now(), ctx.unit.shard), ctx.now());
  const stored = new Set([...first.owners.values(), ...first.aliasCounts.keys()]);
  const byLead = Map.groupBy(
    found.filter(({ lead_id }) => stored.has(lead_id)),
    ({ lead_id }) => lead_id,
  );
  const eventsByLead = new Map([...byLead].map(([lead_id, entries]) => [lead_id, entries.map(({ event }) => event)]));
  const { aliasCounts, states } = await loadStates(ctx, eventsByLead, first.book);
  return { ...first, aliasCounts, states };
}

async function loadIdentities(ctx: Ctx, events: readonly QueuedEvent[]): Promise<Omit<LoadedEvents, "states">> {
  // a key may have come as an event's id before, and the other way round
  const ids = new Set(events.flatMap(({ event_id, idempotency_key }) => [event_id, idempotency_key ?? event_id]));
  const leadIds = new Set(events.flatMap(({ lead_id }) => lead_id ?? []));
  const aliases = events.flatMap((event) => event.aliases.map(([kind, value]) => ({ kind, value })));
  const rows = await queryGroups(ctx.db, {
    rules: [selectActiveRules(ctx.db)],
    triggers: [selectActiveTriggers(ctx.db)],
    known: selectKnownEvents(ctx.db, [...ids]),
    keys: selectKeys(ctx.db, [...ids]),
    counts: selectAliasCounts(ctx.db, [...leadIds]),
    owners: ownerStatements(ctx.db, aliases),
  });
  const known = new Set((rows.known as { event_id: string }[]).map(({ event_id }) => event_id));
  const keys = new Map((rows.keys as { idempotency_key: string; event_id: string }[]).map((row) => [row.idempotency_key, row.event_id]));
  const aliasCounts = readCounts(rows.counts);
  return {
    dedup: deduplicate(events, { known, keys, leads: new Set(aliasCounts.keys()) }),
    aliasCounts,
    book: {
      rules: rulesByType((rows.rules as ActiveRuleRow[]).map(readActiveRule)),
      triggers: (rows.triggers as TriggerRow[]).map(readTrigger),
    },
    owners: readOwners([rows.owners]),
  };
}

async function loadStates(
  ctx: Ctx,
  byLead: ReadonlyMap<string, readonly QueuedEvent[]>,
  book: Rulebook,
): Promise<Pick<LoadedEvents, "aliasCounts" | "states">> {
  const leadIds = [...byLead.keys()];
  if (leadIds.length === 0) return { aliasCounts: new Map(), states: new Map() };
  const lookBack = Math.max(0, ...book.triggers.map(lookBackMs));
  const windows = [...byLead].map(([lead_id, events]) => [lead_id, firstCursor(events).at - lookBack] as const);
  const rows = await queryGroups(ctx.db, {
    counts: selectAliasCounts(ctx.db, leadIds),
    scores: selectScores(ctx.db, leadIds),
    firings: book.triggers.length > 0 ? selectFirings(ctx.db, leadIds) : [],
    events: lookBack > 0 ? selectEventsSince(ctx.db, windows) : [],
  });
  const scoreOf = new Map((rows.scores as LeadScoreRow[]).map((row) => [row.lead_id, readLeadScore(row)]));
  const late = leadIds.filter((lead_id) => comesLate(firstCursor(byLead.get(lead_id) ?? []), scoreOf.get(lead_id) ?? null));
  const missed = await loadMissed(ctx, late, lookBack > 0 ? [] : windows.filter(([lead_id]) => late.includes(lead_id)));

  const firingsOf = Map.groupBy(rows.firings as FiringRow[], ({ lead_id }) => lead_id);
  const eventsOf = Map.groupBy([...(rows.events as KnownRow[]), ...missed.events], ({ lead_id }) => lead_id);
  const states = leadIds.map((lead_id): [string, LeadState] => [
    lead_id,
    {
      lead_id,
      score: scoreOf.get(lead_id) ?? null,
      firings: firingsOf.get(lead_id) ?? [],
      events: (eventsOf.get(lead_id) ?? []).map((row) => ({ ...row, silent: row.silent === 1 })),
      contributions: missed.contributions.get(lead_id) ?? null,
    },
  ]);
  return { aliasCounts: readCounts(rows.counts), states: new Map(states) };
}

const readCounts = (rows: readonly { lead_id: string; count: number }[]) => new Map(rows.map(({ lead_id, count }) => [lead_id, count]));

type KnownRow = Omit<KnownEvent, "silent"> & { lead_id: string; silent: number };
type ContributionRow = Contribution & { lead_id: string };

/** Of leads whose fold has to begin again: all that it is made of, and the events that come after the late ones. */
async function loadMissed(
  ctx: Ctx,
  late: readonly string[],
  windows: readonly (readonly [string, number])[],
): Promise<{ contributions: Map<string, Contribution[]>; events: KnownRow[] }> {
  if (late.length === 0) return { contributions: new Map(), events: [] };
  const rows = await queryGroups(ctx.db, { contributions: selectContributions(ctx.db, late), events: selectEventsSince(ctx.db, windows) });
  const contributions = new Map<string, Contribution[]>(late.map((lead_id) => [lead_id, []]));
  for (const { lead_id, ...contribution } of rows.contributions as ContributionRow[]) contributions.get(lead_id)?.push(contribution);
  return { contributions, events: rows.events as KnownRow[] };
}
