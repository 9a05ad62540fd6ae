import { expect, it } from "vitest";
import { detectFormat } from "../../../src/core/spreadsheets";
import { sheetOf } from "./workbooks";
import { zipOf } from "./zip";

const text = (content: string) => new TextEncoder().encode(content);
const archive = (...names: string[]) =>
  zipOf(names.map((name) => ({ name, content: "application/vnd.oasis.opendocument.spreadsheet", stored: true })));
const XLSX = sheetOf("<row><c><v>1</v></c></row>");

it.each([
  ["a workbook, whatever its name", XLSX, "leads.csv", "xlsx"],
  ["the beginning of a workbook", XLSX.slice(0, 300), "leads.xlsm", "xlsx"],
  ["an OpenDocument spreadsheet", archive("mimetype", "content.xml"), "leads", "ods"],
  ["NDJSON", text('{"a":1}\n{"a":2}\n'), "leads.json", "ndjson"],
  ["NDJSON of one line, by its name", text('{"a":1}'), "leads.jsonl", "ndjson"],
  ["a JSON object", text('\uFEFF {"a":1}'), "leads.json", "json"],
  ["a JSON array", text("[\n {}]"), "leads.txt", "json"],
  ["vCards", text("\r\nbegin:vcard\r\n"), "leads.txt", "vcard"],
  ["CSV", text("Email,Name\n"), "leads.xlsx", "csv"],
  ["CSV with brackets", text("[Email],[Name]\n"), "leads.csv", "csv"],
  ["tab-separated text", text("Email\tName\n"), "leads.txt", "csv"],
  ["CSV that begins with PK", text("PK,Email\n"), "leads.csv", "csv"],
  ["an image, which the CSV reader refuses", new Uint8Array([0x89, 0x50, 0x4e, 0x47]), "leads.png", "csv"],
  ["nothing", new Uint8Array(), "", "csv"],
] as const)("%s", (_, bytes, name, kind) => {
  expect(detectFormat(bytes, name)).toEqual({ kind });
});

it.each([
  [archive("xl/workbook.bin"), "x.xlsb", "a binary Excel workbook (.xlsb)", "open it in Excel and save it as .xlsx"],
  [archive("Index/Document.iwa"), "x.numbers", "an Apple Numbers document", "export it as Excel (.xlsx)"],
  [archive("word/document.xml"), "x.docx", "a Word document", "save its table as a .xlsx workbook"],
  [archive("leads.csv"), "leads.zip", "a ZIP archive", "unpack it first"],
  [
    new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    "x.xls",
    "an old Excel workbook (.xls)",
    "open it in Excel and save it as .xlsx",
  ],
  [text("<html><table><tr>"), "report.xls", "a web page, whatever its name says", "open it in Excel and save it as .xlsx"],
  [
    text('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'),
    "x.xls",
    "an Excel 2003 XML file",
    "open it in Excel and save it as .xlsx",
  ],
  [text('<?xml version="1.0"?><leads/>'), "x.xml", "an XML file", "save it as CSV or .xlsx"],
] as const)("what is not read says what it is and what to do: %#", (bytes, name, what, advice) => {
  expect(detectFormat(bytes, name)).toEqual({ kind: "unsupported", what, advice });
});

it("any beginning of a file is judged without failing", () => {
  for (let size = 0; size < XLSX.length; size++) expect(detectFormat(XLSX.subarray(0, size), "a.xlsx").kind).toMatch(/^(xlsx|csv)$/);
});
