import type { Outbox } from "../context";

export const openOutbox = (queues: { imports: Queue; events: Queue }): Outbox => ({
  importJob: async (message) => {
    await queues.imports.send(message);
  },
  events: async (message) => {
    await queues.events.send(message);
  },
});
