/** Reads NDJSON, JSON arrays of objects, and objects around one such array. */

import { type ByteSource, bytesSource } from "./byte-source";
import { jsonCells } from "./json-cells";
import { findLayout, type JsonLayout, jsonRecords, noObject } from "./json-records";
import { READ_LIMITS } from "./limits";
import { Refusal, refusedBy } from "./problem";
import { asBatches, type RowTableResult, type SheetRow } from "./rows";
import { markedEncoding } from "./text-encoding";

const HEADER_CHARS_MAX = 1000;
const BATCH_CELLS = 50_000;

/**
 * The headers are all keys in the order of their first appearance, nested ones as "address.city"; row 1 is the header. Reads the source
 * twice, a third time for the rows, each time with the memory of one record: so it takes a source and not a stream.
 */
export async function readJsonRows(given: ByteSource | Uint8Array): Promise<RowTableResult> {
  const source = given instanceof Uint8Array ? bytesSource(given) : given;
  try {
    const layout = await findLayout(textsOf(source));
    const columns = new Map<string, number>();
    let row_count = 0;
    for await (const records of jsonRecords(textsOf(source), layout)) {
      row_count += records.length;
      for (const record of records) addColumns(cellsOf(record), columns);
    }
    if (columns.size === 0) throw new Refusal("invalid", "the file holds no JSON objects with content");
    const headers = [...columns.keys()].map((name) => name.slice(0, HEADER_CHARS_MAX) || "(no name)");
    return { ok: true, table: { headers, row_count, rows: () => asBatches(rowsOf(source, layout, columns, headers)) } };
  } catch (error) {
    return refusedBy(error);
  }
}

async function* rowsOf(
  source: ByteSource,
  layout: JsonLayout,
  columns: Map<string, number>,
  headers: string[],
): AsyncGenerator<SheetRow[], void> {
  yield [{ row: 1, cells: headers }];
  let row = 1;
  // Short records may have many columns, nearly all of them empty.
  const batch_rows = Math.ceil(BATCH_CELLS / columns.size);
  for await (const records of jsonRecords(textsOf(source), layout)) {
    for (let at = 0; at < records.length; at += batch_rows) {
      yield records.slice(at, at + batch_rows).map((record) => {
        row++;
        const cells: string[] = new Array(columns.size).fill("");
        for (const [name, text] of cellsOf(record)) cells[columns.get(name) as number] = text;
        return { row, cells };
      });
    }
  }
}

function cellsOf({ text, line }: { text: string; line: number }): Map<string, string> {
  const cells = jsonCells(text.startsWith("\uFEFF") ? text.slice(1) : text);
  if (cells) return cells;
  if (/^[\s\uFEFF]*[[\]"\d]/.test(text)) throw noObject(line);
  throw new Refusal("invalid", `line ${line} is not valid JSON`);
}

function addColumns(cells: Map<string, string>, columns: Map<string, number>): void {
  for (const name of cells.keys()) if (!columns.has(name)) columns.set(name, columns.size);
  if (columns.size > READ_LIMITS.columns) {
    throw new Refusal("too_large", `the records have more than ${READ_LIMITS.columns.toLocaleString("en-US")} different keys`);
  }
}

async function* textsOf(source: ByteSource): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(markedEncoding(await source.read(0, 2)) ?? "utf-8");
  const reader = source.stream(0, source.size).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    reader.cancel().catch(() => {});
  }
}
