export { deleteOwnedChannel, deleteOwnedWebhooks, insertOwnedEmail, insertOwnedWebhook, updateOwnedWebhook } from "./channel-store";
export {
  changeNotificationChannel,
  createNotificationChannel,
  deleteNotificationChannel,
  listNotificationChannels,
  type NotificationChannel,
  type NotificationChannelWithSecret,
  type RotatedSecret,
  requireNotificationChannel,
  requireNotificationChannels,
  revokePreviousSecret,
  rotateSigningSecret,
} from "./channels";
export { type Config, maskUrl, readConfig } from "./config";
export {
  type DeliveryDetail,
  listDeliveries,
  replayDelivery,
  requireDelivery,
  testNotificationChannel,
} from "./deliveries";
export { listDeliveriesById } from "./deliveries-by-id";
export { type DeliveryFilter, type DeliveryRow, insertDeliveries, type NewDelivery } from "./delivery-store";
export { findUnitsToNotify } from "./feed-store";
export { notifyOfChanges } from "./notify-of-changes";
export { CONFIGS, NewNotificationChannel, NotificationChannelChange } from "./schemas";
export { sendDelivery } from "./send-delivery";
export { deliveryId, newSigningSecret } from "./sign";
export { announcementSql, type Recipient, recipientsOf, selectSubscribers } from "./subscriptions";
export { findDueDeliveries, removeOldDeliveries } from "./sweep";
export { requireDeliverableUrl } from "./url";
