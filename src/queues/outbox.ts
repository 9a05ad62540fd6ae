import type { Outbox } from "../context";
import type { ImportMessage } from "./messages";

export const openOutbox = (queues: { imports: Queue }): Outbox => ({
  importJob: async (message: ImportMessage) => {
    await queues.imports.send(message);
  },
});
