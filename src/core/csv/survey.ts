/** The one scan over all records: counts them, cuts them into chunks, and notes what is odd. Keeps numbers, never rows. */

import type { Above } from "./footer";
import { CHUNK_BYTES_MAX, CHUNK_ROWS_MAX, COLUMNS_MAX, RECORD_BYTES_MAX } from "./limits";
import { nextRecord, type RecordMark } from "./records";
import type { Chunk } from "./table";

export type Ragged = { count: number; first_row: number; first_cells: number };

/** `footer` has the records at the end that are no data; it is in none of the other fields. */
export type Survey = { row_count: number; chunks: Chunk[]; too_long: Ragged; too_short: Ragged; footer: Surveyed[] };

export type SurveyResult = { ok: true; survey: Survey } | { ok: false; detail: string };

/** A record that is not blank: its bytes [start, end), the number of its cells, and its spreadsheet row. */
export type Surveyed = { start: number; end: number; cells: number; row: number };

/** Where to begin: `mark` stands before the first record of data, which is spreadsheet row `row`; the header has `columns`. */
export type SurveyStart = { mark: RecordMark; row: number; columns: number };

/** Says how many of the last records, `records_max` at most, are a footer. */
export type FooterRule = { records_max: number; count(tail: readonly Surveyed[], before: Above): number };

/** Surveys what follows the header. Records wait until as many follow as a footer may have, and are then data. Uses `mark` up. */
export function surveyRecords(
  utf8: Uint8Array,
  delimiter: number,
  { mark, row: first_row, columns }: SurveyStart,
  rule: FooterRule,
): SurveyResult {
  const survey = newSurvey();
  const waiting: Surveyed[] = [];
  let seen = 0;
  const before = { row: first_row - 1, is_data: false };
  for (let row = first_row; nextRecord(utf8, delimiter, mark); row++) {
    if (mark.blank) continue;
    const detail = findFault(mark, row);
    if (detail !== null) return { ok: false, detail };
    const slot = seen++ % rule.records_max;
    const oldest = waiting[slot];
    if (oldest) {
      takeRecord(survey, oldest, columns);
      before.row = oldest.row;
      before.is_data = true;
      setRecord(oldest, mark, row);
    } else waiting.push({ start: mark.start, end: mark.end, cells: mark.cells, row });
  }
  const turn = seen % Math.max(waiting.length, 1);
  const tail = [...waiting.slice(turn), ...waiting.slice(0, turn)];
  const data = tail.length - rule.count(tail, before);
  for (const record of tail.slice(0, data)) takeRecord(survey, record, columns);
  survey.footer = tail.slice(data);
  return { ok: true, survey };
}

export const newSurvey = (): Survey => ({ row_count: 0, chunks: [], too_long: noRagged(), too_short: noRagged(), footer: [] });

/** Why this record cannot be read, or null. Applies to the header too. */
export function findFault(mark: RecordMark, row: number): string | null {
  if (!mark.closed) return `the quote opened in row ${row} is never closed`;
  const size = mark.end - mark.start;
  if (size > RECORD_BYTES_MAX) {
    return `row ${row} is ${grouped(size)} bytes long, more than ${grouped(RECORD_BYTES_MAX)}: is a quote missing?`;
  }
  if (mark.cells > COLUMNS_MAX) return `row ${row} has ${grouped(mark.cells)} columns, more than ${grouped(COLUMNS_MAX)}`;
  return null;
}

/** Counts a record as data and puts it into a chunk. */
export function takeRecord(survey: Survey, { start, end, cells, row }: Surveyed, columns: number): void {
  survey.row_count++;
  if (cells > columns) note(survey.too_long, cells, row);
  if (cells < columns) note(survey.too_short, cells, row);
  const last = survey.chunks.at(-1);
  // Blank lines count against the rows too: PapaParse makes an array of each, and a megabyte of them would fill the memory.
  const fits = last && row - last.first_row < CHUNK_ROWS_MAX && end - last.offset <= CHUNK_BYTES_MAX;
  const chunk = fits ? last : { offset: start, length: 0, first_row: row, rows: 0 };
  if (!fits) survey.chunks.push(chunk);
  chunk.rows++;
  chunk.length = end - chunk.offset;
}

function setRecord(record: Surveyed, mark: RecordMark, row: number): void {
  record.start = mark.start;
  record.end = mark.end;
  record.cells = mark.cells;
  record.row = row;
}

function noRagged(): Ragged {
  return { count: 0, first_row: 0, first_cells: 0 };
}

function note(ragged: Ragged, cells: number, row: number): void {
  if (ragged.count === 0) {
    ragged.first_row = row;
    ragged.first_cells = cells;
  }
  ragged.count++;
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
