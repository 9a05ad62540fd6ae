/** How many of a file's last records are its footer. */
import { countFooterRows, FOOTER_RECORD_BYTES_MAX, FOOTER_RECORDS_MAX } from "./footer";
import { parseChunk } from "./parse-chunk";
import type { FooterRule, Surveyed } from "./survey";
import type { CsvRow, Delimiter } from "./table";

/** `offset`: place of `utf8` in the copy that the records' bytes count from. An errors file of ours, which is guarded, has only rows that were data. */
export function footerRule(
  utf8: Uint8Array,
  { headers, guarded, delimiter, offset = 0 }: { headers: readonly string[]; guarded: boolean; delimiter: Delimiter; offset?: number },
): FooterRule {
  return {
    records_max: FOOTER_RECORDS_MAX,
    count(tail, above) {
      if (guarded) return 0;
      const long = tail.findLastIndex(({ start, end }) => end - start > FOOTER_RECORD_BYTES_MAX);
      const before = tail[long];
      const rows = parseRecords(utf8, tail.slice(long + 1), { delimiter, offset });
      return countFooterRows(rows, headers, before ? { row: before.row, is_data: true } : above);
    },
  };
}

export function parseRecords(
  utf8: Uint8Array,
  records: readonly Surveyed[],
  { delimiter, offset = 0 }: { delimiter: Delimiter; offset?: number },
): CsvRow[] {
  return records.flatMap(({ start, end, row }) =>
    parseChunk(utf8.subarray(start - offset, end - offset), { first_row: row, delimiter, guarded: false }),
  );
}
