import { type CsvRow, type CsvTable, parseChunk, readCsv } from "../../../src/core/csv";

/** The table of a file that must be readable. */
export function tableOf(bytes: Uint8Array, options?: Parameters<typeof readCsv>[1]): CsvTable {
  const result = readCsv(bytes, options);
  if (!result.ok) throw new Error(`refused: ${result.problem.kind}: ${result.problem.detail}`);
  return result.table;
}

/** All rows, read chunk by chunk as an import does. */
export function rowsOf(table: CsvTable): CsvRow[] {
  return table.chunks.flatMap((chunk) => {
    const bytes = table.utf8.subarray(chunk.offset, chunk.offset + chunk.length);
    return parseChunk(bytes, { first_row: chunk.first_row, delimiter: table.delimiter, guarded: table.guarded });
  });
}
