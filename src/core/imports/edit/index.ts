export { CellEdits, editFile, mendFailedRows } from "./edit-file";
export { listFailedRows, listProblemRows } from "./problem-rows";
