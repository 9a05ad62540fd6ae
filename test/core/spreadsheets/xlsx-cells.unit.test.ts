import { describe, expect, it } from "vitest";
import { cellsOf, openXlsx, rowsOf, sheetOf, sheetXml, workbookFiles, workbookOf } from "./workbooks";
import { zipOf } from "./zip";

const cell = (xml: string, formats: (string | number)[] = []) =>
  cellsOf(sheetOf(`<row r="1">${xml}</row>`, { formats })).then((rows) => rows[0]?.[0]);
const shown = (value: number | string, format: string | number) => cell(`<c r="A1" s="1"><v>${value}</v></c>`, [format]);

describe("numbers keep all their digits", () => {
  it.each([
    ["4915123456789", "4915123456789"],
    ["4.915123456789E+12", "4915123456789"],
    ["1E+20", "100000000000000000000"],
    ["12345678901234567", "12345678901234567"],
    ["0.30000000000000004", "0.3"],
    ["1.1000000000000001", "1.1"],
    ["-0", "0"],
    ["12.50", "12.5"],
    [" 7 ", "7"],
    ["1E-7", "1E-07"],
    ["1.5E+21", "1.5E+21"],
    ["-1234567.891", "-1234567.891"],
  ])("%s is shown as %s", async (raw, text) => {
    expect(await cell(`<c r="A1"><v>${raw}</v></c>`)).toBe(text);
  });

  it.each([
    [1067, "00000", "01067"],
    [123456, "00000", "123456"],
    [123456789, "000-00-0000", "123-45-6789"],
    [4915123456789, "+0", "+4915123456789"],
    [4915123456789, '"+"0', "+4915123456789"],
    [12.75, "00000", "12.75"],
    [-5, "00000", "-5"],
    [4155551234, "[<=9999999]###-####;(###) ###-####", "4155551234"],
    [0.125, 9, "13%"],
    [0.125, 10, "12.50%"],
    [0.07, "0%", "7%"],
    [-0.5, "0%", "-50%"],
    [0.1234, "0.0#%", "12.34%"],
    [0.5, "0.0#%", "50.0%"],
    [1234.5, "#,##0.00", "1234.5"],
    [1234.5, '#,##0.00\\ "€"', "1234.5"],
    [5, '0 "kg"', "5"],
    [4915123456789, "0.00E+00", "4915123456789"],
    [42, "@", "42"],
    [42, "General", "42"],
  ])("%s under %s is %s", async (value, format, text) => {
    expect(await shown(value, format)).toBe(text);
  });
});

describe("dates are what the sheet shows", () => {
  it.each([
    [46347, "dd.mm.yyyy", "21.11.2026"],
    [46347, "dd\\.mm\\.yyyy;@", "21.11.2026"],
    [46347, "d/m/yy", "21/11/26"],
    [46347, "m/d/yyyy", "11/21/2026"],
    [46347, "yyyy-mm-dd", "2026-11-21"],
    [46347.4375, "yyyy\\-mm\\-dd\\ hh:mm:ss", "2026-11-21 10:30:00"],
    [46347.4375, "dd/mm/yyyy hh:mm AM/PM", "21/11/2026 10:30 AM"],
    [46347.9375, "m/d/yy h:mm A/P", "11/21/26 10:30 P"],
    [46347, '[$-409]mmmm d", "yyyy;@', "November 21, 2026"],
    [46347, "dddd, d mmm yyyy", "Saturday, 21 Nov 2026"],
    [46347, "mmmmm", "N"],
    [46347, "[$-407]d. mmmm yyyy", "2026-11-21"],
    [46347, "[$-F800]dddd, mmmm dd, yyyy", "2026-11-21"],
    [46347, '[$-411]ggge"年"m"月"d"日"', "2026-11-21"],
    [46347, 'yyyy"年"m"月"d"日"', "2026年11月21日"],
    [46347, 14, "2026-11-21"],
    [46347.4375, 22, "2026-11-21 10:30"],
    [46347, 15, "21-Nov-26"],
    [46347, 17, "Nov-26"],
    [46347, 31, "2026-11-21"],
    [0.4375, 20, "10:30"],
    [0.999, 21, "23:58:34"],
    [1.5, 46, "36:00:00"],
    [0.5 + 1.25 / 86400, "mm:ss.00", "00:01.25"],
    [0.4166666666666667, "h:mm", "10:00"],
    [60, "dd.mm.yyyy", "29.02.1900"],
    [59, "dd.mm.yyyy", "28.02.1900"],
    [1, "dddd dd.mm.yyyy", "Sunday 01.01.1900"],
    [-1, "dd.mm.yyyy", "-1"],
    [4915123456789, "dd.mm.yyyy", "4915123456789"],
    [46347, "[Red]dd.mm.yyyy", "21.11.2026"],
    [46347, "[>100]dd.mm.yyyy", "2026-11-21"],
    [46347.4375, "[>100]dd.mm.yyyy", "2026-11-21 10:30:00"],
  ])("%s under %s is %s", async (serial, format, text) => {
    expect(await shown(serial, format)).toBe(text);
  });

  it("a workbook may count from 1904", async () => {
    const book = { formats: ["dd.mm.yyyy"], date1904: true };
    expect(await cellsOf(sheetOf('<row r="1"><c r="A1" s="1"><v>44885</v></c><c r="B1" s="1"><v>0</v></c></row>', book))).toEqual([
      ["21.11.2026", "01.01.1904"],
    ]);
  });

  it("the viewer's own short date may be given", async () => {
    const bytes = sheetOf('<row r="1"><c r="A1" s="1"><v>46347.5</v></c><c r="B1" s="2"><v>46347.5</v></c></row>', { formats: [14, 22] });
    expect(await cellsOf(bytes, { short_date: "dd.mm.yyyy" })).toEqual([["21.11.2026", "21.11.2026 12:00"]]);
  });

  it("ISO dates of the strict variant are shown by their format too", async () => {
    expect(await cell('<c r="A1" s="1" t="d"><v>2026-11-21T10:30:00</v></c>', ["dd.mm.yyyy hh:mm"])).toBe("21.11.2026 10:30");
  });
});

describe("texts", () => {
  const strings = [
    "<si><t>plain</t></si>",
    '<si><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r></si>',
    '<si><t>山田</t><rPh sb="0" eb="2"><t>ヤマダ</t></rPh><phoneticPr fontId="1"/></si>',
    "<si><t>&lt;Müller &amp; Söhne&gt; &quot;&#8364;&#x20AC;&apos;</t></si>",
    "<si><t>a_x000D_\nb _x005F_x0041_</t></si>",
    "<si><t><![CDATA[<raw> & ]]>tail<!-- no -->!</t></si>",
    "<si><t>  trimmed </t></si>",
    '<si><t xml:space="preserve">  kept </t></si>',
    "<si/>",
    "<si><t>007</t></si>",
  ];

  it("shared strings come whole, without phonetic runs, with their escapes resolved", async () => {
    const cells = strings.map((_, index) => `<c r="${"ABCDEFGHIJ"[index]}1" t="s"><v>${index}</v></c>`).join("");
    expect(await cellsOf(sheetOf(`<row r="1">${cells}</row>`, { strings }))).toEqual([
      ["plain", "rich text", "山田", "<Müller & Söhne> \"€€'", "a\r\nb _x0041_", "<raw> & tail!", "trimmed", "  kept ", "", "007"],
    ]);
  });

  it("inline strings, formula results, booleans and errors are read by their kind", async () => {
    const bytes = sheetOf(
      `<row r="1"><c r="A1" t="inlineStr"><is><r><t xml:space="preserve">in </t></r><r><t>line</t></r><rPh><t>x</t></rPh></is></c>
       <c r="B1" t="str"><f>A1&amp;"x"</f><v>A &amp; x</v></c><c r="C1"><f>1+1</f><v>2</v></c><c r="D1" t="b"><v>1</v></c><c r="E1" t="b"><v>0</v></c>
       <c r="F1" t="e"><v>#N/A</v></c><c r="G1"><f>SUM(A1)</f></c><c r="H1" t="str"><f>""</f><v></v></c><c r="I1"><v>end</v></c></row>`,
    );
    const workbook = await openXlsx(bytes);
    expect((await rowsOf(workbook.rows())).map(({ cells }) => cells)).toEqual([
      ["in line", "A & x", "2", "TRUE", "FALSE", "", "", "", "end"],
    ]);
    expect(workbook.warnings()).toEqual([
      "1 cell was read as empty since it holds an error such as #N/A",
      "1 cell was read as empty since it holds a formula without its result: open the file in Excel and save it again",
    ]);
  });
});

describe("positions", () => {
  it("cells stand where their reference says, rows keep the number that the spreadsheet shows", async () => {
    const bytes = sheetOf(
      '<row r="2"><c r="B2"><v>1</v></c><c r="AA2"><v>2</v></c><c r="AB2" s="0"/></row><row r="5"><c r="A5"/></row><row r="9"><c r="A9"><v>3</v></c></row>',
    );
    const rows = await rowsOf((await openXlsx(bytes)).rows());
    expect(rows.map(({ row }) => row)).toEqual([2, 9]);
    expect(rows[0]?.cells).toHaveLength(27);
    expect(rows[0]?.cells[1]).toBe("1");
    expect(rows[0]?.cells[26]).toBe("2");
  });

  it("rows and cells without references follow each other", async () => {
    expect(await cellsOf(sheetOf("<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row>"))).toEqual([
      ["1", "2"],
      ["", "3"],
    ]);
  });

  it("merged cells have their text in the first one only", async () => {
    const xml = sheetXml('<row r="1"><c r="A1"><v>1</v></c><c r="B1"/><c r="C1"><v>2</v></c></row>').replace(
      "</worksheet>",
      '<mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>',
    );
    expect(await cellsOf(workbookOf({ sheets: [{ name: "S", xml }] }))).toEqual([["1", "", "2"]]);
  });

  it("namespace prefixes, single quotes, odd spaces and comments make no difference", async () => {
    const xml = `<?xml version='1.0'?><!-- c > --><x:worksheet xmlns:x='m'><x:sheetData><x:row r='1' spans="1:2" ><x:c\n r='A1' cm=">" t='inlineStr' ><x:is><x:t>a</x:t></x:is></x:c><x:c r = "B1"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
    expect(await cellsOf(workbookOf({ sheets: [{ name: "S", xml }] }))).toEqual([["a", "2"]]);
  });
});

describe("sheets", () => {
  const book = () =>
    workbookOf({
      sheets: [
        { name: "Secret", state: "veryHidden", xml: sheetXml('<row r="1"><c r="A1"><v>1</v></c></row>') },
        { name: "Empty", xml: sheetXml('<row r="1"><c r="A1" s="0"/></row>', '<dimension ref="A1"/>') },
        { name: "Leads & more", xml: sheetXml('<row r="1"><c r="A1"><v>3</v></c></row>', '<dimension ref="A1:G812"/>') },
        { name: "Old", xml: sheetXml('<row r="1"><c r="A1"><v>4</v></c></row>') },
      ],
    });

  it("all are listed, and the first visible one with data is read", async () => {
    const workbook = await openXlsx(book());
    expect(workbook.sheets).toEqual([
      { name: "Secret", hidden: true },
      { name: "Empty", rows: 1, hidden: false },
      { name: "Leads & more", rows: 812, hidden: false },
      { name: "Old", hidden: false },
    ]);
    expect(workbook.sheet).toBe("Leads & more");
    expect((await rowsOf(workbook.rows()))[0]?.cells).toEqual(["3"]);
  });

  it.each([
    ["Old", "4"],
    [" leads & MORE", "3"],
    [1, "1"],
    ["Secret", "1"],
  ])("sheet %j may be chosen", async (sheet, text) => {
    expect(await cellsOf(book(), { sheet })).toEqual([[text]]);
  });

  it("a file of the strict variant, or with other folders, is found by its relations", async () => {
    const files = workbookFiles({ sheets: [{ name: "S", xml: sheetXml('<row r="1"><c r="A1"><v>1</v></c></row>') }] }).map((file) => ({
      ...file,
      name: file.name.replace(/^xl\//, "Book\\"),
      content: (file.content as string)
        .replaceAll("http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument")
        .replace("xl/workbook.xml", "/book/./workbook.xml"),
    }));
    expect(await cellsOf(zipOf(files))).toEqual([["1"]]);
  });
});

it("a reader that stops early leaves nothing that fails later", async () => {
  const row = (number: number) => `<row r="${number}"><c r="A${number}"><v>${(number * 7919) % 104_729}</v></c></row>`;
  const bytes = sheetOf(Array.from({ length: 60_000 }, (_, index) => row(index + 1)).join(""));
  const workbook = await openXlsx(bytes);
  for await (const batch of workbook.rows()) {
    expect(batch).toMatchObject({ ok: true });
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await rowsOf(workbook.rows())).toHaveLength(60_000);
});

describe("archives", () => {
  const files = workbookFiles({ sheets: [{ name: "S", xml: sheetXml('<row r="1"><c r="A1"><v>1</v></c></row>') }] });

  it.each([
    ["stored entries", zipOf(files.map((file) => ({ ...file, stored: true })))],
    ["data descriptors", zipOf(files.map((file) => ({ ...file, descriptor: true })))],
    [
      "Zip64 fields",
      zipOf(
        files.map((file) => ({ ...file, zip64: true })),
        { zip64_end: true },
      ),
    ],
    ["a comment", zipOf(files, { comment: "PK\u0005\u0006 made by hand" })],
    ["bytes before it", zipOf(files, { before: new Uint8Array(100).fill(0x50, 0, 1).fill(0x4b, 1, 2) })],
  ])("%s are read", async (_, bytes) => {
    expect(await cellsOf(bytes)).toEqual([["1"]]);
  });
});
