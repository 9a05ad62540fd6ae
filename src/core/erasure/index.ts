export { deleteLead } from "./delete-lead";
export { deleteOrganization } from "./delete-organization";
