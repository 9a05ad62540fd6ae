export { EXPORT_FIELDS } from "./columns";
export { exportLeads, LeadExportInput, PART_LEADS_MAX } from "./export-leads";
export { copyOfLead, type PersonCopy } from "./person-copy";
export type { ExportFormat } from "./write-export";
