/** Reads vCard files of versions 2.1, 3.0 and 4.0. */

import { type ByteSource, bytesSource } from "./byte-source";
import { Refusal, refusedBy } from "./problem";
import { asBatches, type RowTableResult, type SheetRow } from "./rows";
import { markedEncoding } from "./text-encoding";
import { VCARD_COLUMNS, type VcardCells, vcardCells } from "./vcard-cells";
import { type VcardLine, vcardLines } from "./vcard-lines";

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const NEWLINE = 0x0a;
const BATCH_ROWS = 500;
/** A card with more lines than this is one whose end was lost. */
const CARD_LINES_MAX = 10_000;
/** Of one card, a photo included. */
const CARD_BYTES_MAX = 8 * 1024 * 1024;

/**
 * One row a card; row 1 is the header, with the columns that any card fills. Reads the source twice, each time with the memory of one piece
 * and one card.
 */
export async function readVcards(given: ByteSource | Uint8Array): Promise<RowTableResult> {
  const source = given instanceof Uint8Array ? bytesSource(given) : given;
  try {
    const widths = new Map<string, number>();
    let row_count = 0;
    for await (const cards of cardsOf(source)) {
      row_count += cards.length;
      for (const card of cards) for (const [column, values] of card) widths.set(column, Math.max(widths.get(column) ?? 0, values.length));
    }
    if (row_count === 0) throw new Refusal("invalid", "the file holds no vCards");
    const columns = VCARD_COLUMNS.flatMap((column) => Array.from({ length: widths.get(column) ?? 0 }, (_, index) => ({ column, index })));
    if (columns.length === 0) throw new Refusal("invalid", "the vCards of the file hold no names, addresses or numbers");
    const headers = columns.map(({ column, index }) => (index === 0 ? column : `${column} ${index + 1}`));
    const cellsOf = (card: VcardCells) => columns.map(({ column, index }) => card.get(column)?.[index] ?? "");
    return { ok: true, table: { headers, row_count, rows: () => asBatches(rowsOf(source, headers, cellsOf)) } };
  } catch (error) {
    return refusedBy(error);
  }
}

async function* rowsOf(source: ByteSource, headers: string[], cellsOf: (card: VcardCells) => string[]): AsyncGenerator<SheetRow[], void> {
  yield [{ row: 1, cells: headers }];
  let row = 1;
  for await (const cards of cardsOf(source)) {
    for (let at = 0; at < cards.length; at += BATCH_ROWS) {
      yield cards.slice(at, at + BATCH_ROWS).map((card) => {
        row++;
        return { row, cells: cellsOf(card) };
      });
    }
  }
}

/** The cards of each piece of the file. */
async function* cardsOf(source: ByteSource): AsyncGenerator<VcardCells[], void> {
  const reader = new CardReader();
  let rest: Uint8Array = new Uint8Array();
  for await (const piece of utf8Pieces(source)) {
    const window = joined(rest, piece);
    const end = cutAfterCard(window);
    yield reader.read(window.subarray(0, end));
    rest = window.slice(end);
    if (rest.length > CARD_BYTES_MAX) throw reader.unended();
  }
  yield reader.read(rest);
  reader.finish();
}

/** UTF-16 becomes UTF-8: everything else is read as bytes, since each line may name its own character set. */
async function* utf8Pieces(source: ByteSource): AsyncGenerator<Uint8Array, void> {
  const start = await source.read(0, UTF8_MARK.length);
  const marked = markedEncoding(start);
  const decoder = marked ? new TextDecoder(marked) : null;
  const encoder = new TextEncoder();
  let skipped = !marked && UTF8_MARK.every((byte, index) => start[index] === byte) ? UTF8_MARK.length : 0;
  const reader = source.stream(0, source.size).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield decoder ? encoder.encode(decoder.decode(value, { stream: true })) : value.subarray(skipped);
      skipped = Math.max(0, skipped - value.length);
    }
    if (decoder) yield encoder.encode(decoder.decode());
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The end of the last line END:VCARD of these bytes; 0 when there is none. A line is unfolded only where it is whole. */
function cutAfterCard(bytes: Uint8Array): number {
  for (let end = bytes.lastIndexOf(NEWLINE); end > 0; ) {
    const start = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    if (/^END:VCARD\s*$/i.test(String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 16))))) return end + 1;
    end = start - 1;
  }
  return 0;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Cards within cards (AGENT of 2.1) are passed over. */
class CardReader {
  #lines: VcardLine[] = [];
  #depth = 0;
  #begin = 0;
  #lines_read = 0;

  read(bytes: Uint8Array): VcardCells[] {
    const cards: VcardCells[] = [];
    for (const line of vcardLines(bytes, this.#lines_read)) {
      const card = this.#take(line);
      if (card) cards.push(card);
    }
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) this.#lines_read++;
    return cards;
  }

  finish(): void {
    if (this.#depth > 0) throw this.unended();
  }

  unended(): Refusal {
    return new Refusal("invalid", `the vCard that begins in line ${this.#begin} has no END:VCARD`);
  }

  #take(line: VcardLine): VcardCells | null {
    const is_card = line.value.trim().toUpperCase() === "VCARD";
    if (line.name === "BEGIN" && is_card) {
      if (this.#depth === 0) this.#begin = line.line;
      this.#depth++;
    } else if (line.name === "END" && is_card && this.#depth > 0) {
      this.#depth--;
      return this.#depth > 0 ? null : this.#finishCard();
    } else if (this.#depth === 1) {
      this.#lines.push(line);
      if (this.#lines.length > CARD_LINES_MAX) throw this.unended();
    }
    return null;
  }

  #finishCard(): VcardCells {
    const cells = vcardCells(this.#lines);
    this.#lines = [];
    return cells;
  }
}
