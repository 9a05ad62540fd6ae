export { ALIAS_KINDS, type Alias, type AliasKind, type AliasProblem, isAliasKind, isPhoneRegion, normaliseAlias } from "./alias";
export {
  type AliasConflict,
  type AliasOwners,
  aliasKey,
  leadWrites,
  ownerStatements,
  type PlannedLead,
  type PlannedLeads,
  readOwners,
} from "./bulk-store";
export { requireLeadByAlias } from "./find-lead-by-alias";
export { ALIASES_PER_LEAD_MAX, type Lead, leadEtag, primaryAlias, type StoredAlias, storedAlias } from "./lead";
export { parseLeadId } from "./lead-id";
export { patchLeadByAlias } from "./patch-lead";
export {
  isAttributeKey,
  type Json,
  PROFILE_BYTES_MAX,
  type Profile,
  STANDARD_PROFILE_FIELDS,
  supersededKeys,
  utf8Bytes,
  valueProblem,
} from "./profile";
export { createProfileField, knownFields, listProfileFields, type ProfileField } from "./profile-fields";
export { selectLeadExists, selectProfileFields } from "./store";
