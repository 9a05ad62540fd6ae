import type { Outbox } from "../context";
import type { DeliveryMessage, ImportMessage } from "./messages";

/** What one sendBatch takes. */
const MESSAGES_PER_SEND = 100;

export const openOutbox = (queues: { imports: Queue; deliveries: Queue }): Outbox => ({
  importJob: async (message: ImportMessage) => {
    await queues.imports.send(message);
  },
  deliveries: async (messages: readonly DeliveryMessage[], delaySeconds = 0) => {
    for (let from = 0; from < messages.length; from += MESSAGES_PER_SEND) {
      const slice = messages.slice(from, from + MESSAGES_PER_SEND);
      await queues.deliveries.sendBatch(
        slice.map((body) => ({ body })),
        { delaySeconds },
      );
    }
  },
});
