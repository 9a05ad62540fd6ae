export { changeLead } from "./change-lead";
export { type LeadOverview, requireLeadOverview } from "./overview";
export { LEAD_UPDATE_FIELDS } from "./schemas";
