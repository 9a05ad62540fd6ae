export { deleteOwnedChannel, deleteOwnedWebhooks, insertOwnedEmail, insertOwnedWebhook, updateOwnedWebhook } from "./channel-store";
export {
  type Channel,
  type ChannelWithSecret,
  changeChannel,
  createChannel,
  listChannels,
  removeChannel,
  requireChannel,
  requireChannels,
  rotateSigningSecret,
} from "./channels";
export { CHANNEL_TYPES, type ChannelType, type Config, readEmailConfig } from "./config";
export { type DeliveryDetail, listDeliveries, replayDelivery, requireDelivery, testChannel } from "./deliveries";
export { type DeliveryFilter, type DeliveryRow, type DeliveryStatus, insertDeliveries, type NewDelivery } from "./delivery-store";
export { sendDelivery } from "./send-delivery";
export { deliveryId, newSigningSecret } from "./sign";
export { findDueDeliveries, removeOldDeliveries } from "./sweep";
export { requireDeliverableUrl } from "./url";
