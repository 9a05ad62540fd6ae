import type { Outbox } from "../context";

/** What one sendBatch takes. */
const MESSAGES_PER_SEND = 100;

export const openOutbox = (queues: { imports: Queue; events: Queue; deliveries: Queue }): Outbox => ({
  importJob: async (message) => {
    await queues.imports.send(message);
  },
  events: async (message) => {
    await queues.events.send(message);
  },
  deliveries: async (messages, delaySeconds = 0) => {
    for (let from = 0; from < messages.length; from += MESSAGES_PER_SEND) {
      const slice = messages.slice(from, from + MESSAGES_PER_SEND);
      await queues.deliveries.sendBatch(
        slice.map((body) => ({ body })),
        { delaySeconds },
      );
    }
  },
});
