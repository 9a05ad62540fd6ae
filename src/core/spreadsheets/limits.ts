/** What one file may cost. Everything is streamed, so most caps protect CPU time; only the shared strings are held. */
export type ReadLimits = {
  /** Inflated bytes of one part of the workbook, and of all parts that are read. */
  entry_bytes: number;
  total_bytes: number;
  /** Inflated to compressed bytes, judged beyond `RATIO_FROM_BYTES`. Real sheets stay below 60; deflate itself ends at 1,032. */
  ratio: number;
  /** Memory that all shared strings take together: the rest of a Worker's 128 MB is for its code and for the pieces that are read and written. */
  shared_bytes: number;
  rows: number;
  cells: number;
  columns: number;
  /** UTF-16 units of all cells as they are shown: a shared string is stored once and may be shown a million times. */
  text_chars: number;
};

export const READ_LIMITS: ReadLimits = {
  entry_bytes: 512 * 1024 * 1024,
  total_bytes: 768 * 1024 * 1024,
  ratio: 200,
  shared_bytes: 60_000_000,
  rows: 1_048_576,
  cells: 20_000_000,
  columns: 1000,
  text_chars: 512 * 1024 * 1024,
};

export const RATIO_FROM_BYTES = 4 * 1024 * 1024;

/** The central directory of a workbook has some 20 entries of 100 bytes. */
export const DIRECTORY_BYTES_MAX = 4 * 1024 * 1024;
export const DIRECTORY_ENTRIES_MAX = 10_000;

/** A text or a tag of the XML, and the text of a row: core/csv takes no longer records. Excel's own cells end at 32,767 characters. */
export const XML_TOKEN_CHARS_MAX = 1_000_000;
export const ROW_CHARS_MAX = 1_000_000;

/** Sheets that the list names. */
export const SHEETS_MAX = 250;

export function withDefaults(limits: Partial<ReadLimits> | undefined): ReadLimits {
  return { ...READ_LIMITS, ...limits };
}
