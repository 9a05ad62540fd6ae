/** Sends deliveries. A message names the delivery; whether it is to be sent is read from its row. */
import { sendDelivery } from "../core/notifications";
import { logError } from "../log";
import { logWork, openSystem } from "../open-context";
import type { DeliveryMessage } from "./messages";
import { settleEach } from "./settle";

/** Connections that a Worker may have waiting for a response. A batch (wrangler.toml) is as large, so all of it is sent at once. */
const SENDS_AT_ONCE = 6;
/** An attempt that takes longer continues without its message, so that a slow receiver does not hold the queue. If it dies, its lease expires. */
const PATIENCE_MS = 3000;

export const consumeDeliveries = (batch: MessageBatch, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<void> =>
  settleEach(
    batch,
    async (message) => {
      const { unit, delivery_id } = message.body as DeliveryMessage;
      const sending = openSystem(env, unit, message.id)
        .then((ctx) => sendDelivery(ctx, delivery_id))
        .then(() => logWork(env, "delivery handled", { unit, delivery_id }));
      const inTime = await Promise.race([sending.then(() => true), patience()]);
      if (inTime) return;
      context.waitUntil(sending.catch((error: unknown) => logError("slow delivery failed", error, { delivery_id })));
    },
    SENDS_AT_ONCE,
  );

const patience = (): Promise<false> => new Promise((done) => setTimeout(() => done(false), PATIENCE_MS));
