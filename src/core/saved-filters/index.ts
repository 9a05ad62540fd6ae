export { deleteFilter, listFilters, SavedFilterInput, saveFilter } from "./filters";
export type { SavedFilter } from "./store";
