import { type Refused, refusedBy } from "./problem";

/** `row` is the number that the spreadsheet shows. Trailing empty cells are cut off; rows without any content are left out. */
export type SheetRow = { row: number; cells: string[] };

/** Some rows, or why there are no more. A batch that is not `ok` is the last. */
export type RowBatch = { ok: true; rows: SheetRow[] } | Refused;

export type RowBatches = AsyncGenerator<RowBatch, void>;

/** A file read as a table: its first row holds the headers. Each call of `rows` reads the file again. */
export type RowTable = { headers: string[]; row_count: number; rows: () => RowBatches };

export type RowTableResult = { ok: true; table: RowTable } | Refused;

/** Hands refusals on as values. */
export async function* asBatches(rows: AsyncIterable<SheetRow[]>): RowBatches {
  try {
    for await (const some of rows) if (some.length > 0) yield { ok: true, rows: some };
  } catch (error) {
    yield refusedBy(error);
  }
}
