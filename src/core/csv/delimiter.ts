import { NEWLINE, skipSpace } from "./bytes";
import { ownColumnsFrom } from "./errors-file";
import { parseChunk } from "./parse-chunk";
import { markAtStart, nextRecord } from "./records";
import { DELIMITERS, type Delimiter } from "./table";

const SAMPLE_BYTES = 65_536;
const SAMPLE_RECORDS = 200;
const SEP_LINE = /^"?sep=([,;|\t])"?[,;|\t]*\s*$/i;
const SEP_LINE_BYTES_MAX = 64;

/** `agreeing` is the share of the first records that have as many cells as the first; 0 when that has but one. */
export type Sniffed = { delimiter: Delimiter; agreeing: number };

/**
 * The delimiter that splits the header and by which most of the first records have as many cells as the header. Quotes are
 * respected, so "Miller; Sons" says nothing. Ties go to more columns; a file of one column is read with commas.
 */
export function sniffDelimiter(utf8: Uint8Array): Sniffed {
  let best: Sniffed & { columns: number } = { delimiter: ",", agreeing: 0, columns: 1 };
  for (const delimiter of DELIMITERS) {
    const counts = cellCounts(utf8, delimiter);
    const columns = counts[0] ?? 1;
    if (columns < 2) continue;
    const agreeing = counts.filter((count) => count === columns).length / counts.length;
    if (agreeing > best.agreeing || (agreeing === best.agreeing && columns > best.columns)) best = { delimiter, agreeing, columns };
  }
  return best;
}

/** The line `sep=;`, which names the delimiter for Excel, if the file begins with it. It is not a record; the next one begins at `end`. */
export function findSepLine(utf8: Uint8Array): { delimiter: Delimiter; end: number } | null {
  const end = utf8.subarray(0, SEP_LINE_BYTES_MAX).indexOf(NEWLINE) + 1;
  const delimiter = SEP_LINE.exec(new TextDecoder().decode(utf8.subarray(0, end)))?.[1];
  return delimiter === undefined ? null : { delimiter: delimiter as Delimiter, end };
}

/** The delimiter of one of our errors files, recognised by the columns of its header: spreadsheets save it with another delimiter. */
export function findErrorsFileDelimiter(utf8: Uint8Array): Delimiter | null {
  const found = DELIMITERS.find((delimiter) => {
    const mark = markAtStart();
    do {
      if (!nextRecord(utf8, delimiter.charCodeAt(0), mark)) return false;
    } while (mark.blank);
    const [header] = parseChunk(utf8.subarray(mark.start, mark.end), { first_row: 1, delimiter, guarded: false });
    return header !== undefined && ownColumnsFrom(header.cells.map((cell) => cell.trim())) !== null;
  });
  return found ?? null;
}

function cellCounts(utf8: Uint8Array, delimiter: Delimiter): number[] {
  const sample = utf8.subarray(0, SAMPLE_BYTES);
  const mark = markAtStart();
  const counts: number[] = [];
  while (counts.length < SAMPLE_RECORDS && nextRecord(sample, delimiter.charCodeAt(0), mark)) {
    const cut = mark.end === sample.length && sample.length < utf8.length;
    // A line of tabs is empty cells to one delimiter and blank to the others: it is no sign of any.
    const inkless = skipSpace(sample, mark.start, mark.end) === mark.end;
    if (!inkless && !(cut && counts.length > 0)) counts.push(mark.cells);
  }
  return counts;
}
