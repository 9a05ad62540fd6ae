/** Settles messages: a failure is logged and its message retried later. */
import { logError } from "../log";

const RETRY_SECONDS_MAX = 300;

/** Settles each message of a batch by itself, `atOnce` of them at a time. */
export async function settleEach(batch: MessageBatch, handle: (message: Message) => Promise<void>, atOnce = 1): Promise<void> {
  const waiting = batch.messages.values();
  const work = async () => {
    for (const message of waiting) await settle(batch.queue, [message], () => handle(message));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Settles messages that succeed or fail together. */
export async function settle(queue: string, messages: readonly Message[], handle: () => Promise<void>): Promise<void> {
  try {
    await handle();
    for (const message of messages) message.ack();
  } catch (error) {
    const [first] = messages;
    logError("message failed", error, { queue, message_id: first?.id, messages: messages.length, attempt: first?.attempts });
    for (const message of messages) message.retry({ delaySeconds: Math.min(2 ** message.attempts, RETRY_SECONDS_MAX) });
  }
}
