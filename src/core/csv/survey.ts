/** The one scan over all records: counts them, cuts them into chunks, and notes what is odd. Keeps numbers, never rows. */

import { CHUNK_BYTES_MAX, CHUNK_ROWS_MAX, COLUMNS_MAX, RECORD_BYTES_MAX } from "./limits";
import { nextRecord, type RecordMark } from "./records";
import type { Chunk } from "./table";

export type Ragged = { count: number; first_row: number; first_cells: number };

export type Survey = { row_count: number; chunks: Chunk[]; too_long: Ragged; too_short: Ragged };

export type SurveyResult = { ok: true; survey: Survey } | { ok: false; detail: string };

/** Surveys what follows the header, which `mark` stands on and which is spreadsheet row `header_row`. Uses `mark` up. */
export function surveyRecords(utf8: Uint8Array, delimiter: number, mark: RecordMark, header_row: number): SurveyResult {
  const columns = mark.cells;
  const survey: Survey = { row_count: 0, chunks: [], too_long: noRagged(), too_short: noRagged() };
  let chunk: Chunk | undefined;
  for (let row = header_row + 1; nextRecord(utf8, delimiter, mark); row++) {
    if (mark.blank) continue;
    const detail = findFault(mark, row);
    if (detail !== null) return { ok: false, detail };
    survey.row_count++;
    if (mark.cells > columns) note(survey.too_long, mark, row);
    if (mark.cells < columns) note(survey.too_short, mark, row);
    // Blank lines count against the rows too: PapaParse makes an array of each, and a megabyte of them would fill the memory.
    const fits = chunk && row - chunk.first_row < CHUNK_ROWS_MAX && mark.end - chunk.offset <= CHUNK_BYTES_MAX;
    if (!chunk || !fits) {
      chunk = { offset: mark.start, length: 0, first_row: row, rows: 0 };
      survey.chunks.push(chunk);
    }
    chunk.rows++;
    chunk.length = mark.end - chunk.offset;
  }
  return { ok: true, survey };
}

/** Why this record cannot be taken, or null. The header is asked too. */
export function findFault(mark: RecordMark, row: number): string | null {
  if (!mark.closed) return `the quote opened in row ${row} is never closed`;
  const size = mark.end - mark.start;
  if (size > RECORD_BYTES_MAX) {
    return `row ${row} is ${grouped(size)} bytes long, more than ${grouped(RECORD_BYTES_MAX)}: is a quote missing?`;
  }
  if (mark.cells > COLUMNS_MAX) return `row ${row} has ${grouped(mark.cells)} columns, more than ${grouped(COLUMNS_MAX)}`;
  return null;
}

function noRagged(): Ragged {
  return { count: 0, first_row: 0, first_cells: 0 };
}

function note(ragged: Ragged, mark: RecordMark, row: number): void {
  if (ragged.count === 0) {
    ragged.first_row = row;
    ragged.first_cells = mark.cells;
  }
  ragged.count++;
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
