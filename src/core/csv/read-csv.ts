/** From uploaded bytes to a table that can be previewed and imported: one pass of each step, in the order they are written here. */

import { sniffDelimiter } from "./delimiter";
import { detectColumns } from "./detect";
import { readingOf } from "./encoding";
import { alternativesOf, doubtWarnings } from "./encoding-samples";
import type { Encoding } from "./encodings";
import { unguardCell } from "./guard";
import { nameHeaders } from "./headers";
import { normalise } from "./normalise";
import { parseChunk } from "./parse-chunk";
import { markAtStart, nextRecord, type RecordMark } from "./records";
import { findSignature, looksBinary } from "./signature";
import { findFault, surveyRecords } from "./survey";
import type { Chunk, CsvProblem, CsvTable, Delimiter } from "./table";
import { readingWarnings, surveyWarnings } from "./warnings";

const SAMPLE_ROWS = 5;
const DETECTION_ROWS = 200;

export type CsvResult = { ok: true; table: CsvTable } | { ok: false; problem: CsvProblem };

/** Reads a CSV file. `options` override what would be found out by looking. */
export function readCsv(bytes: Uint8Array, options: { delimiter?: Delimiter; encoding?: Encoding } = {}): CsvResult {
  if (bytes.length === 0) return refuse("invalid", "the file is empty");
  const signature = findSignature(bytes);
  if (signature !== null) return refuse("binary", signature);
  const reading = readingOf(bytes, options.encoding);
  if (looksBinary(reading.text, reading.encoding)) return refuse("binary", "binary data (too many control characters for text)");

  const normalised = normalise(reading);
  const { utf8 } = normalised;
  const delimiter = options.delimiter ?? (isErrorsFile(utf8) ? "," : sniffDelimiter(utf8));
  const mark = markAtStart();
  const header_row = findHeader(utf8, delimiter, mark);
  if (header_row === null) return refuse("invalid", "the file has no header: all its lines are blank");
  const fault = findFault(mark, header_row);
  if (fault !== null) return refuse("invalid", fault);
  const named = readHeader(utf8.subarray(mark.start, mark.end), delimiter);
  if (named === null) return refuse("invalid", `the header, row ${header_row}, names no column`);

  const surveyed = surveyRecords(utf8, delimiter.charCodeAt(0), mark, header_row);
  if (!surveyed.ok) return refuse("invalid", surveyed.detail);
  const { row_count, chunks } = surveyed.survey;
  const { headers, guarded } = named;
  const rows = firstRows(utf8, chunks, { delimiter, guarded });
  const encoding_alternatives = alternativesOf(reading, delimiter);
  const warnings = [
    ...readingWarnings(reading, normalised),
    ...doubtWarnings(reading, encoding_alternatives, delimiter),
    ...named.warnings,
    ...surveyWarnings(surveyed.survey, headers.length),
  ];
  const sample_rows = rows.slice(0, SAMPLE_ROWS);
  const detected = detectColumns(headers, rows);
  return {
    ok: true,
    table: {
      utf8,
      encoding: reading.encoding,
      encoding_confidence: reading.confidence,
      encoding_alternatives,
      delimiter,
      headers,
      sample_rows,
      row_count,
      chunks,
      guarded,
      warnings,
      detected,
    },
  };
}

function refuse(kind: CsvProblem["kind"], detail: string): CsvResult {
  return { ok: false, problem: { kind, detail } };
}

/** Moves `mark` to the first record that is not blank and gives its spreadsheet row number. */
function findHeader(utf8: Uint8Array, delimiter: Delimiter, mark: RecordMark): number | null {
  for (let row = 1; nextRecord(utf8, delimiter.charCodeAt(0), mark); row++) {
    if (!mark.blank) return row;
  }
  return null;
}

function readHeader(record: Uint8Array, delimiter: Delimiter): { headers: string[]; guarded: boolean; warnings: string[] } | null {
  const row = parseChunk(record, { first_row: 1, delimiter, guarded: false })[0];
  const cells = row?.cells.map((cell) => cell.trim()) ?? [];
  if (cells.every((cell) => cell === "")) return null;
  const guarded = cells.at(-2) === "_row" && cells.at(-1) === "_error";
  return { ...nameHeaders(guarded ? cells.map(unguardCell) : cells), guarded };
}

/** Enough rows to show and to judge by. A chunk may hold just one long record, so several may be needed. */
function firstRows(utf8: Uint8Array, chunks: readonly Chunk[], layout: { delimiter: Delimiter; guarded: boolean }): string[][] {
  const rows: string[][] = [];
  for (const { offset, length, first_row } of chunks) {
    if (rows.length >= DETECTION_ROWS) break;
    const chunk = utf8.subarray(offset, offset + length);
    for (const { cells } of parseChunk(chunk, { first_row, ...layout })) rows.push(cells);
  }
  return rows.slice(0, DETECTION_ROWS);
}

/** Our own errors file is written with commas, whatever is in its cells. */
function isErrorsFile(utf8: Uint8Array): boolean {
  const mark = markAtStart();
  while (nextRecord(utf8, 0x2c, mark)) {
    if (!mark.blank)
      return new TextDecoder()
        .decode(utf8.subarray(Math.max(mark.start, mark.end - 64), mark.end))
        .trimEnd()
        .endsWith(",_row,_error");
  }
  return false;
}
