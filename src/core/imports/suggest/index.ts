/** Suggests what the columns of a file mean. Pure. */
export { newFieldName } from "./assign-fields";
export { type NamedField, namedFields } from "./named-field";
export { headerShape } from "./plain-header";
export { suggestMapping } from "./suggest-mapping";
export type { ColumnSuggestion, Identifier, Remembered, SuggestedMapping, SuggestInput, Suggestion } from "./suggestion";
export { namesSomebodyElse, targetOfName } from "./target-of-name";
