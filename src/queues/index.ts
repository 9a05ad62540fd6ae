import { flushMetrics } from "../open-context";
import { consumeDeadEvents } from "./dead-events";
import { consumeDeadLetter } from "./dead-letters";
import { consumeDeliveries } from "./deliveries";
import { consumeEvents } from "./events";
import { consumeImportJob } from "./import-jobs";
import { consumeImportSource } from "./import-sources";
import { isMoveMessage, isSourceMessage, isUndoMessage } from "./messages";
import { consumeMove } from "./moves";
import { settleEach } from "./settle";
import { inTurn } from "./turns";
import { consumeUndo } from "./undos";

export async function consume(batch: MessageBatch, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  await settleBatch(batch, env, context);
  const flushed = flushMetrics(env);
  if (flushed) context.waitUntil(flushed);
}

function consumeImport(env: Env, message: Message): Promise<void> {
  if (isSourceMessage(message.body)) return consumeImportSource(env, message);
  if (isMoveMessage(message.body)) return consumeMove(env, message.body);
  return inTurn(env, message, isUndoMessage(message.body) ? consumeUndo : consumeImportJob);
}

/** What a queue is for. Its owner may have renamed it, but for how it ends: `leadedge-staging-events`. */
const purposeOf = (queue: string): string | undefined =>
  /(?:^|-)(events-dead-letters|dead-letters|imports|events|deliveries)$/.exec(queue)?.[1];

function settleBatch(batch: MessageBatch, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  switch (purposeOf(batch.queue)) {
    case "imports":
      return settleEach(batch, (message) => consumeImport(env, message));
    case "events":
      return consumeEvents(batch, env);
    case "events-dead-letters":
      return consumeDeadEvents(batch, env);
    case "deliveries":
      return consumeDeliveries(batch, env, context);
    default:
      return settleEach(batch, (message) => consumeDeadLetter(env, message, batch.queue));
  }
}
