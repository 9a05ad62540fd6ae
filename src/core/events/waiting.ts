import { MINUTE_MS } from "../../time";
import type { LoadedEvents } from "./load-events";
import type { ResolvedEvents } from "./resolve-leads";

/** A merge that takes longer has stopped; its leads' events are then taken as they are. */
const WAITS_MS_MAX = 10 * MINUTE_MS;

/** Of the events whose lead is moving. */
export const waitingIds = (found: ResolvedEvents["found"], { moving }: LoadedEvents, now: number): Set<string> =>
  new Set(found.flatMap(({ event, lead_id }) => (moving.has(lead_id) && now - event.received_at < WAITS_MS_MAX ? [event.event_id] : [])));
