/** Settles every message of a batch by itself: a failure is logged and comes back later, alone. */
import { logError } from "../log";

const RETRY_SECONDS_MAX = 300;

export async function settleEach(batch: MessageBatch, handle: (message: Message) => Promise<void>): Promise<void> {
  for (const message of batch.messages) {
    try {
      await handle(message);
      message.ack();
    } catch (error) {
      logError("message failed", error, { queue: batch.queue, message_id: message.id, attempt: message.attempts });
      message.retry({ delaySeconds: Math.min(2 ** message.attempts, RETRY_SECONDS_MAX) });
    }
  }
}
