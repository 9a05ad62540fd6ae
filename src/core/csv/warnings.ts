import type { Encoding } from "./encodings";
import type { Layout } from "./layout";
import type { Normalised } from "./normalise";
import type { Ragged, Survey } from "./survey";
import type { CsvRow } from "./table";

const LABEL_CHARS_MAX = 40;

export function readingWarnings(encoding: Encoding, { nuls, unreadable }: Pick<Normalised, "nuls" | "unreadable">): string[] {
  const warnings: string[] = [];
  if (unreadable) warnings.push(`Some characters could not be read as ${encoding.toUpperCase()} and were replaced by \uFFFD`);
  if (nuls > 0) warnings.push(nuls === 1 ? "1 NUL character was removed" : `${nuls} NUL characters were removed`);
  return warnings;
}

export function layoutWarnings({ row, headed, guessed, skipped_rows }: Layout, columns: number): string[] {
  if (!guessed) return [];
  if (headed)
    return [
      `Header found in row ${row}; ${skipped_rows === 1 ? "1 row" : `${skipped_rows} rows`} above it ${skipped_rows === 1 ? "is" : "are"} skipped`,
    ];
  const names = columns === 1 ? "its column is called Column 1" : `its columns are called Column 1 to Column ${columns}`;
  return [
    `Row ${row} looks like data: the file has no header, so ${names} and row ${row} is imported. Send header_row=${row} if it is the header`,
  ];
}

export function footerWarnings(rows: readonly CsvRow[]): string[] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return [];
  const label = JSON.stringify(first.cells.find((cell) => cell.trim() !== "")?.slice(0, LABEL_CHARS_MAX) ?? "");
  return [
    first === last
      ? `Row ${first.row} (${label}) is a total or footer and is skipped`
      : `Rows ${first.row} to ${last.row} (from ${label} on) are totals or a footer and are skipped`,
  ];
}

export function surveyWarnings(survey: Survey, columns: number, headed: boolean): string[] {
  if (survey.row_count === 0 && headed) return ["The file has a header and no data rows"];
  return [...raggedWarning(survey.too_long, columns, "too many"), ...raggedWarning(survey.too_short, columns, "too few")];
}

function raggedWarning({ count, first_row, first_cells }: Ragged, columns: number, fault: string): string[] {
  if (count === 0) return [];
  const first = `Row ${first_row} has ${first_cells} ${first_cells === 1 ? "cell" : "cells"}, the header has ${columns}`;
  return [count === 1 ? first : `${first}; ${count} rows in all have ${fault} cells`];
}
