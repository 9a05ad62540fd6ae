/** Bodies of queue messages. */
import type { QueuedEvent } from "../core/events";

/** Names a job or a plan; its row says what remains to be done. */
export type ImportMessage = { unit: number; job_id: string } | { unit: number; plan_id: string };

/** Names the operation to be undone; its journal says what remains to be done. */
export type UndoMessage = { unit: number; undo: string };

/** Names a standing import; its row says whether it is due. */
export type SourceMessage = { unit: number; source: string };

/** Names the move of an org unit to another database; its row says what remains to be done. */
export type MoveMessage = { move: string };

/** The events themselves: no table has them yet. */
export type EventMessage = { unit: number; events: QueuedEvent[] };
export type DeliveryMessage = { unit: number; delivery_id: string };

export const isEventMessage = (body: unknown): body is EventMessage => {
  const { unit, events } = (body ?? {}) as Partial<EventMessage>;
  return typeof unit === "number" && Array.isArray(events);
};

export const isUndoMessage = (body: unknown): body is UndoMessage => typeof (body as Partial<UndoMessage> | null)?.undo === "string";

export const isSourceMessage = (body: unknown): body is SourceMessage =>
  typeof (body as Partial<SourceMessage> | null)?.source === "string";

export const isMoveMessage = (body: unknown): body is MoveMessage => typeof (body as Partial<MoveMessage> | null)?.move === "string";
