export { deleteLead, deletionOf } from "./delete-lead";
export { deleteOrganization } from "./delete-organization";
export { eraseLead, type LeadErasureReceipt } from "./erase-lead";
export { type ErasedUnit, eraseLateWrites, forgetErasure } from "./late-writes";
export { UNIT_TABLES } from "./unit-tables";
