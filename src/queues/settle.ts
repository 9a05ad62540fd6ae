/** Settles every message of a batch by itself: a failure is logged and comes back later, alone. */
import { logError } from "../log";

const RETRY_SECONDS_MAX = 300;

/** One message after the other, or `atOnce` of them side by side. */
export async function settleEach(batch: MessageBatch, handle: (message: Message) => Promise<void>, atOnce = 1): Promise<void> {
  const waiting = batch.messages.values();
  const work = async () => {
    for (const message of waiting) await settle(batch.queue, message, handle);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function settle(queue: string, message: Message, handle: (message: Message) => Promise<void>): Promise<void> {
  try {
    await handle(message);
    message.ack();
  } catch (error) {
    logError("message failed", error, { queue, message_id: message.id, attempt: message.attempts });
    message.retry({ delaySeconds: Math.min(2 ** message.attempts, RETRY_SECONDS_MAX) });
  }
}
