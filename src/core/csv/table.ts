/** What reading a CSV file gives: where its records are and what it looks like, never the rows themselves. */

import type { EncodingAlternative } from "./encoding-samples";
import type { Encoding } from "./encodings";

export const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/**
 * A run of whole records: a byte range of the normalised copy, and where it stands in the spreadsheet.
 * `first_row` is the spreadsheet row number of its first record: the first line of the file is 1, blank lines count, a record
 * over several lines counts once. `rows` is the number of its records that are not blank. A chunk begins and ends with such a
 * record, so blank lines between two chunks belong to neither.
 */
export type Chunk = { offset: number; length: number; first_row: number; rows: number };

export type CsvTable = {
  /** The copy to keep: UTF-8 without BOM, lines end in "\n" (the last one too), no NUL. */
  utf8: Uint8Array;
  encoding: Encoding;
  /** From 0 to 1: how sure the encoding is. The alternatives are the next likely ones; none when it is known. */
  encoding_confidence: number;
  encoding_alternatives: EncodingAlternative[];
  delimiter: Delimiter;
  /** The spreadsheet row of the header; 0 when the file has none. */
  header_row: number;
  /** Trimmed and unique: "Phone", "Phone (2)"; "Column 3" where the file names none. */
  headers: string[];
  /** The first five records that are not blank; ragged ones keep what they have. */
  sample_rows: string[][];
  /** Records of data that are not blank: no preamble, header, total or footer. */
  row_count: number;
  chunks: Chunk[];
  /** Our own file comes back, whose cells carry the spreadsheet guard: an export, or an errors file, whose header ends with `_row`, `_error`. */
  guarded: boolean;
  /** Whole sentences for people. */
  warnings: string[];
  /** Headers of the columns that hold identifiers, judged by name and content. */
  detected: { email_columns: string[]; phone_columns: string[] };
};

/** `binary`: not text at all (415). `invalid`: text that is no usable CSV (400). `detail` is a phrase, to follow a colon. */
export type CsvProblem = { kind: "binary"; detail: string } | { kind: "invalid"; detail: string };

/** `row` is the spreadsheet row number. */
export type CsvRow = { row: number; cells: string[] };
