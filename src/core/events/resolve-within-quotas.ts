import type { Ctx } from "../../context";
import { newUuid } from "../../ids";
import { PROFILE_BYTES_MAX, SUPPRESSED } from "../leads";
import type { QueuedEvent } from "./event";
import type { LoadedEvents } from "./load-events";
import { type PlannedProfiles, planProfiles } from "./profiles";
import { type ResolvedEvents, resolveLeads } from "./resolve-leads";
import { admitTypes, type Rejection, withoutRoom } from "./room";

const ERASED = "suppressed: this person was erased and is not stored again";
const BLOCKED_ALIASES = "The org unit blocks all aliases of the event";
const PROFILE_TOO_LARGE = `The lead's metadata would be over ${PROFILE_BYTES_MAX} bytes`;
const UNKNOWN_LEAD = "No lead has this lead_id in the org unit";

/** As `resolveLeads`, of the events that the unit has room for. */
export function resolveWithinQuotas(
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
