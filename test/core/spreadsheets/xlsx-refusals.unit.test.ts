import { describe, expect, it } from "vitest";
import { bytesSource, type ReadLimits, readXlsx } from "../../../src/core/spreadsheets";
import { problemOf, sheetOf, sheetXml, workbookFiles } from "./workbooks";
import { type ZipFile, zipOf } from "./zip";

const FILES = workbookFiles({
  sheets: [{ name: "S", xml: sheetXml('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>2</v></c></row>') }],
  strings: ["<si><t>a</t></si>"],
});

const sheet = (patch: Partial<ZipFile>) => zipOf(FILES.map((file) => (file.name.endsWith("sheet1.xml") ? { ...file, ...patch } : file)));
const limited = (limits: Partial<ReadLimits>, rows: string, strings?: string[]) =>
  problemOf(sheetOf(rows, strings ? { strings } : {}), { limits });

describe("what costs too much is refused before it costs much", () => {
  it("a part that inflates beyond its ratio", async () => {
    const bytes = sheetOf(
      `<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>${'<row><c t="inlineStr"><is><t>x</t></is></c></row>'.repeat(200_000)}`,
    );
    expect(bytes.length).toBeLessThan(100_000);
    expect(await problemOf(bytes)).toMatch(/^too_large: the file unpacks to more than 200 times its size/);
  });

  it("a part, or all parts together, that inflate beyond their caps, whatever the directory claims", async () => {
    const rows = '<row><c t="n"><v>1</v></c></row>'.repeat(5000);
    expect(await limited({ entry_bytes: 100_000 }, rows)).toMatch(/^too_large: the file unpacks to more than/);
    expect(await limited({ total_bytes: 100_000 }, rows)).toMatch(/^too_large: the file unpacks to more than/);
    const liar = sheet({ content: sheetXml(rows), claims: { size: 10 } });
    expect(await problemOf(liar, { limits: { entry_bytes: 100_000 } })).toMatch(/^too_large: the file unpacks to more than/);
  });

  it("shared strings, rows, columns, cells, and one endless text", async () => {
    const one = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>';
    expect(await limited({ shared_bytes: 100 }, one, ["<si><t>abcdefghi</t></si>".repeat(11)])).toMatch(
      /^too_large: the texts of the workbook take more than/,
    );
    expect(await limited({ rows: 10 }, '<row r="11"><c r="A11"><v>1</v></c></row>')).toBe(
      "too_large: the sheet has more than 10 rows: split it",
    );
    expect(await limited({}, '<row r="1048577"><c><v>1</v></c></row>')).toBe("too_large: the sheet has more than 1,048,576 rows: split it");
    expect(await limited({}, '<row r="1"><c r="ALM1"><v>1</v></c></row>')).toBe(
      "too_large: row 1 of the sheet has more than 1,000 columns",
    );
    expect(await limited({ cells: 3 }, "<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>")).toBe(
      "too_large: the sheet has more than 3 cells: split it",
    );
    expect(await limited({}, `<row r="1"><c r="A1" t="inlineStr"><is><t>${"a".repeat(1_100_000)}</t></is></c></row>`)).toMatch(
      /^too_large: a cell of the sheet is longer/,
    );
  });

  it("texts that are stored once and shown often, or put together from parts", async () => {
    const cell = '<c t="s"><v>0</v></c>';
    const strings = [`<si><t>${"a".repeat(30_000)}</t></si>`];
    expect(await limited({}, `<row>${cell.repeat(40)}</row>`, strings)).toBe(
      "too_large: row 1 of the sheet is longer than 1,000,000 characters",
    );
    expect(await limited({ text_chars: 1_000_000 }, `<row>${cell}</row>`.repeat(40), strings)).toMatch(
      /^too_large: the cells of the sheet show more text/,
    );
    const parts = `${"a".repeat(60_000)}<!-- -->`.repeat(20);
    expect(await limited({}, `<row><c t="str"><v>${parts}</v></c></row>`)).toMatch(/^too_large: a cell of the sheet is longer/);
    expect(await limited({}, "<row><c t='s'><v>0</v></c></row>", [`<si><r><t>${parts}</t></r></si>`])).toMatch(
      /^too_large: a cell of the sheet is longer/,
    );
  });

  it("formatting far away from the data is not data", async () => {
    expect(await limited({}, '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row>')).toBeNull();
  });

  it("a directory of many files", async () => {
    expect(await problemOf(zipOf(Array.from({ length: 10_001 }, (_, index) => ({ name: `${index}`, content: "", stored: true }))))).toMatch(
      /^too_large: the archive lists 10,001 files/,
    );
  });
});

describe("other kinds of files say what to do", () => {
  const compound = (name: string) => {
    const bytes = new Uint8Array(2048);
    bytes.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    bytes[30] = 9;
    bytes.set(
      Array.from(name).flatMap((character) => [character.charCodeAt(0), 0]),
      512,
    );
    return bytes;
  };
  const archive = (...names: string[]) => zipOf(names.map((name) => ({ name, content: "x" })));

  it.each([
    [".xls", compound("Workbook"), "an old Excel workbook (.xls): open it in Excel and save it as .xlsx"],
    [".xls cut off", compound("").subarray(0, 300), "an old Excel workbook (.xls): open it in Excel and save it as .xlsx"],
    ["password", compound("EncryptedPackage"), "a workbook protected by a password: save it in Excel as .xlsx without one"],
    ["password of the archive", sheet({ encrypted: true }), "the file is protected by a password: save it without one"],
    [".xlsb", archive("[Content_Types].xml", "xl/workbook.bin"), "a binary Excel workbook (.xlsb): open it in Excel and save it as .xlsx"],
    [".numbers", archive("Index/Document.iwa"), "an Apple Numbers document: export it as Excel (.xlsx)"],
    [".ods", archive("mimetype", "content.xml"), "an OpenDocument file: open it and save it as .xlsx"],
    [".docx", archive("word/document.xml"), "a Word document: save its table as a .xlsx workbook"],
    ["text", new TextEncoder().encode("Email\na@x\n"), "no Excel workbook: save it as .xlsx or CSV"],
    [
      "another compression",
      sheet({ claims: { method: 12 } }),
      "the archive uses compression method 12: open the file in Excel and save it as .xlsx",
    ],
  ])("%s", async (_, bytes, detail) => {
    expect(await problemOf(bytes)).toBe(`unsupported: ${detail}`);
  });

  it("an empty file, an empty workbook, a sheet that does not exist, a document type", async () => {
    expect(await problemOf(new Uint8Array())).toBe("invalid: the file is empty");
    expect(await problemOf(sheetOf("<row r='1'/>"))).toBe("invalid: no visible sheet of the workbook has any data");
    expect(await problemOf(sheetOf("<row><c><v>1</v></c></row>"), { sheet: "Leads" })).toBe(
      'no_such_sheet: the workbook has no sheet "Leads", it has "Sheet1"',
    );
    expect(await problemOf(sheetOf("<row><c><v>1</v></c></row>"), { sheet: 2 })).toBe(
      'no_such_sheet: the workbook has no sheet 2, it has "Sheet1"',
    );
    expect(await problemOf(sheet({ content: `<!DOCTYPE x [<!ENTITY a "b">]>${sheetXml("")}` }))).toMatch(
      /^invalid: the XML of the file declares a document type/,
    );
  });

  it("rows out of order, texts that do not exist, impossible references", async () => {
    expect(await problemOf(sheetOf('<row r="2"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>'))).toMatch(
      /^invalid: row 2 of the sheet follows row 2/,
    );
    expect(await problemOf(sheetOf('<row r="2"><c t="s"><v>7</v></c></row>', { strings: ["<si><t>a</t></si>"] }))).toMatch(
      /^invalid: the file is damaged .*a cell in row 2 has lost its text/,
    );
    expect(await problemOf(sheetOf('<row r="2"><c r="12"><v>7</v></c></row>'))).toMatch(
      /^invalid: the file is damaged .*no valid reference/,
    );
  });
});

describe("damaged files end in a problem", () => {
  it("a file cut off anywhere", async () => {
    const bytes = zipOf(FILES);
    for (let size = 0; size < bytes.length; size++) expect(await problemOf(bytes.slice(0, size)), `${size} bytes`).not.toBeNull();
  });

  it("a file with any byte changed is read or refused, and never more", async () => {
    const bytes = zipOf(FILES);
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [0x01, 0xff]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ change;
        await problemOf(changed);
      }
    }
  });

  it("XML cut off anywhere within its archive", async () => {
    const xml = sheetXml('<row r="1"><c r="A1" t="inlineStr"><is><t>a &amp; b</t></is></c><c r="B1" t="s"><v>0</v></c></row>');
    const end = xml.indexOf("</sheetData>") + "</sheetData>".length;
    for (let size = 0; size < end; size++)
      expect(await problemOf(sheet({ content: xml.slice(0, size) })), `${size} characters`).not.toBeNull();
    expect(await problemOf(sheet({ content: xml.slice(0, end) }))).toBeNull();
  });
});

it("a failure of the storage is not taken for a damaged file", async () => {
  const source = bytesSource(zipOf(FILES));
  let streams = 0;
  const failing = {
    ...source,
    stream: (offset: number, length: number) => {
      streams++;
      if (streams < 3) return source.stream(offset, length);
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.error(new Error("R2 is away"));
        },
      });
    },
  };
  await expect(readXlsx(failing)).rejects.toThrow("R2 is away");
});
