/** Writes one sheet as .xlsx: every cell is text, so nothing in it is ever run as a formula or turned into a number. */

import { columnName } from "./cell-reference";
import { writeZip } from "./zip-writer";

/** `problems` are the columns, from 0, of the cells to be marked by colour. */
export type XlsxRow = { cells: readonly string[]; problems?: readonly number[] };

/** Excel's own limits: rows of a sheet with its header, and characters of a cell. Longer texts are cut off. */
export const XLSX_ROWS_MAX = 1_048_576;
const CELL_CHARS_MAX = 32_767;

const PIECE_CHARS = 65_536;
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const TEXT = 1;
const HEADER = 2;
const PROBLEM = 3;

/**
 * The workbook as a stream, with memory for one piece: a bold, frozen header row, then the rows. The stream fails with a RangeError
 * when there are more rows than `XLSX_ROWS_MAX`: count them before.
 */
export function writeXlsx(
  headers: readonly string[],
  rows: Iterable<XlsxRow> | AsyncIterable<XlsxRow>,
  { sheet = "Sheet1" }: { sheet?: string } = {},
): ReadableStream<Uint8Array> {
  const archive = writeZip([
    { name: "[Content_Types].xml", content: [CONTENT_TYPES] },
    { name: "_rels/.rels", content: [relations([["officeDocument", "xl/workbook.xml"]])] },
    { name: "xl/workbook.xml", content: [workbookXml(sheet)] },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: [
        relations([
          ["worksheet", "worksheets/sheet1.xml"],
          ["styles", "styles.xml"],
        ]),
      ],
    },
    { name: "xl/styles.xml", content: [STYLES] },
    { name: "xl/worksheets/sheet1.xml", content: sheetXml(headers, rows) },
  ]);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await archive.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await archive.return();
    },
  });
}

async function* sheetXml(headers: readonly string[], rows: Iterable<XlsxRow> | AsyncIterable<XlsxRow>): AsyncGenerator<string, void> {
  const frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  let pending = `${DECLARATION}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${frozen}</sheetView></sheetViews>`;
  pending += `<sheetFormatPr defaultRowHeight="15"/><sheetData>${rowXml(1, headers, () => HEADER)}`;
  let number = 1;
  for await (const { cells, problems } of rows) {
    number++;
    if (number > XLSX_ROWS_MAX) throw new RangeError(`a sheet has at most ${XLSX_ROWS_MAX} rows`);
    pending += rowXml(number, cells, (column) => (problems?.includes(column) ? PROBLEM : TEXT));
    if (pending.length < PIECE_CHARS) continue;
    yield pending;
    pending = "";
  }
  yield `${pending}</sheetData></worksheet>`;
}

function rowXml(number: number, cells: readonly string[], styleOf: (column: number) => number): string {
  let xml = `<row r="${number}">`;
  cells.forEach((cell, column) => {
    const style = styleOf(column);
    const start = `<c r="${columnName(column + 1)}${number}" s="${style}"`;
    if (cell !== "") xml += `${start} t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
    else if (style === PROBLEM) xml += `${start}/>`;
  });
  return `${xml}</row>`;
}

const MARKUP: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
const NOT_IN_XML = /[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]/g;

/** Text for XML 1.0; what it cannot hold is written `_x0001_`, and text that looks so already is guarded (ECMA-376, ST_Xstring). */
function escaped(text: string): string {
  const cut = text.length > CELL_CHARS_MAX ? text.slice(0, CELL_CHARS_MAX) : text;
  return cut
    .replace(/_(?=x[0-9a-fA-F]{4}_)/g, "_x005F_")
    .replace(NOT_IN_XML, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`)
    .replace(/[&<>"]/g, (character) => MARKUP[character] as string)
    .toWellFormed();
}

function workbookXml(sheet: string): string {
  const name = escaped(sheet.replace(/[[\]:*?/\\]/g, " ").slice(0, 31));
  return `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${name}" sheetId="1" r:id="rId1"/></sheets></workbook>`;
}

function relations(list: readonly [string, string][]): string {
  const each = list.map(([type, target], index) => `<Relationship Id="rId${index + 1}" Type="${OFFICE}/${type}" Target="${target}"/>`);
  return `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${each.join("")}</Relationships>`;
}

const CONTENT_TYPES = `${DECLARATION}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${SHEET_TYPE}.styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${SHEET_TYPE}.worksheet+xml"/></Types>`;

/** Format 49 is "text": what somebody types into such a cell stays text too. The styles are TEXT, HEADER and PROBLEM. */
const STYLES = `${DECLARATION}<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFFFE0B2"/><bgColor indexed="64"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/><xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/></cellXfs></styleSheet>`;
