/** Finds the header among the first records: below a preamble, or nowhere. In doubt it is the first one that is not blank. */

import { isColumnWord } from "./column-words";
import { isEmail, isFormattedPhone } from "./detect";
import { namesEmail, namesPhone } from "./header-words";
import type { CsvRow } from "./table";

const URL_CELL = /^https?:\/\/\S+$/i;
const DATE_CELL = /^(\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{2,4})([T ]\d.*)?$/;
const NUMBER_CELL = /^[+-]?[\d.,'\s]*\d%?$/;
const HEADER_CELL_CHARS_MAX = 80;
const PREAMBLE_RECORDS_MAX = 20;
/** The share of the records below a header that must have its width, and of the cells below a cell of data that must be of its kind. */
const AGREEING_SHARE = 0.6;

const KINDS: readonly ((cell: string) => boolean)[] = [
  isEmail,
  (cell) => URL_CELL.test(cell),
  (cell) => DATE_CELL.test(cell),
  isFormattedPhone,
];

/** The index of the header among the records, -1 when they are all data. */
export function findHeader(records: readonly CsvRow[]): number {
  const [first, ...rest] = records;
  if (!first || saysHeader(first)) return 0;
  if (isData(first, rest)) return -1;
  const last = Math.min(PREAMBLE_RECORDS_MAX, records.length - 2);
  for (let at = 1; at <= last; at++) {
    if (isHeaderBelow(records.slice(0, at), records[at] as CsvRow, records.slice(at + 1))) return at;
  }
  return 0;
}

/** A record all of whose cells are names of columns. */
function saysHeader({ cells }: CsvRow): boolean {
  const filled = filledOf(cells);
  return filled.length > 0 && filled.every(namesColumn);
}

/** An email address is never a header; other kinds of data are data when the same kind stands below. */
function isData({ cells }: CsvRow, below: readonly CsvRow[]): boolean {
  if (filledOf(cells).some(namesColumn)) return false;
  return cells.some((raw, column) => {
    const cell = raw.trim();
    if (isEmail(cell)) return true;
    const kind = KINDS.find((holds) => holds(cell));
    return kind !== undefined && mostly(columnOf(below, column), kind);
  });
}

/** Titles and notes fill one cell, lines such as "Created by;Ann" two; the header below is wider, and says or shows that it is one. */
function isHeaderBelow(above: readonly CsvRow[], header: CsvRow, below: readonly CsvRow[]): boolean {
  const filled = filledOf(header.cells);
  const title_cells_max = filled.length >= 4 ? 2 : 1;
  if (filled.length < 2 || above.some(({ cells }) => filledOf(cells).length > title_cells_max)) return false;
  if (new Set(filled).size < filled.length || filled.some((cell) => cell.length > HEADER_CELL_CHARS_MAX || isValue(cell))) return false;
  if (!mostly(below, ({ cells }) => cells.length === header.cells.length)) return false;
  return filled.some(namesColumn) || header.cells.some((cell, column) => cell.trim() !== "" && mostly(columnOf(below, column), isValue));
}

function namesColumn(cell: string): boolean {
  return !isValue(cell) && !cell.endsWith(":") && (isColumnWord(cell) || namesEmail(cell) || namesPhone(cell));
}

function isValue(cell: string): boolean {
  return NUMBER_CELL.test(cell) || KINDS.some((holds) => holds(cell));
}

function filledOf(cells: readonly string[]): string[] {
  return cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
}

function columnOf(records: readonly CsvRow[], column: number): string[] {
  return filledOf(records.map(({ cells }) => cells[column] ?? ""));
}

function mostly<Item>(items: readonly Item[], holds: (item: Item) => boolean): boolean {
  return items.length > 0 && items.filter(holds).length >= AGREEING_SHARE * items.length;
}
