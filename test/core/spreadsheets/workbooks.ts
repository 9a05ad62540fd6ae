import {
  type ByteSource,
  bytesSource,
  type ReadXlsxOptions,
  type RowBatches,
  readXlsx,
  type SheetRow,
  type XlsxWorkbook,
} from "../../../src/core/spreadsheets";
import { type ZipFile, zipOf } from "./zip";

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships";

export type TestSheet = { name: string; state?: "hidden" | "veryHidden"; xml: string };

/** A workbook of hand-written parts. `formats` are the format codes of the cell styles 1, 2, 3…; `strings` are whole `<si>` elements. */
export type TestWorkbook = { sheets: TestSheet[]; strings?: string[]; formats?: (string | number)[]; date1904?: boolean };

/** `<sheetData>` around the rows, and the sheet around it. */
export function sheetXml(rows: string, dimension = ""): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${MAIN}">${dimension}<sheetData>${rows}</sheetData></worksheet>`;
}

export function workbookFiles(book: TestWorkbook): ZipFile[] {
  const files: ZipFile[] = [
    { name: "[Content_Types].xml", content: contentTypes(book) },
    { name: "_rels/.rels", content: relations([["rId1", "officeDocument", "xl/workbook.xml"]]) },
    { name: "xl/workbook.xml", content: workbookXml(book) },
    { name: "xl/_rels/workbook.xml.rels", content: relations(workbookRelations(book)) },
    ...book.sheets.map(({ xml }, index) => ({ name: `xl/worksheets/sheet${index + 1}.xml`, content: xml })),
  ];
  if (book.strings) files.push({ name: "xl/sharedStrings.xml", content: `<sst xmlns="${MAIN}">${book.strings.join("")}</sst>` });
  files.push({ name: "xl/styles.xml", content: stylesXml(book.formats ?? []) });
  return files;
}

export function workbookOf(book: TestWorkbook): Uint8Array {
  return zipOf(workbookFiles(book));
}

/** One sheet with these rows. */
export function sheetOf(rows: string, book: Omit<TestWorkbook, "sheets"> = {}): Uint8Array {
  return workbookOf({ ...book, sheets: [{ name: "Sheet1", xml: sheetXml(rows) }] });
}

export async function openXlsx(bytes: Uint8Array, options?: ReadXlsxOptions): Promise<XlsxWorkbook> {
  const result = await readXlsx(bytesSource(bytes), options);
  if (!result.ok) throw new Error(`refused: ${result.problem.kind}: ${result.problem.detail}`);
  return result.workbook;
}

export async function rowsOf(batches: RowBatches): Promise<SheetRow[]> {
  const rows: SheetRow[] = [];
  for await (const batch of batches) {
    if (!batch.ok) throw new Error(`refused: ${batch.problem.kind}: ${batch.problem.detail}`);
    rows.push(...batch.rows);
  }
  return rows;
}

export async function cellsOf(bytes: Uint8Array, options?: ReadXlsxOptions): Promise<string[][]> {
  return (await rowsOf((await openXlsx(bytes, options)).rows())).map(({ cells }) => cells);
}

/** The problem, wherever it comes up: on opening or while reading. */
export async function problemOf(bytes: Uint8Array, options?: ReadXlsxOptions): Promise<string | null> {
  const result = await readXlsx(bytesSource(bytes), options);
  if (!result.ok) return `${result.problem.kind}: ${result.problem.detail}`;
  for await (const batch of result.workbook.rows()) if (!batch.ok) return `${batch.problem.kind}: ${batch.problem.detail}`;
  return null;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function workbookXml({ sheets, date1904 }: TestWorkbook): string {
  const list = sheets.map(({ name, state }, index) => {
    const hidden = state ? ` state="${state}"` : "";
    return `<sheet name="${escapeXml(name)}" sheetId="${index + 1}"${hidden} r:id="rId${index + 1}"/>`;
  });
  const properties = date1904 ? '<workbookPr date1904="1"/>' : "";
  return `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}">${properties}<sheets>${list.join("")}</sheets></workbook>`;
}

function workbookRelations({ sheets, strings }: TestWorkbook): [string, string, string][] {
  const list: [string, string, string][] = sheets.map((_, index) => [`rId${index + 1}`, "worksheet", `worksheets/sheet${index + 1}.xml`]);
  list.push(["rId900", "styles", "styles.xml"]);
  if (strings) list.push(["rId901", "sharedStrings", "sharedStrings.xml"]);
  return list;
}

function relations(list: readonly [string, string, string][]): string {
  const each = list.map(([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`);
  return `<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="${PACKAGE}">${each.join("")}</Relationships>`;
}

function stylesXml(formats: readonly (string | number)[]): string {
  const codes = formats.map((code, index) =>
    typeof code === "string" ? `<numFmt numFmtId="${200 + index}" formatCode="${escapeXml(code)}"/>` : "",
  );
  const styles = formats.map(
    (code, index) => `<xf numFmtId="${typeof code === "string" ? 200 + index : code}" applyNumberFormat="1" xfId="0"/>`,
  );
  const base = '<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>';
  const cells = `<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs><cellXfs count="${styles.length + 1}"><xf numFmtId="0" xfId="0"/>${styles.join("")}</cellXfs>`;
  return `<styleSheet xmlns="${MAIN}"><numFmts count="${codes.length}">${codes.join("")}</numFmts>${base}${cells}</styleSheet>`;
}

function contentTypes({ sheets, strings }: TestWorkbook): string {
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const parts = sheets.map((_, index) => `<Override PartName="/xl/worksheets/sheet${index + 1}.xml" ContentType="${type}.worksheet+xml"/>`);
  if (strings) parts.push(`<Override PartName="/xl/sharedStrings.xml" ContentType="${type}.sharedStrings+xml"/>`);
  const defaults =
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>';
  const main = `<Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>`;
  return `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${defaults}${main}${parts.join("")}</Types>`;
}

/** A file that arrives in pieces of this size. */
export function inPieces(bytes: Uint8Array, size: number): ByteSource {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    stream: (offset, length) => {
      let at = offset;
      return new ReadableStream({
        pull(controller) {
          if (at >= offset + length) return controller.close();
          controller.enqueue(bytes.slice(at, Math.min(at + size, offset + length)));
          at += size;
        },
      });
    },
  };
}
