import type { Outbox } from "../context";
import { logError } from "../log";
import { backlogGauges, isOverfull, readBacklog } from "./backlog";

/** Cloudflare's limit for one sendBatch. */
const MESSAGES_PER_SEND = 100;

type Queues = {
  imports: Queue;
  events: Queue;
  deliveries: Queue;
  /** has a unit's lane follow its changes */
  changes(unit: number, waits: boolean): Promise<void>;
};

export const openOutbox = (queues: Queues, eventMessagesMax: number): Outbox => ({
  eventsOverfull: async () => isOverfull(await readBacklog(queues.events, Date.now()), eventMessagesMax),
  eventsWaitSeconds: async () => {
    const now = Date.now();
    return backlogGauges(await readBacklog(queues.events, now), now).queue_oldest_seconds;
  },
  importJob: (message) => nudge("import", { job_id: message.job_id }, () => queues.imports.send(message)),
  undo: ({ unit, operation_id }) => nudge("undo", { operation_id }, () => queues.imports.send({ unit, undo: operation_id })),
  importPlan: (message) => nudge("plan", { plan_id: message.plan_id }, () => queues.imports.send(message)),
  importSource: ({ unit, source_id }) => nudge("import source", { source_id }, () => queues.imports.send({ unit, source: source_id })),
  changes: ({ unit, waits = false }) => nudge("changes", { unit }, () => queues.changes(unit, waits)),
  move: ({ move_id }, delaySeconds = 0) => nudge("move", { move_id }, () => queues.imports.send({ move: move_id }, { delaySeconds })),
  events: async (message) => {
    await queues.events.send(message);
  },
  deliveries: (messages, delaySeconds = 0) =>
    nudge("delivery", { messages: messages.length, delivery_id: messages[0]?.delivery_id }, async () => {
      for (let from = 0; from < messages.length; from += MESSAGES_PER_SEND) {
        const slice = messages.slice(from, from + MESSAGES_PER_SEND);
        await queues.deliveries.sendBatch(
          slice.map((body) => ({ body })),
          { delaySeconds },
        );
      }
    }),
});

/** The work is in the database already, and a sweep finds work without a message: a queue that fails only delays it. */
async function nudge(kind: string, details: Record<string, string | number | undefined>, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    logError(`${kind} message not sent`, error, details);
  }
}
