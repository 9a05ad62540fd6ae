/** Sends deliveries. A message is a nudge: whether there is something to send is read from the delivery. */
import { sendDelivery } from "../core/webhooks";
import { openSystem } from "../open-context";
import type { DeliveryMessage } from "./messages";
import { settleEach } from "./settle";

/** As many connections as a Worker may have waiting for an answer; so one silent receiver does not hold up the others. */
const SENDS_AT_ONCE = 6;

export const consumeDeliveries = (batch: MessageBatch, env: Env): Promise<void> =>
  settleEach(
    batch,
    async (message) => {
      const { unit, delivery_id } = message.body as DeliveryMessage;
      await sendDelivery(await openSystem(env, unit, message.id), delivery_id);
    },
    SENDS_AT_ONCE,
  );
