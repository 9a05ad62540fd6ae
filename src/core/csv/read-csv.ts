/** From uploaded bytes to a table that can be previewed and imported: one pass of each step, in the order they are written here. */

import { detectColumns } from "./detect";
import { readingOf } from "./encoding";
import { alternativesOf, doubtWarnings } from "./encoding-samples";
import type { Encoding } from "./encodings";
import { originalHeaders, ownColumnsFrom } from "./errors-file";
import { exportedAlias } from "./export-file";
import { footerRule, parseRecords } from "./footer-rule";
import { unguardCell } from "./guard";
import { nameHeaders } from "./headers";
import { findLayout, type Layout, type LayoutOptions } from "./layout";
import { normalise } from "./normalise";
import { parseChunk } from "./parse-chunk";
import { markAtStart, nextRecord } from "./records";
import { findSignature, looksBinary } from "./signature";
import { type FooterRule, findFault, type SurveyStart, surveyRecords } from "./survey";
import type { Chunk, CsvProblem, CsvTable, Delimiter } from "./table";
import { footerWarnings, layoutWarnings, readingWarnings, surveyWarnings } from "./warnings";

const SAMPLE_ROWS = 5;
const DETECTION_ROWS = 200;

export type CsvResult = { ok: true; table: CsvTable } | { ok: false; problem: CsvProblem };

/** `is_head`: the bytes are only the beginning of the file, whose records and footer are counted elsewhere. */
export type ReadOptions = LayoutOptions & { encoding?: Encoding; is_head?: boolean };

const NO_FOOTER: FooterRule = { records_max: 1, count: () => 0 };

/** Reads a CSV file. `options` override what would be found out by looking. */
export function readCsv(bytes: Uint8Array, options: ReadOptions = {}): CsvResult {
  if (bytes.length === 0) return refuse("invalid", "the file is empty");
  const signature = findSignature(bytes);
  if (signature !== null) return refuse("binary", signature);
  const reading = readingOf(bytes, options.encoding);
  if (looksBinary(reading.text, reading.encoding)) return refuse("binary", "binary data (too many control characters for text)");

  const normalised = normalise(reading);
  const { utf8 } = normalised;
  const found = findLayout(utf8, options);
  if (!found.ok) return refuse("invalid", found.detail);
  const { layout } = found;
  const { delimiter } = layout;
  const header = readHeader(utf8, layout);
  if (!header.ok) return refuse("invalid", header.detail);
  const { headers, guarded, data } = header;

  const rule = options.is_head ? NO_FOOTER : footerRule(utf8, { ...header, delimiter });
  const surveyed = surveyRecords(utf8, delimiter.charCodeAt(0), data, rule);
  if (!surveyed.ok) return refuse("invalid", surveyed.detail);
  const { row_count, chunks, footer } = surveyed.survey;
  const rows = firstRows(utf8, chunks, { delimiter, guarded });
  const encoding_alternatives = alternativesOf(reading, delimiter);
  const counted = options.is_head
    ? []
    : [...surveyWarnings(surveyed.survey, headers.length, layout.headed), ...footerWarnings(parseRecords(utf8, footer, { delimiter }))];
  const warnings = [
    ...(options.is_head ? [] : readingWarnings(reading.encoding, normalised)),
    ...doubtWarnings(reading, encoding_alternatives, delimiter),
    ...layoutWarnings(layout, headers.length),
    ...header.warnings,
    ...counted,
  ];
  return {
    ok: true,
    table: {
      utf8,
      encoding: reading.encoding,
      encoding_confidence: reading.confidence,
      encoding_alternatives,
      delimiter,
      header_row: layout.headed ? layout.row : 0,
      headers,
      sample_rows: rows.slice(0, SAMPLE_ROWS),
      row_count,
      chunks,
      guarded,
      warnings,
      detected: detectColumns(originalHeaders(header), rows),
    },
  };
}

function refuse(kind: CsvProblem["kind"], detail: string): CsvResult {
  return { ok: false, problem: { kind, detail } };
}

type Header = { headers: string[]; guarded: boolean; warnings: string[]; data: SurveyStart };

/** The names of the columns, and where the data begins. */
function readHeader(utf8: Uint8Array, { at, row, headed, delimiter }: Layout): ({ ok: true } & Header) | { ok: false; detail: string } {
  const mark = { ...markAtStart(), end: at };
  nextRecord(utf8, delimiter.charCodeAt(0), mark);
  const detail = findFault(mark, row);
  if (detail !== null) return { ok: false, detail };
  const columns = mark.cells;
  if (!headed) {
    const headers = Array.from({ length: columns }, (_, index) => `Column ${index + 1}`);
    return { ok: true, headers, guarded: false, warnings: [], data: { mark: { ...mark, end: at }, row, columns } };
  }
  const record = utf8.subarray(mark.start, mark.end);
  const cells = parseChunk(record, { first_row: row, delimiter, guarded: false })[0]?.cells.map((cell) => cell.trim()) ?? [];
  if (cells.every((cell) => cell === "")) return { ok: false, detail: `the header, row ${row}, names no column` };
  const guarded = ownColumnsFrom(cells) !== null || cells.some((cell) => exportedAlias(cell) !== null);
  const named = nameHeaders(guarded ? cells.map(unguardCell) : cells);
  return { ok: true, ...named, guarded, data: { mark, row: row + 1, columns } };
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
