import { readXlsx as readWithHucre } from "hucre/xlsx";
import { readSheet } from "read-excel-file/universal";
import { expect, it } from "vitest";
import { parseChunk, readCsv } from "../../../src/core/csv";
import { csvOf, type SheetRow } from "../../../src/core/spreadsheets";
import { fc } from "../../support/fast-check";
import { escapeXml, openXlsx, rowsOf, sheetXml, workbookFiles } from "./workbooks";
import { type ZipFile, zipOf } from "./zip";

/** A cell, how it is stored, and the text that must come of it. */
type Cell = { xml: (reference: string, strings: string[]) => string; shown: string };

const printable = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).map((value) => value.replace(/[\p{Cc}\p{Cn}]/gu, ""));
const special = fc.constantFrom(" a ", "a\nb", "<&>\"'", "007", "=1+1", "山田", "_x0041_", "&amp;", "TRUE", "😀", "a,b", '"', ";");
const text = fc.oneof(printable, special).filter((value) => value.trim() !== "");

const inOffice = (value: string) => escapeXml(value.replace(/_(?=x[0-9a-fA-F]{4}_)/g, "_x005F_"));

const textCell: fc.Arbitrary<Cell> = fc.tuple(text, fc.boolean()).map(([value, shared]) => ({
  shown: value,
  xml: (reference, strings) => {
    const content = `<t xml:space="preserve">${inOffice(value)}</t>`;
    if (!shared) return `<c r="${reference}" t="inlineStr"><is>${content}</is></c>`;
    strings.push(`<si>${content}</si>`);
    return `<c r="${reference}" t="s"><v>${strings.length - 1}</v></c>`;
  },
}));
const numberCell: fc.Arbitrary<Cell> = fc
  .oneof(
    fc.integer({ min: -999_999_999, max: 999_999_999 }),
    fc.integer({ min: 1e12, max: 999_999_999_999_999 }),
    fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 100),
  )
  .map((value) => ({
    shown: String(value === 0 ? 0 : value),
    xml: (reference) => `<c r="${reference}"><v>${value === 0 ? 0 : value}</v></c>`,
  }));
const booleanCell: fc.Arbitrary<Cell> = fc
  .boolean()
  .map((value) => ({ shown: value ? "TRUE" : "FALSE", xml: (reference) => `<c r="${reference}" t="b"><v>${value ? 1 : 0}</v></c>` }));
const formulaCell: fc.Arbitrary<Cell> = text.map((value) => ({
  shown: value,
  xml: (reference) => `<c r="${reference}" t="str"><f>A1</f><v xml:space="preserve">${inOffice(value)}</v></c>`,
}));
const emptyCell: fc.Arbitrary<Cell> = fc
  .boolean()
  .map((written) => ({ shown: "", xml: (reference) => (written ? `<c r="${reference}" s="0"/>` : "") }));

const sheet = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 3 }),
    cells: fc.array(fc.oneof(textCell, numberCell, booleanCell, formulaCell, emptyCell), { minLength: 1, maxLength: 6 }),
  }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

function build(rows: readonly { gap: number; cells: readonly Cell[] }[]): { files: ZipFile[]; expected: SheetRow[] } {
  const strings: string[] = [];
  const expected: SheetRow[] = [];
  let number = 0;
  const xml = rows.map(({ gap, cells }) => {
    number += gap + 1;
    const shown = cells.map((cell) => cell.shown);
    while (shown.at(-1) === "") shown.pop();
    if (shown.length > 0) expected.push({ row: number, cells: shown });
    return `<row r="${number}">${cells.map((cell, index) => cell.xml(`${"ABCDEF"[index]}${number}`, strings)).join("")}</row>`;
  });
  return { files: workbookFiles({ sheets: [{ name: "S", xml: sheetXml(xml.join("")) }], strings }), expected };
}

/** What another reader's rows say, as text, in the shape of ours. */
function shownRows(rows: readonly (readonly unknown[])[]): SheetRow[] {
  return rows.flatMap((values, index) => {
    const cells = values.map((value) =>
      value === null || value === undefined ? "" : typeof value === "boolean" ? String(value).toUpperCase() : String(value),
    );
    while (cells.at(-1) === "") cells.pop();
    return cells.length > 0 ? [{ row: index + 1, cells }] : [];
  });
}

const containers = fc.record({ stored: fc.boolean(), descriptor: fc.boolean(), zip64: fc.boolean() });

it("any sheet is read as what was written, and as two other readers read it where they agree", async () => {
  let agreed = 0;
  await fc.assert(
    fc.asyncProperty(sheet, containers, async (rows, container) => {
      const { files, expected } = build(rows);
      fc.pre(expected.length > 0);
      const ours = await rowsOf((await openXlsx(zipOf(files.map((file) => ({ ...file, ...container }))))).rows());
      expect(ours).toEqual(expected);
      const plain = zipOf(files);
      const [hucre, excel] = [await readWithHucre(plain), await readSheet(plain.slice().buffer, { trim: false })];
      const theirs = [shownRows(hucre.sheets[0]?.rows ?? []), shownRows(excel as unknown[][])] as const;
      if (JSON.stringify(theirs[0]) !== JSON.stringify(theirs[1])) return;
      agreed++;
      expect(theirs[0]).toEqual(ours);
    }),
    { numRuns: 200 },
  );
  expect(agreed).toBeGreaterThan(100);
});

it("the CSV of any sheet is what core/csv keeps, and gives the same rows with the same numbers", async () => {
  await fc.assert(
    fc.asyncProperty(sheet, async (rows) => {
      const { files, expected } = build(rows);
      fc.pre(expected.length > 0);
      const csv = await csvOf((await openXlsx(zipOf(files))).rows(), 1_000_000);
      if (!csv.ok) throw new Error(csv.problem.detail);
      const read = readCsv(csv.utf8, { delimiter: ",", encoding: "utf-8" });
      if (!read.ok) throw new Error(read.problem.detail);
      expect(read.table.utf8).toEqual(csv.utf8);
      expect(parseChunk(csv.utf8, { first_row: 1, delimiter: ",", guarded: false })).toEqual(
        expected.map(({ row, cells }) => ({ row, cells })),
      );
    }),
    { numRuns: 200 },
  );
});
