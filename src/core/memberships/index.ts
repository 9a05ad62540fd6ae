export { erasesOf } from "./erases";
export {
  type Forecast,
  type ForecastWrite,
  forecastFirings,
  forecastLimits,
  forecastStatements,
  readWatchedSegments,
  type WatchedSegments,
  watchedStatements,
} from "./forecast-firings";
export { moveMemberships } from "./moves";
export { type SettledMemberships, settleMemberships } from "./settle-memberships";
export { selectUnitsWithWork } from "./store";
