export { LEAD_COLUMNS_UNDONE, type LeadColumns } from "./entry";
export { erasesOf } from "./erases";
export { type JournalChunk, type JournalledChange, type JournalledLead, type JournalledLeads, journalWrites } from "./journal";
