export {
  listAccessibleChannels,
  requireAccessibleChannel,
  requireChannelOfLead,
  requireChannelsByLegacyId,
  requirePublicChannel,
} from "./access";
export { type AddedLeads, addLeads } from "./add-leads";
export { changeChannel, createChannel, listChannels, requireChannelAtHome, type SavedChannel } from "./admin-channels";
export { changeStatus } from "./change-status";
export { type Channel, isUuid, type PropertyDefinition, type RewardTrigger } from "./channel";
export { type ChannelLead, flatLead, statusOf, type WholeLead, wholeLead } from "./channel-lead";
export type { ChannelAtHome } from "./channel-row";
export { createChannelLead } from "./create-channel-lead";
export { createPurchase } from "./create-purchase";
export { erasesOf } from "./erases";
export { findChannelLead, listChannelLeads, requireChannelLead } from "./find-channel-leads";
export { amountOfMinorUnits } from "./money";
export { InvalidProperties, type InvalidProperty } from "./properties";
export type { Purchase, RewardEntry } from "./record-store";
export { reverseReward } from "./reverse-reward";
export { changeRewardTrigger, createRewardTrigger, deleteRewardTrigger, listEvents, listRewards } from "./reward-triggers";
export { ChannelChange, LeadsToAdd, NewChannel, NewPurchase, NewRewardTrigger, Properties, RewardTriggerChange } from "./schemas";
export { forStandardFields, STANDARD_FIELDS, type StandardChange, type StandardField } from "./standard-fields";
export { updateChannelLead } from "./update-channel-lead";
