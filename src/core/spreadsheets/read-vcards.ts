/** Reads vCard files of versions 2.1, 3.0 and 4.0. */

import { Refusal, refusedBy } from "./problem";
import { asBatches, type RowTableResult, type SheetRow } from "./rows";
import { markedEncoding } from "./text-encoding";
import { VCARD_COLUMNS, type VcardCells, vcardCells } from "./vcard-cells";
import { type VcardLine, vcardLines } from "./vcard-lines";

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const BATCH_ROWS = 500;
const CARDS_MAX = 1_000_000;
/** A card with more lines than this is one whose end was lost. */
const CARD_LINES_MAX = 10_000;

/** One row a card; row 1 is the header, with the columns that any card fills. Reads the bytes twice, each time with one card in memory. */
export function readVcards(given: Uint8Array): RowTableResult {
  try {
    const bytes = withoutMark(given);
    const widths = new Map<string, number>();
    let row_count = 0;
    for (const card of cardsOf(bytes)) {
      row_count++;
      for (const [column, values] of card) widths.set(column, Math.max(widths.get(column) ?? 0, values.length));
    }
    if (row_count === 0) throw new Refusal("invalid", "the file holds no vCards");
    const columns = VCARD_COLUMNS.flatMap((column) => Array.from({ length: widths.get(column) ?? 0 }, (_, index) => ({ column, index })));
    if (columns.length === 0) throw new Refusal("invalid", "the vCards of the file hold no names, addresses or numbers");
    const headers = columns.map(({ column, index }) => (index === 0 ? column : `${column} ${index + 1}`));
    const cellsOf = (card: VcardCells) => columns.map(({ column, index }) => card.get(column)?.[index] ?? "");
    return { ok: true, table: { headers, row_count, rows: () => asBatches(rowsOf(bytes, headers, cellsOf)) } };
  } catch (error) {
    return refusedBy(error);
  }
}

/** UTF-16 becomes UTF-8: everything else is read as bytes, since each line may name its own character set. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  const marked = markedEncoding(bytes);
  if (marked) return new TextEncoder().encode(new TextDecoder(marked).decode(bytes));
  return UTF8_MARK.every((byte, index) => bytes[index] === byte) ? bytes.subarray(UTF8_MARK.length) : bytes;
}

async function* rowsOf(bytes: Uint8Array, headers: string[], cellsOf: (card: VcardCells) => string[]): AsyncGenerator<SheetRow[], void> {
  let rows: SheetRow[] = [{ row: 1, cells: headers }];
  let row = 1;
  for (const card of cardsOf(bytes)) {
    row++;
    rows.push({ row, cells: cellsOf(card) });
    if (rows.length < BATCH_ROWS) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

/** Cards within cards (AGENT of 2.1) are passed over. */
function* cardsOf(bytes: Uint8Array): Generator<VcardCells, void> {
  let lines: VcardLine[] = [];
  let depth = 0;
  let begin = 0;
  let cards = 0;
  for (const line of vcardLines(bytes)) {
    const is_card = line.value.trim().toUpperCase() === "VCARD";
    if (line.name === "BEGIN" && is_card) {
      if (depth === 0) begin = line.line;
      depth++;
    } else if (line.name === "END" && is_card && depth > 0) {
      depth--;
      if (depth > 0) continue;
      cards++;
      if (cards > CARDS_MAX) throw new Refusal("too_large", `the file holds more than ${CARDS_MAX.toLocaleString("en-US")} vCards`);
      yield vcardCells(lines);
      lines = [];
    } else if (depth === 1) {
      lines.push(line);
      if (lines.length > CARD_LINES_MAX) throw unended(begin);
    }
  }
  if (depth > 0) throw unended(begin);
}

function unended(line: number): Refusal {
  return new Refusal("invalid", `the vCard that begins in line ${line} has no END:VCARD`);
}
