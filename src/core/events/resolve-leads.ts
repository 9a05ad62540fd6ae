/**
 * Which lead each event belongs to: the one named by lead id, else the owner of the first known alias, else a new lead. Aliases without
 * an owner are attached to that lead; an alias of another lead stays there and is recorded as a conflict. Pure.
 */
import {
  ALIASES_PER_LEAD_MAX,
  type AliasConflict,
  type AliasOwners,
  aliasKey,
  type PlannedLead,
  type PlannedLeads,
  type StoredAlias,
  storedAlias,
} from "../leads";
import type { QueuedEvent } from "./event";

export type ResolvedEvents = {
  /** events with their lead */
  found: { event: QueuedEvent; lead_id: string }[];
  rejected: QueuedEvent[];
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
  const gained = new Map<string, string>();
  const inserts = new Map<string, PlannedLead>();
  const updates = new Map<string, PlannedLead>();
  const conflicts: AliasConflict[] = [];
  const resolved: ResolvedEvents = { found: [], rejected: [], leads: { inserts: [], updates: [], conflicts } };
  const ownerOf = (key: string) => gained.get(key) ?? owners.get(key);

  const drafted = (lead_id: string, isNew: boolean): PlannedLead => {
    const drafts = isNew ? inserts : updates;
    const draft = drafts.get(lead_id) ?? { lead_id, profile: {}, aliases: [] as StoredAlias[] };
    drafts.set(lead_id, draft);
    return draft;
  };

  for (const event of events) {
    const keys = event.aliases.map(([kind, value]) => aliasKey({ kind, value }));
    if (event.lead_id !== null && !aliasCounts.has(event.lead_id)) {
      resolved.rejected.push(event);
      continue;
    }
    const known = event.lead_id ?? keys.map(ownerOf).find((owner) => owner !== undefined);
    const lead_id = known ?? newLeadId();
    const isNew = known === undefined || inserts.has(known);
    for (const [index, [kind, value, raw]] of event.aliases.entries()) {
      const key = keys[index] ?? "";
      const owner = ownerOf(key);
      if (owner === lead_id) continue;
      if (owner !== undefined) {
        conflicts.push({ kind, value, lead_id, owner });
        continue;
      }
      const has = (aliasCounts.get(lead_id) ?? 0) + ((isNew ? inserts : updates).get(lead_id)?.aliases.length ?? 0);
      if (has >= ALIASES_PER_LEAD_MAX) continue;
      drafted(lead_id, isNew).aliases.push(storedAlias(kind, value, raw ?? value, now));
      gained.set(key, lead_id);
    }
    resolved.found.push({ event, lead_id });
  }
  return { ...resolved, leads: { inserts: [...inserts.values()], updates: [...updates.values()], conflicts } };
}
