/** What is stored that a plan of events has to know. At most three round trips, fewer when every lead is new or none comes late. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { newUuid } from "../../ids";
import { type AliasOwners, ownerStatements, readOwners } from "../leads";
import {
  type Contribution,
  type LeadScoreRow,
  type RuleRow,
  readActiveRule,
  readLeadScore,
  rulesByType,
  selectActiveRules,
  selectContributions,
  selectScores,
} from "../scoring";
import { type FiringRow, lookBackMs, readTrigger, selectActiveTriggers, selectFirings, type TriggerRow } from "../triggers";
import type { QueuedEvent } from "./event";
import { comesLate, firstPosition, type KnownEvent, type LeadState, type Rulebook } from "./plan-lead";
import { resolveLeads } from "./resolve-leads";
import { selectAliasCounts, selectEventsSince, selectKeys, selectKnownEvents } from "./store";

export type LoadedEvents = {
  book: Rulebook;
  /** ids of events that are on a timeline already */
  known: ReadonlySet<string>;
  /** event ids by Idempotency-Key */
  keys: ReadonlyMap<string, string>;
  owners: AliasOwners;
  aliasCounts: ReadonlyMap<string, number>;
  states: ReadonlyMap<string, LeadState>;
};

export async function loadEvents(ctx: Ctx, events: readonly QueuedEvent[]): Promise<LoadedEvents> {
  const first = await loadIdentities(ctx, events);
  // who the leads are, so far as it can be told: enough to know what to load of them
  const { found } = resolveLeads(events, first.owners, null, () => newUuid(ctx.now(), ctx.unit.shard), ctx.now());
  const stored = new Set([...first.owners.values(), ...events.flatMap(({ lead_id }) => lead_id ?? [])]);
  const byLead = new Map<string, QueuedEvent[]>();
  for (const { event, lead_id } of found) {
    if (stored.has(lead_id) && !first.known.has(event.event_id)) byLead.set(lead_id, [...(byLead.get(lead_id) ?? []), event]);
  }
  return { ...first, ...(await loadStates(ctx, byLead, first.book)) };
}

async function loadIdentities(ctx: Ctx, events: readonly QueuedEvent[]): Promise<Omit<LoadedEvents, "aliasCounts" | "states">> {
  const keys = events.flatMap(({ idempotency_key }) => idempotency_key ?? []);
  const aliases = events.flatMap((event) => event.aliases.map(([kind, value]) => ({ kind, value })));
  const rows = await queryGroups(ctx.db, {
    rules: [selectActiveRules(ctx.db)],
    triggers: [selectActiveTriggers(ctx.db)],
    known: selectKnownEvents(ctx.db, [...events.map(({ event_id }) => event_id), ...keys]),
    keys: selectKeys(ctx.db, keys),
    owners: ownerStatements(ctx.db, aliases),
  });
  return {
    book: {
      rules: rulesByType(rows<RuleRow>("rules").map(readActiveRule)),
      triggers: rows<TriggerRow>("triggers").map(readTrigger),
    },
    known: new Set(rows<{ event_id: string }>("known").map(({ event_id }) => event_id)),
    keys: new Map(rows<{ idempotency_key: string; event_id: string }>("keys").map((row) => [row.idempotency_key, row.event_id])),
    owners: readOwners([rows("owners")]),
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
  const windows = [...byLead].map(([lead_id, events]) => [lead_id, firstPosition(events).at - lookBack] as const);
  const rows = await queryGroups(ctx.db, {
    counts: selectAliasCounts(ctx.db, leadIds),
    scores: selectScores(ctx.db, leadIds),
    firings: book.triggers.length > 0 ? selectFirings(ctx.db, leadIds) : [],
    events: lookBack > 0 ? selectEventsSince(ctx.db, windows) : [],
  });
  const scoreOf = new Map(rows<LeadScoreRow>("scores").map((row) => [row.lead_id, readLeadScore(row)]));
  const late = leadIds.filter((lead_id) => comesLate(firstPosition(byLead.get(lead_id) ?? []), scoreOf.get(lead_id) ?? null));
  const missed = await loadMissed(ctx, late, lookBack > 0 ? [] : windows.filter(([lead_id]) => late.includes(lead_id)));

  const firingsOf = Map.groupBy(rows<FiringRow>("firings"), ({ lead_id }) => lead_id);
  const eventsOf = Map.groupBy([...rows<KnownRow>("events"), ...missed.events], ({ lead_id }) => lead_id);
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
  const counts = rows<{ lead_id: string; count: number }>("counts");
  return { aliasCounts: new Map(counts.map(({ lead_id, count }) => [lead_id, count])), states: new Map(states) };
}

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
  for (const { lead_id, ...contribution } of rows<ContributionRow>("contributions")) contributions.get(lead_id)?.push(contribution);
  return { contributions, events: rows<KnownRow>("events") };
}
