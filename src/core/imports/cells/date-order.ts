/** Whether a file's dates name the day or the month first. Pure. */
import type { DateOrder } from "./parse-date";

const EITHER = /^\D*?(\d{1,2})([-/])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)/;

/**
 * `order` as the whole column shows it, by numbers that are no month. `ambiguous` counts the cells that read both ways while the column shows
 * nothing, `contradicting` those which the order cannot read.
 */
export type ColumnOrder = { order: DateOrder | null; ambiguous: number; contradicting: number };

/** Judges a column by all its cells: one 25/12 among a thousand 01/02 decides it; where both orders occur, the more frequent one. */
export function inferDateOrder(cells: Iterable<string>): ColumnOrder {
  let [dayFirst, monthFirst, either] = [0, 0, 0];
  for (const cell of cells) {
    const match = EITHER.exec(cell.trim());
    if (match === null) continue;
    const [first, second] = [Number(match[1]), Number(match[3])];
    if (first > 12 && second <= 12) dayFirst++;
    else if (second > 12 && first <= 12) monthFirst++;
    else if (first !== second && first <= 12) either++;
  }
  if (dayFirst === monthFirst) return { order: null, ambiguous: either, contradicting: dayFirst };
  return { order: dayFirst > monthFirst ? "dmy" : "mdy", ambiguous: 0, contradicting: Math.min(dayFirst, monthFirst) };
}
