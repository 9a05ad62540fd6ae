export { type Counted, type Overview, readOverview } from "./overview";
export { OverviewInput } from "./schemas";
