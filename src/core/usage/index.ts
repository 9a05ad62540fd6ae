export { keepUsage, removeOldUsage } from "./keep-usage";
export { listUsage } from "./list-usage";
export { UsageSelection } from "./schemas";
