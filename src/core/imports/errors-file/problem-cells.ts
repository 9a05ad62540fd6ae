/** What is wrong with the cells of a row that failed, by column. Pure. */
import type { CsvRow } from "../../csv";
import { cleanAliasCell, renderCellWarning } from "../cells";
import { ROW_ERRORS, type RowReader } from "../import-row";
import type { StoredError } from "../jobs";

/** A sentence that names the column, by its index. */
export type CellProblems = ReadonlyMap<number, string>;

/** `reader` is null for rows that are events: then the error names the only cell. */
export function problemCells(
  { cells }: Pick<CsvRow, "cells">,
  [, code, column]: StoredError,
  headers: readonly string[],
  reader: RowReader | null,
): CellProblems {
  const nameOf = (index: number) => headers[index] ?? `Column ${index + 1}`;
  const problems = new Map<number, string>();
  for (const alias of reader?.columns ?? []) {
    const cell = cells[alias.column]?.trim() ?? "";
    if (cell === "" || reader === null) continue;
    const { region, placeholders } = reader;
    const repeats_in_file = reader.repeated.get(alias.column)?.has(cell) === true;
    const { warnings } = cleanAliasCell(alias.kind, cell, { region, placeholders, repeats_in_file });
    if (warnings.length > 0)
      problems.set(alias.column, warnings.map((warning) => renderCellWarning(warning, nameOf(alias.column))).join("; "));
  }
  if (column !== null && !problems.has(column)) problems.set(column, `${nameOf(column)}: ${ROW_ERRORS[code]}`);
  return problems;
}
