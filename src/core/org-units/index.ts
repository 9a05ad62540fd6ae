export { changeLimits, type Limits, requireLimits } from "./limits";
export {
  createOrgUnit,
  DEFAULT_UNIT_ID,
  forgetOrgUnit,
  listUsableOrgUnits,
  requireOrgUnitByKey,
  requireOrgUnitOf,
  requireUsableOrgUnit,
  type ShownOrgUnit,
  updateUsableOrgUnit,
} from "./org-units";
export {
  createOrganization,
  listOrganizations,
  type Organization,
  type OrganizationSummary,
  requireOrganization,
} from "./organizations";
export { findRegionChanges, type RegionChange, saveRekeyed } from "./region-change";
export { LimitsChange, NewOrganization, OrganizationSelection, OrgUnitInput, Region, UnitChoice } from "./schemas";
export { endSession, listSessions, openSession, unitOfSession } from "./session";
