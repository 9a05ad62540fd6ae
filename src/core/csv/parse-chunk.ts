import Papa from "papaparse";
import { unguardCell } from "./guard";
import type { CsvRow, Delimiter } from "./table";

const BYTE_ORDER_MARK = "\uFEFF";

/**
 * The records of one chunk of the normalised copy that are not blank, with their spreadsheet row numbers. `first_row` is the
 * chunk's; of a `guarded` file the cells come without their spreadsheet guard.
 */
export function parseChunk(bytes: Uint8Array, layout: { first_row: number; delimiter: Delimiter; guarded: boolean }): CsvRow[] {
  const rows: CsvRow[] = [];
  parseRecords(bytes, layout.delimiter).forEach((cells, index) => {
    if (isBlank(cells)) return;
    rows.push({ row: layout.first_row + index, cells: layout.guarded ? cells.map(unguardCell) : cells });
  });
  return rows;
}

function parseRecords(bytes: Uint8Array, delimiter: Delimiter): string[][] {
  const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes);
  // PapaParse takes a mark off every text. Inside a file it is content, and must not depend on where a chunk begins.
  const input = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK + text : text;
  return Papa.parse<string[]>(input, { delimiter, newline: "\n", header: false, dynamicTyping: false, skipEmptyLines: false }).data;
}

function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0]?.trim() === "";
}
