import type { Reading } from "./encoding";
import type { Normalised } from "./normalise";
import type { Ragged, Survey } from "./survey";

export function readingWarnings(reading: Reading, { nuls, unreadable }: Normalised): string[] {
  const warnings: string[] = [];
  if (unreadable) warnings.push(`Some characters could not be read as ${reading.encoding.toUpperCase()} and were replaced by \uFFFD`);
  if (nuls > 0) warnings.push(nuls === 1 ? "1 NUL character was removed" : `${nuls} NUL characters were removed`);
  return warnings;
}

export function surveyWarnings(survey: Survey, columns: number): string[] {
  if (survey.row_count === 0) return ["The file has a header and no data rows"];
  return [...raggedWarning(survey.too_long, columns, "too many"), ...raggedWarning(survey.too_short, columns, "too few")];
}

function raggedWarning({ count, first_row, first_cells }: Ragged, columns: number, fault: string): string[] {
  if (count === 0) return [];
  const first = `Row ${first_row} has ${first_cells} ${first_cells === 1 ? "cell" : "cells"}, the header has ${columns}`;
  return [count === 1 ? first : `${first}; ${count} rows in all have ${fault} cells`];
}
