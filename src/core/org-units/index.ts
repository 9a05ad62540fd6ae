export {
  createOrgUnit,
  DEFAULT_UNIT_ID,
  listUsableOrgUnits,
  requireOrgUnitByKey,
  requireOrgUnitOf,
  requireUsableOrgUnit,
  updateUsableOrgUnit,
} from "./org-units";
export { createOrganization, type Organization } from "./organizations";
export { NewOrganization, OrgUnitInput, Region, UnitChoice } from "./schemas";
export { endSession, listSessions, openSession, unitOfSession } from "./session";
