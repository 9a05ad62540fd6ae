/** Reads small OpenDocument spreadsheets. The library holds the whole document, so both its sizes are capped before it sees it. */

import { streamOdsRows } from "hucre/ods";
import { type ByteSource, bytesSource } from "./byte-source";
import { withDefaults } from "./limits";
import { valueText } from "./number-text";
import { damaged, Refusal, refusedBy } from "./problem";
import type { ReadXlsxOptions, XlsxResult } from "./read-xlsx";
import { asBatches, type SheetRow } from "./rows";
import { scanXml } from "./xml-read";
import { attribute } from "./xml-text";
import { readDirectory } from "./zip-directory";
import { entryBytes, InflateBudget } from "./zip-entry";

export const ODS_BYTES_MAX = 2_000_000;
/** Repeated cells are stored once. */
const CELLS_MAX = 2_000_000;
const CONTENT_BYTES_MAX = 32 * 1024 * 1024;

type OdsRow = { row: number; sheet: number; cells: string[] };

/** The same as for .xlsx, but that dates and numbers come by value and not as the sheet shows them: dates as "2026-11-21". */
export async function readOds(given: ByteSource | Uint8Array, { sheet }: Pick<ReadXlsxOptions, "sheet"> = {}): Promise<XlsxResult> {
  try {
    const source = given instanceof Uint8Array ? bytesSource(given) : given;
    if (source.size > ODS_BYTES_MAX) {
      throw new Refusal("too_large", `an .ods file may have ${ODS_BYTES_MAX.toLocaleString("en-US")} bytes: save it as .xlsx or CSV`);
    }
    const bytes = await source.read(0, source.size);
    const names = await tableNames(bytes);
    const chosen = sheet === undefined ? await firstWithData(bytes) : chooseTable(names, sheet);
    const rows = () => asBatches(sheetRows(bytes, chosen));
    const sheets = names.map((name) => ({ name, hidden: false }));
    return { ok: true, workbook: { sheets, sheet: names[chosen] ?? "", rows, warnings: () => [] } };
  } catch (error) {
    return refusedBy(error);
  }
}

/** Reads the document once by our own means: it is whole, no bomb, and these are its sheets. */
async function tableNames(bytes: Uint8Array): Promise<string[]> {
  const source = bytesSource(bytes);
  const entries = await readDirectory(source);
  const limits = withDefaults({ entry_bytes: CONTENT_BYTES_MAX, total_bytes: CONTENT_BYTES_MAX });
  const budget = new InflateBudget(limits);
  const names: string[] = [];
  const content = entries.get("content.xml");
  if (!content) throw damaged("its content is missing");
  // The library inflates further parts, and believes their sizes.
  for (const entry of entries.values()) {
    if (entry !== content) for await (const _ of entryBytes(source, entry, budget));
  }
  await scanXml(entryBytes(source, content, budget), {
    wants_text: false,
    open(name, tag) {
      if (name === "table") names.push(attribute(tag, "name") ?? "");
    },
    close() {},
    text() {},
  });
  if (names.length === 0) throw new Refusal("unsupported", "an OpenDocument file without a spreadsheet: save its table as .xlsx");
  return names;
}

function chooseTable(names: readonly string[], sheet: string | number): number {
  const wanted = String(sheet).trim().toLowerCase();
  const index = typeof sheet === "number" ? sheet - 1 : names.findIndex((name) => name.trim().toLowerCase() === wanted);
  if (names[index] !== undefined) return index;
  throw new Refusal(
    "no_such_sheet",
    `the document has no sheet ${JSON.stringify(sheet)}, it has ${names.map((name) => `"${name}"`).join(", ")}`,
  );
}

async function firstWithData(bytes: Uint8Array): Promise<number> {
  for await (const { sheet, cells } of odsRows(bytes)) if (cells.length > 0) return sheet;
  throw new Refusal("invalid", "no sheet of the document has any data");
}

async function* sheetRows(bytes: Uint8Array, chosen: number): AsyncGenerator<SheetRow[], void> {
  const { columns } = withDefaults(undefined);
  for await (const { sheet, row, cells } of odsRows(bytes)) {
    if (sheet > chosen) return;
    if (sheet !== chosen || cells.length === 0) continue;
    if (cells.length > columns)
      throw new Refusal("too_large", `row ${row} of the sheet has more than ${columns.toLocaleString("en-US")} columns`);
    yield [{ row, cells }];
  }
}

async function* odsRows(bytes: Uint8Array): AsyncGenerator<OdsRow, void> {
  // Loaded on first use: few files need it, and each start of the Worker would pay for it.
  let cell_count = 0;
  try {
    for await (const { index, sheetIndex, values } of streamOdsRows(bytes)) {
      cell_count += values.length + 1;
      if (cell_count > CELLS_MAX)
        throw new Refusal("too_large", `the file has more than ${CELLS_MAX.toLocaleString("en-US")} cells: save it as .xlsx`);
      const cells = values.map(cellText);
      while (cells.at(-1) === "") cells.pop();
      yield { row: index + 1, sheet: sheetIndex ?? 0, cells };
    }
  } catch (error) {
    throw error instanceof Refusal ? error : damaged("its content cannot be read");
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "number") return valueText(value);
  if (!(value instanceof Date)) return String(value);
  const iso = value.toISOString();
  return iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : iso.slice(0, 19).replace("T", " ");
}
