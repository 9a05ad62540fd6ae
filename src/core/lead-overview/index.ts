export { changeLead } from "./change-lead";
export { CRITERIA, type Criteria, criteriaOf, readCriteria, readNarrowing, SavedCriteria } from "./criteria";
export { leadHistory } from "./lead-history";
export { type LeadPage, type ListedLead, listLeadOverviews } from "./list-overviews";
export { type LeadOverview, requireLeadOverview } from "./overview";
export { saveLead } from "./save-lead";
export { listShapes, partEnd, type ScannedLead, type ScanPage, scanLeads } from "./scan-leads";
export { LEAD_SORTS, LEAD_UPDATE_FIELDS, LeadListInput } from "./schemas";
