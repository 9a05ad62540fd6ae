export {
  findLeadsByLegacyId,
  leadNotAccessible,
  listAccessibleChannels,
  requireAccessibleChannel,
  requireChannelOfLead,
  requirePublicChannel,
} from "./access";
export { type Channel, isUuid, type PropertyDefinition, type RewardTrigger } from "./channel";
export type { ChannelAtHome } from "./channel-row";
export { erasesOf } from "./erases";
export { type AddedLeads, addLeads } from "./leads/add-leads";
export { changeStatus } from "./leads/change-status";
export { type ChannelLead, flatLead, statusOf, type WholeLead, wholeLead } from "./leads/channel-lead";
export { createChannelLead } from "./leads/create-channel-lead";
export { findChannelLead, findChannelLeadByLegacyId, listChannelLeads, requireChannelLead } from "./leads/find-channel-leads";
export {
  announceState,
  type LeadState,
  mergedState,
  moveAllRecords,
  type RecordIds,
  replaceStates,
  retractState,
  returnRecords,
  selectRecords,
  selectStates,
  statesApart,
} from "./leads/move-leads";
export { InvalidProperties, type InvalidProperty } from "./leads/properties";
export { type ChannelRecord, channelRecordOf } from "./leads/record-of-lead";
export { forStandardFields, STANDARD_FIELDS, type StandardChange, type StandardField } from "./leads/standard-fields";
export { updateChannelLead } from "./leads/update-channel-lead";
export { createPurchase } from "./rewards/create-purchase";
export { amountOfMinorUnits } from "./rewards/money";
export type { Purchase, RewardEntry } from "./rewards/record-store";
export { reverseReward } from "./rewards/reverse-reward";
export { changeRewardTrigger, createRewardTrigger, deleteRewardTrigger, listEvents, listRewards } from "./rewards/reward-triggers";
export { ChannelChange, LeadsToAdd, NewChannel, NewPurchase, NewRewardTrigger, Properties, RewardTriggerChange } from "./schemas";
export { changeChannel, createChannel, listChannels, requireChannelAtHome, type SavedChannel } from "./setup/admin-channels";
