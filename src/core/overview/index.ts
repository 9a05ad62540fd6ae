export { type Counted, type Overview, readOverview } from "./overview";
export { OVERVIEW_DAYS, OverviewInput } from "./schemas";
