export { ALIAS_CHARS_MAX, type Alias, type AliasProblem, aliasKey, isPhoneRegion, normaliseAlias } from "./alias";
export {
  type AliasConflict,
  type AliasOwners,
  leadWrites,
  ownerStatements,
  type PlannedLead,
  type PlannedLeads,
  readOwners,
} from "./bulk-store";
export { createLead, type NewLead } from "./create-lead";
export { deleteLead } from "./delete-lead";
export { noSuchLead, requireLead } from "./find-lead";
export { requireLeadByAlias } from "./find-lead-by-alias";
export {
  ALIASES_PER_LEAD_MAX,
  type Lead,
  leadEmail,
  leadEtag,
  leadName,
  leadPhone,
  primaryAlias,
  type StoredAlias,
  storedAlias,
} from "./lead";
export { parseLeadId, publicLeadId } from "./lead-id";
export { type LeadQuery, listLeads } from "./list-leads";
export { patchLeadByAlias } from "./patch-lead";
export { EmailTaken, type OnConflict } from "./place-aliases";
export { isAttributeKey, type Json, mergeProfile, PROFILE_BYTES_MAX, type Profile, supersededKeys, valueProblem } from "./profile";
export { createProfileField, knownFields, listProfileFields, type ProfileField } from "./profile-fields";
export { countLeads, LEAD_COLUMNS, type LeadRow, readLead, selectLeadExists, selectProfileFields } from "./store";
export { type Beside, type LeadChange, type UpdateOptions, updateLead } from "./update-lead";
