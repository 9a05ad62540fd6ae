export {
  listAccessibleChannels,
  requireAccessibleChannel,
  requireChannelOfLead,
  requireChannelsByLegacyId,
  requirePublicChannel,
} from "./access";
export { type AddedLeads, addLeads, type LeadsToAdd } from "./add-leads";
export { type ChannelInput, changeChannel, createChannel, listChannels, requireChannelAtHome, type SavedChannel } from "./admin-channels";
export { changeStatus, requireStatus } from "./change-status";
export { type Channel, isUuid, type PropertyDefinition, type RewardTrigger } from "./channel";
export { DEFINITIONS_MAX, type DefinitionInput, STATUSES_MAX, type StatusInput } from "./channel-input";
export { type ChannelLead, flatLead, statusOf, type WholeLead, wholeLead } from "./channel-lead";
export type { ChannelAtHome } from "./channel-row";
export { createChannelLead } from "./create-channel-lead";
export {
  createPurchase,
  type NewPurchase,
  PURCHASE_AMOUNT_MAX,
  PURCHASE_DESCRIPTION_CHARS_MAX,
  PURCHASE_NAME_CHARS_MAX,
} from "./create-purchase";
export { erasesOf } from "./erases";
export { findChannelLead, listChannelLeads, requireChannelLead } from "./find-channel-leads";
export { InvalidProperties, type InvalidProperty } from "./properties";
export type { Purchase } from "./record-store";
export { changeTrigger, createTrigger, listEvents, listRewards, removeTrigger } from "./reward-triggers";
export { STANDARD_FIELDS, type StandardChange, type StandardField } from "./standard-fields";
export { updateChannelLead } from "./update-channel-lead";
