export {
  createOrgUnit,
  DEFAULT_UNIT_ID,
  listUsableOrgUnits,
  type OrgUnitInput,
  requireOrgUnitByKey,
  requireOrgUnitOf,
  requireUsableOrgUnit,
  updateUsableOrgUnit,
} from "./org-units";
export { createOrganization, type Organization } from "./organizations";
export { endSession, listSessions, openSession, unitOfSession } from "./session";
