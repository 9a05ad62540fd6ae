export { EXPORT_FIELDS } from "./columns";
export { type ExportFormat, exportLeads, LeadExportInput, PART_LEADS_MAX } from "./export-leads";
export { copyOfLead, type PersonCopy } from "./person-copy";
