import { flushMetrics } from "../open-context";
import { consumeDeadEvents } from "./dead-events";
import { consumeDeadLetter } from "./dead-letters";
import { consumeDeliveries } from "./deliveries";
import { consumeEvents } from "./events";
import { consumeImportJob } from "./import-jobs";
import { consumeImportSource } from "./import-sources";
import { isSourceMessage, isUndoMessage } from "./messages";
import { settleEach } from "./settle";
import { consumeUndo } from "./undos";

export async function consume(batch: MessageBatch, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  await settleBatch(batch, env, context);
  const flushed = flushMetrics(env);
  if (flushed) context.waitUntil(flushed);
}

function consumeImport(env: Env, message: Message): Promise<void> {
  if (isUndoMessage(message.body)) return consumeUndo(env, message);
  return isSourceMessage(message.body) ? consumeImportSource(env, message) : consumeImportJob(env, message);
}

function settleBatch(batch: MessageBatch, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  switch (batch.queue) {
    case "leadedge-imports":
      return settleEach(batch, (message) => consumeImport(env, message));
    case "leadedge-events":
      return consumeEvents(batch, env);
    case "leadedge-events-dead-letters":
      return consumeDeadEvents(batch, env);
    case "leadedge-deliveries":
      return consumeDeliveries(batch, env, context);
    default:
      return settleEach(batch, (message) => consumeDeadLetter(env, message, batch.queue));
  }
}
