export { ALIAS_CHARS_MAX, type Alias, type AliasProblem, aliasKey, normaliseAlias } from "./aliases/alias";
export { type AliasOwners, claimAliases, PlannedOwners } from "./aliases/claim";
export { moveAliases, settleConflicts } from "./aliases/move-store";
export { EmailTaken, type OnConflict, type RefusedAlias } from "./aliases/place";
export { profileUrl } from "./aliases/profile-url";
export { type AliasOwner, readOwners } from "./aliases/store";
export {
  BLOCKED,
  DEFAULT_BLOCKED,
  isBlockedByDefault,
  isWithheld,
  SUPPRESSED,
  unwithhold,
  type Withheld,
  withhold,
} from "./aliases/withheld";
export { assignOwner, assignOwnerOf } from "./assign-owner";
export { LEADS_PER_BATCH_MAX, LeadItemInput, REFUSALS, WriteModeInput } from "./batch/input";
export type { LeadVerdict } from "./batch/plan";
export { writeLead, writeLeads } from "./batch/write-leads";
export {
  type AliasConflict,
  type LeadFields,
  leadWrites,
  ownerStatements,
  type PlannedLead,
  type PlannedLeads,
  restateLeads,
  type WrittenAt,
} from "./bulk-store";
export { AliasTaken, attachAlias, detachAlias } from "./change-aliases";
export { changedFields, changedKeys } from "./changed-keys";
export {
  ConsentInput,
  ConsentPurpose,
  changedConsent,
  mergedConsent,
  readConsent,
  type StoredConsent,
  writeConsent,
} from "./consent";
export { createLead } from "./create-lead";
export { dropAlias } from "./drop-alias";
export { deleteLeadRow, erasesOf } from "./erases";
export {
  LEAD_FIELDS,
  NAME_PARTS,
  PARTNER_FIELDS,
  type PartnerField,
  STANDARD_PROFILE_FIELDS,
  type StandardProfileField,
  WORKSPACE_FIELDS,
  type WorkspaceField,
} from "./fields";
export {
  aliasToFind,
  findLeadsByAliases,
  namedLead,
  namesOfLeads,
  noSuchLead,
  requireLead,
  requireLeadByAlias,
  sourcesOfLead,
} from "./find-lead";
export { isFreeMail } from "./free-mail";
export {
  ALIASES_PER_LEAD_MAX,
  type Lead,
  type LeadAlias,
  leadEmail,
  leadEtag,
  leadName,
  leadPhone,
  parseLeadId,
  primaryAlias,
  publicLeadId,
  readAlias,
  type StoredAlias,
  storedAlias,
} from "./lead";
export { leadJson } from "./lead-items";
export { accountsExist, linkNewLeads } from "./link-accounts";
export { absence, LeadMerged, type MergedInto, MOVING_LEADS_SQL, selectMergedIds, selectMergedInto } from "./merged";
export { moveAlias } from "./move-alias";
export { patchLeadByAlias, requireAttributes } from "./patch-lead";
export { leadAfter, leadToBe } from "./planned-lead";
export {
  isAttributeKey,
  type Json,
  jsonProblem,
  mergeProfile,
  PROFILE_BYTES_MAX,
  type Profile,
  requireProfileBytes,
  supersededKeys,
  valueProblem,
} from "./profile";
export { createProfileField, knownFields, listProfileFields, type ProfileField } from "./profile-fields";
export { refusedAliases } from "./refused-aliases";
export { rekeyPhones } from "./rekey/rekey-phones";
export { findSocialsPlace, rekeySocials, type SocialsPlace, saveSocialsPlace } from "./rekey/rekey-socials";
export {
  AliasBatch,
  AliasInput,
  BulkOwnerInput,
  LeadChangeInput,
  LeadId,
  LIST_LIMIT_MAX,
  LIST_PAGE_MAX,
  OwnerInput,
  ProfileFieldInput,
  ProfileObject,
  SEARCH_CHARS_MAX,
} from "./schemas";
export { cutTo, lowerAscii, SOURCE_CHARS_MAX, WORD_CHARS_MAX, WORDS_PER_LEAD_MAX } from "./search/limits";
export { listLeads } from "./search/list-leads";
export { matching, Params, selectKeptTotal } from "./search/list-store";
export { type SearchTerm, searchTerms } from "./search/terms";
export {
  aliasSource,
  changedSources,
  consentSource,
  type FieldSource,
  fieldSources,
  lastWrittenAt,
  readSources,
  SOURCE_KEYS,
  type SourceKind,
  type StoredSources,
  sourceEntry,
  sourcesAfterSql,
  wasEditedByPerson,
} from "./sources";
export {
  adjustLeadCount,
  insertProfileField,
  LEAD_COLUMNS,
  type LeadRow,
  leadExists,
  leadIsAsLoaded,
  leadsFit,
  type ProfileFieldRow,
  readLead,
  selectLead,
  selectLeadExists,
  selectLeadsById,
  selectLeadTotal,
  selectProfileFields,
  selectSources,
  updateLeadRow,
} from "./store";
export { updateLead } from "./update-lead";
