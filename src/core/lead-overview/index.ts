export { changeLead } from "./change-lead";
export { CRITERIA, criteriaOf, LeadCriteria, readCriteria, SavedCriteria } from "./criteria";
export { leadHistory } from "./lead-history";
export { type LeadPage, type ListedLead, listLeadOverviews } from "./list-overviews";
export { type LeadOverview, requireLeadOverview } from "./overview";
export { LEAD_SORTS, LEAD_UPDATE_FIELDS, LeadListInput } from "./schemas";
