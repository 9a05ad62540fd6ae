/**
 * Which lead each event belongs to: the one named by lead id, else the owner of the first known alias, else a new lead. Aliases without
 * an owner are attached to that lead; an alias of another lead stays there and is recorded as a conflict. Pure.
 */
import {
  ALIASES_PER_LEAD_MAX,
  type AliasConflict,
  type AliasOwners,
  aliasKey,
  BLOCKED,
  claimAliases,
  isWithheld,
  type PlannedLead,
  type PlannedLeads,
  PlannedOwners,
  type StoredAlias,
  SUPPRESSED,
  storedAlias,
  type Withheld,
} from "../leads";
import type { QueuedEvent } from "./event";
import { traceOf } from "./resolution";

export type ResolvedEvents = {
  /** events with their lead */
  found: { event: QueuedEvent; lead_id: string }[];
  rejected: QueuedEvent[];
  /** events that have only aliases which no lead may have */
  withheld: { event: QueuedEvent; reason: Withheld }[];
  /** how the lead of an event was found, by the event's id; see resolution.ts */
  traces: Map<string, string>;
  leads: PlannedLeads;
};

/** `aliasCounts`: number of aliases by existing lead; a lead id that is missing does not exist. */
export function resolveLeads(
  events: readonly QueuedEvent[],
  owners: AliasOwners,
  aliasCounts: ReadonlyMap<string, number>,
  newLeadId: () => string,
  now: number,
): ResolvedEvents {
  const planned = new PlannedOwners(owners);
  const inserts = new Map<string, PlannedLead>();
  const updates = new Map<string, PlannedLead>();
  const conflicts: AliasConflict[] = [];
  const traces = new Map<string, string>();
  const resolved: ResolvedEvents = { found: [], rejected: [], withheld: [], traces, leads: { inserts: [], updates: [], conflicts } };

  const drafted = (lead_id: string, isNew: boolean): PlannedLead => {
    const drafts = isNew ? inserts : updates;
    const draft = drafts.get(lead_id) ?? { lead_id, profile: {}, aliases: [] as StoredAlias[] };
    drafts.set(lead_id, draft);
    return draft;
  };

  for (const event of events) {
    if (event.lead_id !== null && !aliasCounts.has(event.lead_id)) {
      resolved.rejected.push(event);
      continue;
    }
    const aliases = event.aliases.map(([kind, value, raw]) => ({ kind, value, raw: raw ?? value }));
    const owned = aliases.map((alias) => planned.get(aliasKey(alias)));
    const by = event.lead_id === null ? owned.findIndex((owner) => owner !== undefined && !isWithheld(owner)) : -1;
    const known = event.lead_id ?? owned[by];
    const reason = known === undefined ? withheldFor(owned) : null;
    if (reason) {
      resolved.withheld.push({ event, reason });
      continue;
    }
    const lead_id = known ?? newLeadId();
    const isNew = known === undefined || inserts.has(known);
    const has = (aliasCounts.get(lead_id) ?? 0) + ((isNew ? inserts : updates).get(lead_id)?.aliases.length ?? 0);
    const claims = claimAliases(lead_id, aliases, planned, ALIASES_PER_LEAD_MAX - has);
    planned.attach(lead_id, claims.attached);
    for (const { kind, value, raw } of claims.attached) drafted(lead_id, isNew).aliases.push(storedAlias(kind, value, raw, now));
    for (const { alias, owner } of claims.conflicts) conflicts.push({ kind: alias.kind, value: alias.value, lead_id, owner });
    resolved.found.push({ event, lead_id });
    const trace = traceOf({
      matched_by: aliases[by] ?? null,
      attached: claims.attached,
      refused: claims.conflicts.map(({ alias }) => alias),
    });
    if (trace !== null) traces.set(event.event_id, trace);
  }
  return { ...resolved, leads: { inserts: [...inserts.values()], updates: [...updates.values()], conflicts } };
}

/** Why an event whose aliases all have reserved owners cannot get a lead; null if an alias is free. */
function withheldFor(owners: readonly (string | undefined)[]): Withheld | null {
  if (owners.includes(SUPPRESSED)) return SUPPRESSED;
  return owners.length > 0 && owners.every(isWithheld) ? BLOCKED : null;
}
