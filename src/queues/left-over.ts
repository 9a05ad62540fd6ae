/** Events that no attempt could settle, and what is left of them after one more. Pure. */
import type { QueuedEvent } from "../core/events";

export type DeadWork = { unit: number; events: QueuedEvent[]; request_id: string };
/** Ids of the events that are neither stored nor rejected. */
export type LeftOver = { left: string[] } | "unknown_unit";

export const allLeft = ({ events }: Pick<DeadWork, "events">): LeftOver => ({ left: events.map(({ event_id }) => event_id) });
