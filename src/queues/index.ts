import { consumeDeadLetter } from "./dead-letters";
import { consumeDeliveries } from "./deliveries";
import { consumeImportJob } from "./import-jobs";
import { settleEach } from "./settle";

export async function consume(batch: MessageBatch, env: Env): Promise<void> {
  if (batch.queue === "leadedge-imports") return settleEach(batch, (message) => consumeImportJob(env, message));
  if (batch.queue === "leadedge-deliveries") return consumeDeliveries(batch, env);
  return settleEach(batch, (message) => consumeDeadLetter(env, message, batch.queue));
}
