/** Sends deliveries. A message is a nudge: whether there is something to send is read from the delivery. */
import { sendDelivery } from "../core/notifications";
import { logError } from "../log";
import { openSystem } from "../open-context";
import type { DeliveryMessage } from "./messages";
import { settleEach } from "./settle";

/** A batch is as large (wrangler.toml) as a Worker may have connections waiting for an answer, and all of it is sent at once. */
const SENDS_AT_ONCE = 6;
/** A receiver that is slower no longer holds the queue: its attempt goes on without its message. Should it die, its lease runs out. */
const PATIENCE_MS = 3000;

export const consumeDeliveries = (batch: MessageBatch, env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<void> =>
  settleEach(
    batch,
    async (message) => {
      const { unit, delivery_id } = message.body as DeliveryMessage;
      const sending = openSystem(env, unit, message.id).then((ctx) => sendDelivery(ctx, delivery_id));
      const inTime = await Promise.race([sending.then(() => true), patience()]);
      if (inTime) return;
      context.waitUntil(sending.catch((error: unknown) => logError("slow delivery failed", error, { delivery_id })));
    },
    SENDS_AT_ONCE,
  );

const patience = (): Promise<false> => new Promise((done) => setTimeout(() => done(false), PATIENCE_MS));
