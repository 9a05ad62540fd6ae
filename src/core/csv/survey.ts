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

/** Surveys what follows the header. Uses `mark` up. */
export function surveyRecords(
  utf8: Uint8Array,
  delimiter: number,
  { mark, row: first_row, columns }: SurveyStart,
  rule: FooterRule,
): SurveyResult {
  const survey = newSurvey();
  const tail = new SurveyTail(survey, { columns, first_row, records_max: rule.records_max });
  for (let row = first_row; nextRecord(utf8, delimiter, mark); row++) {
    if (mark.blank) continue;
    const detail = findFault(mark, row);
    if (detail !== null) return { ok: false, detail };
    tail.add(mark.start, mark.end, mark.cells, row);
  }
  tail.end(rule.count);
  return { ok: true, survey };
}

/** The latest records: they wait until as many follow as a footer may have, and are then data. */
export class SurveyTail {
  readonly #survey: Survey;
  readonly #columns: number;
  readonly #records_max: number;
  readonly #waiting: Surveyed[] = [];
  readonly #before: Above;
  #seen = 0;

  constructor(survey: Survey, { columns, first_row, records_max }: { columns: number; first_row: number; records_max: number }) {
    this.#survey = survey;
    this.#columns = columns;
    this.#records_max = records_max;
    this.#before = { row: first_row - 1, is_data: false };
  }

  /** Where the oldest record that waits begins; null when none does. */
  get start(): number | null {
    return this.#waiting[this.#seen % Math.max(this.#waiting.length, 1)]?.start ?? null;
  }

  add(start: number, end: number, cells: number, row: number): void {
    const oldest = this.#waiting[this.#seen++ % this.#records_max];
    if (!oldest) {
      this.#waiting.push({ start, end, cells, row });
      return;
    }
    takeRecord(this.#survey, oldest, this.#columns);
    this.#before.row = oldest.row;
    this.#before.is_data = true;
    // reused: there can be millions
    oldest.start = start;
    oldest.end = end;
    oldest.cells = cells;
    oldest.row = row;
  }

  /** After the last record. */
  end(count: FooterRule["count"]): void {
    const turn = this.#seen % Math.max(this.#waiting.length, 1);
    const tail = [...this.#waiting.slice(turn), ...this.#waiting.slice(0, turn)];
    const data = tail.length - count(tail, this.#before);
    for (const record of tail.slice(0, data)) takeRecord(this.#survey, record, this.#columns);
    this.#survey.footer = tail.slice(data);
  }
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
function takeRecord(survey: Survey, { start, end, cells, row }: Surveyed, columns: number): void {
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
