import { consumeDeadLetter } from "./dead-letters";
import { consumeDeliveries } from "./deliveries";
import { consumeImportJob } from "./import-jobs";
import { settleEach } from "./settle";

export async function consume(batch: MessageBatch, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  if (batch.queue === "leadedge-imports") return settleEach(batch, (message) => consumeImportJob(env, message));
  if (batch.queue === "leadedge-deliveries") return consumeDeliveries(batch, env, context);
  return settleEach(batch, (message) => consumeDeadLetter(env, message, batch.queue));
}
