/** Records messages that no consumer could settle, for the operator. An import job is not lost with its message: the sweep finds it. */
import { recordDeadLetter } from "../open-context";

export const consumeDeadLetter = (env: Env, message: Message, queue: string): Promise<void> =>
  recordDeadLetter(env, { message_id: message.id, queue, body: JSON.stringify(message.body), received_at: Date.now() });
