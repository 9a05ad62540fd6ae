/** Loads what a plan of events needs. At most three D1 round trips as a rule, fewer if every lead is new or no event is late; one beside them for fields of leads. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { newUuid } from "../../ids";
import { type LinkedGroups, linkGroups } from "../accounts";
import { type AliasOwners, ownerStatements, readOwners, selectLeadTotal, selectMergedInto } from "../leads";
import { readActiveRule, rulesByType, selectActiveRules, typeKey } from "../scoring";
import { readTrigger, selectActiveTriggers } from "../triggers";
import { selectKnownCalls } from "./calls-store";
import { type DedupResult, deduplicate } from "./deduplicate";
import { isCall, type QueuedEvent } from "./event";
import { loadStates, readCounts } from "./load-states";
import { withOrigins } from "./merged-origins";
import type { LeadState, Rulebook } from "./plan-lead";
import { groupsOf, type HeldProfile, loadProfiles } from "./profiles";
import { resolveLeads } from "./resolve-leads";
import type { Used } from "./room";
import { selectAliasCounts, selectKeys, selectKnownEvents, selectNewTypes } from "./store";
import { readVelocityFilter, selectActiveVelocityFilters } from "./velocity";

export type LoadedEvents = {
  book: Rulebook;
  dedup: DedupResult;
  /** whether the unit has a trigger of a segment: then its lane checks the leads of the events */
  watchesSegments: boolean;
  owners: AliasOwners;
  aliasCounts: ReadonlyMap<string, number>;
  used: Used;
  states: ReadonlyMap<string, LeadState>;
  /** stored leads whose events are moving after a merge */
  moving: ReadonlySet<string>;
  /** by stored lead, of those whose fields the events write */
  profiles: ReadonlyMap<string, HeldProfile>;
  /** the accounts that the events state */
  groups: LinkedGroups;
};

export async function loadEvents(ctx: Ctx, events: readonly QueuedEvent[]): Promise<LoadedEvents> {
  const first = await loadIdentities(ctx, events);
  const { fresh } = first.dedup;
  // the plan resolves the leads in the same way, so what is loaded here is what it needs
  const { found } = resolveLeads(fresh, first.owners, first.aliasCounts, () => newUuid(ctx.now(), ctx.unit.shard), ctx.now());
  const stored = new Set([...first.owners.values(), ...first.aliasCounts.keys()]);
  const byLead = Map.groupBy(
    found.filter(({ lead_id }) => stored.has(lead_id)),
    ({ lead_id }) => lead_id,
  );
  const eventsByLead = new Map([...byLead].map(([lead_id, entries]) => [lead_id, entries.map(({ event }) => event)]));
  const [states, profiles, groups] = await Promise.all([
    loadStates(ctx, eventsByLead, first.book),
    loadProfiles(ctx, eventsByLead),
    linkGroups(ctx.db, groupsOf(found.map(({ event }) => event))),
  ]);
  return { ...first, ...states, profiles, groups };
}

async function loadIdentities(
  ctx: Ctx,
  events: readonly QueuedEvent[],
): Promise<Omit<LoadedEvents, "states" | "moving" | "profiles" | "groups">> {
  // a key may have been sent as an event's id before, and vice versa
  const ids = new Set(events.flatMap(({ event_id, idempotency_key }) => [event_id, idempotency_key ?? event_id]));
  const leadIds = new Set(events.flatMap(({ lead_id }) => lead_id ?? []));
  const aliases = events.flatMap((event) => event.aliases.map(([kind, value]) => ({ kind, value })));
  const rows = await queryGroups(ctx.db, {
    rules: [selectActiveRules(ctx.db)],
    triggers: [selectActiveTriggers(ctx.db)],
    velocity: [selectActiveVelocityFilters(ctx.db)],
    known: selectKnownEvents(ctx.db, [...ids]),
    calls: events.some(isCall) ? selectKnownCalls(ctx.db, [...ids]) : [],
    keys: selectKeys(ctx.db, [...ids]),
    counts: selectAliasCounts(ctx.db, [...leadIds]),
    merged: selectMergedInto(ctx.db, [...leadIds]),
    owners: ownerStatements(ctx.db, aliases),
    leads: [selectLeadTotal(ctx.db)],
    types: selectNewTypes(ctx.db, [...new Set(events.filter((event) => !isCall(event)).map(({ event_type }) => typeKey(event_type)))]),
  });
  const known = new Set([...rows.known, ...rows.calls].map(({ event_id }) => event_id));
  const keys = new Map(rows.keys.map((row) => [row.idempotency_key, row.event_id]));
  const aliasCounts = readCounts([...rows.counts, ...rows.merged]);
  return {
    dedup: deduplicate(withOrigins(events, rows.merged, rows.owners), { known, keys, leads: new Set(aliasCounts.keys()) }),
    aliasCounts,
    book: {
      rules: rulesByType(rows.rules.map(readActiveRule)),
      triggers: rows.triggers.filter(({ kind }) => kind !== "segment").map(readTrigger),
      velocity: rows.velocity.map(readVelocityFilter),
    },
    watchesSegments: rows.triggers.some(({ kind }) => kind === "segment"),
    owners: readOwners(rows.owners),
    used: {
      leads: rows.leads[0]?.leads ?? 0,
      known_types: rows.types[0]?.known ?? 0,
      new_types: new Set(rows.types.map(({ type_key }) => type_key)),
    },
  };
}
