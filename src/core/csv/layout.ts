/** How a file is laid out: its delimiter, and where its header and its data begin. */

import { findErrorsFileDelimiter, findSepLine, sniffDelimiter } from "./delimiter";
import { findHeader } from "./header-row";
import { RECORD_BYTES_MAX } from "./limits";
import { parseChunk } from "./parse-chunk";
import { markAtStart, nextRecord } from "./records";
import { type CsvRow, DELIMITERS, type Delimiter } from "./table";

/** `header_row` is a spreadsheet row, from 1; 0 means that the file has no header. */
export type LayoutOptions = { delimiter?: Delimiter; header_row?: number };

/** A place between two records: where the next one begins, and its spreadsheet row. */
type Place = { at: number; row: number };

/**
 * The place is that of the first record that counts: the header, or without one (`headed` false) the first row of data. `skipped_rows`
 * are those of a preamble; `guessed` says that the file's look decided against its first record as the header.
 */
export type Layout = Place & { delimiter: Delimiter; headed: boolean; skipped_rows: number; guessed: boolean };
export type LayoutResult = { ok: true; layout: Layout } | { ok: false; detail: string };

const SAMPLE_RECORDS = 60;
const SAMPLE_BYTES = 65_536;
/** With fewer agreeing records than this the delimiter may have been taken from a title instead of the header. */
const SNIFFED_SURELY = 0.5;

export function findLayout(utf8: Uint8Array, { delimiter, header_row }: LayoutOptions): LayoutResult {
  const sep = findSepLine(utf8);
  const start: Place = sep ? { at: sep.end, row: 2 } : { at: 0, row: 1 };
  const errors_file = findErrorsFileDelimiter(utf8.subarray(start.at, start.at + RECORD_BYTES_MAX));
  const known = delimiter ?? sep?.delimiter ?? errors_file ?? undefined;
  if (header_row) return layoutWithHeaderAt(utf8, start, header_row, known);
  const first = (chosen: Delimiter) => firstRecord(utf8, start, chosen);
  const sniffed = known ? { delimiter: known, agreeing: 1 } : sniffDelimiter(utf8.subarray(start.at));
  const place = first(sniffed.delimiter);
  if (!place) return { ok: false, detail: "the file has no header: all its lines are blank" };
  const usual: Layout = { ...place, delimiter: sniffed.delimiter, headed: header_row !== 0, skipped_rows: 0, guessed: false };
  if (header_row === 0 || errors_file) return { ok: true, layout: usual };
  return { ok: true, layout: guessedLayout(utf8, start, usual, sniffed.agreeing >= SNIFFED_SURELY) };
}

function guessedLayout(utf8: Uint8Array, start: Place, usual: Layout, is_sure_of_delimiter: boolean): Layout {
  const records = sampleOf(utf8, start, usual.delimiter);
  const at = findHeader(records);
  if (at === -1) return { ...usual, headed: false, guessed: true };
  if (at > 0) return belowPreamble(records, at, start, usual.delimiter);
  if (is_sure_of_delimiter) return usual;
  const found = DELIMITERS.flatMap((delimiter) => {
    const others = sampleOf(utf8, start, delimiter);
    const index = findHeader(others);
    return index > 0 ? [{ columns: others[index]?.cells.length ?? 0, layout: belowPreamble(others, index, start, delimiter) }] : [];
  });
  return found.toSorted((a, b) => b.columns - a.columns)[0]?.layout ?? usual;
}

function belowPreamble(records: readonly Sampled[], index: number, start: Place, delimiter: Delimiter): Layout {
  const { at, row } = records[index] as Sampled;
  return { at, row, delimiter, headed: true, skipped_rows: row - start.row, guessed: true };
}

/** The delimiter is sniffed from the header on, since what is above it may be of any shape. */
function layoutWithHeaderAt(utf8: Uint8Array, start: Place, row: number, known: Delimiter | undefined): LayoutResult {
  const place = placeOfRow(utf8, start, row, known ?? sniffDelimiter(utf8.subarray(start.at)).delimiter);
  if ("detail" in place) return { ok: false, ...place };
  const delimiter = known ?? sniffDelimiter(utf8.subarray(place.at)).delimiter;
  return { ok: true, layout: { ...place, delimiter, headed: true, skipped_rows: 0, guessed: false } };
}

function placeOfRow(utf8: Uint8Array, start: Place, wanted: number, delimiter: Delimiter): Place | { detail: string } {
  const mark = { ...markAtStart(), end: start.at };
  let row = start.row;
  for (; nextRecord(utf8, delimiter.charCodeAt(0), mark); row++) {
    if (row < wanted) continue;
    if (row > wanted || mark.blank) break;
    return { at: mark.start, row };
  }
  return {
    detail: row < wanted ? `header_row is ${wanted}, the file has ${row - 1} rows` : `header_row is ${wanted}, a row that names no column`,
  };
}

function firstRecord(utf8: Uint8Array, start: Place, delimiter: Delimiter): Place | null {
  const mark = { ...markAtStart(), end: start.at };
  for (let row = start.row; nextRecord(utf8, delimiter.charCodeAt(0), mark); row++) {
    if (!mark.blank) return { at: mark.start, row };
  }
  return null;
}

type Sampled = CsvRow & Place;

/** The first records that are not blank, as far as they are whole within the first 64 KB. */
function sampleOf(utf8: Uint8Array, start: Place, delimiter: Delimiter): Sampled[] {
  const sample = utf8.subarray(0, start.at + SAMPLE_BYTES);
  const mark = { ...markAtStart(), end: start.at };
  const records: Sampled[] = [];
  for (let row = start.row; records.length < SAMPLE_RECORDS && nextRecord(sample, delimiter.charCodeAt(0), mark); row++) {
    if (mark.blank) continue;
    const is_cut = mark.end === sample.length && sample.length < utf8.length;
    if (is_cut || !mark.closed) break;
    const parsed = parseChunk(sample.subarray(mark.start, mark.end), { first_row: row, delimiter, guarded: false })[0];
    if (parsed) records.push({ ...parsed, at: mark.start });
  }
  return records;
}
