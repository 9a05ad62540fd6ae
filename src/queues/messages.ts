/** What travels in a queue. */
import type { QueuedEvent } from "../core/events";

/** A nudge: the job's row says what is to be done. */
export type ImportMessage = { unit: number; job_id: string };

/** Events themselves: no table knows them yet. */
export type EventMessage = { unit: number; events: QueuedEvent[] };
export type DeliveryMessage = { unit: number; delivery_id: string };
