export { deleteLead } from "./delete-lead";
export { deleteOrganization } from "./delete-organization";
export { UNIT_TABLES } from "./unit-tables";
