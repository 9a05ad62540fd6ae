import { skipSpace } from "./bytes";
import { markAtStart, nextRecord } from "./records";
import { DELIMITERS, type Delimiter } from "./table";

const SAMPLE_BYTES = 65_536;
const SAMPLE_RECORDS = 200;

/**
 * The delimiter that splits the header and by which most of the first records have as many cells as the header. Quotes are
 * respected, so "Miller; Sons" says nothing. Ties go to more columns; a file of one column is read with commas.
 */
export function sniffDelimiter(utf8: Uint8Array): Delimiter {
  let best: { delimiter: Delimiter; agreeing: number; columns: number } = { delimiter: ",", agreeing: 0, columns: 1 };
  for (const delimiter of DELIMITERS) {
    const counts = cellCounts(utf8, delimiter);
    const columns = counts[0] ?? 1;
    if (columns < 2) continue;
    const agreeing = counts.filter((count) => count === columns).length / counts.length;
    if (agreeing > best.agreeing || (agreeing === best.agreeing && columns > best.columns)) best = { delimiter, agreeing, columns };
  }
  return best.delimiter;
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
