/** What the rows of an event file have to be read as a whole for: the order of day and month in its dates, and rows that are alike. */
import { sha256Hex } from "../../hash";
import type { CsvRow } from "../csv";
import { type DateOrder, inferDateOrder } from "./cells";
import type { EventColumns } from "./event-chunks";

/** Rows that repeat an earlier row of the file are kept in the job's mapping; of more the later ones are known by their place. */
const REPEATS_MAX = 10_000;
/** 52 bits: exact as a number. */
const FINGERPRINT_DIGITS = 13;

/** The content of a row by the names of its columns: the same in another place of the file, or with the columns in another order. */
export function contentHash({ cells }: CsvRow, columns: EventColumns): string {
  const named: [string, string][] = [
    ["event_type", cells[columns.event_type] ?? ""],
    ["lead_id", cells[columns.lead_id ?? -1] ?? ""],
    ["timestamp", cells[columns.timestamp ?? -1] ?? ""],
    ...columns.aliases.map(({ column, kind }): [string, string] => [kind, cells[column] ?? ""]),
    ...columns.metadata.map(({ column, key }): [string, string] => [`.${key}`, cells[column] ?? ""]),
  ];
  const filled = named.flatMap(([name, cell]): [string, string][] => (cell.trim() === "" ? [] : [[name, cell.trim()]]));
  return sha256Hex(JSON.stringify(filled.sort(([a], [b]) => (a < b ? -1 : 1)))).slice(0, 32);
}

export type EventFileFacts = {
  order: DateOrder | null;
  /** [row, how many rows above it are alike] of rows that repeat an earlier one */
  repeats: [row: number, above: number][];
};

/** Reads all rows twice, with the memory of one number a row. */
export function readEventFile(rows: () => Iterable<CsvRow>, row_count: number, columns: EventColumns): EventFileFacts {
  const prints = new Float64Array(row_count);
  let at = 0;
  const dates = function* () {
    for (const row of rows()) {
      prints[at++] = fingerprint(row, columns);
      if (columns.timestamp !== null) yield row.cells[columns.timestamp] ?? "";
    }
  };
  const { order } = inferDateOrder(dates());
  return { order, repeats: findRepeats(rows, prints, columns) };
}

function findRepeats(rows: () => Iterable<CsvRow>, prints: Float64Array, columns: EventColumns): [number, number][] {
  const sorted = prints.slice().sort();
  const seen = new Map<number, number>();
  for (let at = 1; at < sorted.length; at++) if (sorted[at] === sorted[at - 1]) seen.set(sorted[at] ?? 0, 0);
  const repeats: [number, number][] = [];
  if (seen.size === 0) return repeats;
  for (const row of rows()) {
    const print = fingerprint(row, columns);
    const above = seen.get(print);
    if (above === undefined) continue;
    seen.set(print, above + 1);
    if (above > 0 && repeats.length < REPEATS_MAX) repeats.push([row.row, above]);
  }
  return repeats;
}

const fingerprint = (row: CsvRow, columns: EventColumns): number =>
  Number.parseInt(contentHash(row, columns).slice(0, FINGERPRINT_DIGITS), 16);
