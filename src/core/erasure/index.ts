export { deleteLead, deletionOf } from "./delete-lead";
export { deleteOrganization, type ErasureWorld } from "./delete-organization";
export { eraseLead } from "./erase-lead";
export type { LeadErasureReceipt } from "./finish-erasure";
export { type LargeErasure, requireErasure, runErasure } from "./large-erasure";
export { findStuckErasures } from "./large-store";
export { type ErasedUnit, eraseLateWrites, forgetErasure } from "./late-writes";
export { UNIT_TABLES } from "./unit-tables";
