export { suppressions, type VelocityFilter, type WatchedEvent } from "./filter";
export { changeVelocityFilter, createVelocityFilter, deleteVelocityFilter, listVelocityFilters } from "./filters";
export { NewVelocityFilter, VELOCITY_FILTER_FIELDS } from "./schemas";
export { readVelocityFilter, selectActiveVelocityFilters, selectWatched } from "./store";
