import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES_MAX, CHUNK_ROWS_MAX, type CsvTable, RECORD_BYTES_MAX, readCsv } from "../../../src/core/csv";
import { repeated, utf8 } from "../../fixtures/csv/bytes";
import { fc } from "../../support/fast-check";
import { rowsOf, tableOf } from "./reading";

const csvBody = fc
  .array(fc.constantFrom("a", '"', ",", ";", "\n", " ", "\r", "é", "\ufeff", '"x\ny"', ',"q""q"\n'), { maxLength: 60 })
  .map((pieces) => pieces.join(""));

function expectWithinLimits({ chunks, utf8: bytes, row_count }: CsvTable): void {
  let end = 0;
  for (const chunk of chunks) {
    expect(chunk.rows > 0 && chunk.rows <= CHUNK_ROWS_MAX && chunk.length <= CHUNK_BYTES_MAX && chunk.offset >= end).toBe(true);
    end = chunk.offset + chunk.length;
  }
  expect(end).toBeLessThanOrEqual(bytes.length);
  expect(chunks.reduce((sum, { rows }) => sum + rows, 0)).toBe(row_count);
}

describe("chunks", () => {
  it("hold exactly the rows that parsing the whole file gives, each with its spreadsheet row", () => {
    fc.assert(
      fc.property(csvBody, fc.constantFrom(1, 700), (body, times) => {
        const result = readCsv(utf8(`h1,h2\n${body.repeat(times)}`), { delimiter: "," });
        if (!result.ok) {
          expect(result.problem.detail).toMatch(/never closed|bytes long|columns/);
          return;
        }
        const whole = Papa.parse<string[]>(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(result.table.utf8), {
          delimiter: ",",
          newline: "\n",
        }).data;
        const rows = whole.map((cells, index) => ({ row: index + 1, cells })).slice(1);
        expect(rowsOf(result.table)).toEqual(rows.filter(({ cells }) => cells.length > 1 || cells[0]?.trim() !== ""));
        expectWithinLimits(result.table);
      }),
      { numRuns: 300 },
    );
  });

  it("end at 1,000 rows", () => {
    const table = tableOf(repeated("n\n", "1\n", 2500));
    expect(table.chunks).toEqual([
      { offset: 2, length: 2000, first_row: 2, rows: 1000 },
      { offset: 2002, length: 2000, first_row: 1002, rows: 1000 },
      { offset: 4002, length: 1000, first_row: 2002, rows: 500 },
    ]);
  });

  it("end before a megabyte, counted in bytes and not in characters", () => {
    const table = tableOf(repeated("n\n", `${"é".repeat(200_000)}\n`, 5));
    expect(table.chunks.map(({ rows, length }) => ({ rows, length }))).toEqual([
      { rows: 2, length: 800_002 },
      { rows: 2, length: 800_002 },
      { rows: 1, length: 400_001 },
    ]);
    expect(rowsOf(table).map(({ row, cells }) => [row, cells[0]?.length])).toEqual([2, 3, 4, 5, 6].map((row) => [row, 200_000]));
  });

  it("may be exactly a megabyte, and not a byte more", () => {
    const half = "x".repeat(CHUNK_BYTES_MAX / 2 - 1);
    expect(tableOf(utf8(`n\n${half}\n${half}\n`)).chunks.map(({ length }) => length)).toEqual([CHUNK_BYTES_MAX]);
    expect(tableOf(utf8(`n\n${half}\n${half}x\n`)).chunks.map(({ rows }) => rows)).toEqual([1, 1]);
  });

  it("do not grow by blank lines, which still count as spreadsheet rows", () => {
    const table = tableOf(utf8(`n\n\nfirst\n${"\n".repeat(200_000)}last\n`));
    expect(table.chunks.map(({ first_row, rows, length }) => ({ first_row, rows, length }))).toEqual([
      { first_row: 3, rows: 1, length: 6 },
      { first_row: 200_004, rows: 1, length: 5 },
    ]);
  });

  it("take a record of exactly the greatest size, and none that is a byte longer", () => {
    const longest = "x".repeat(RECORD_BYTES_MAX - 1);
    expectWithinLimits(tableOf(utf8(`n\n1\n${longest}\n2\n`)));
    expect(readCsv(utf8(`n\n1\n${longest}x\n2\n`))).toMatchObject({
      problem: { kind: "invalid", detail: expect.stringContaining("row 3 is 1,000,001 bytes long") },
    });
  });
});

describe("spreadsheet rows", () => {
  it("count the header, wherever it is, blank lines, and records over several lines once", () => {
    const table = tableOf(utf8('\nName,Note\n\nAnn,"two\nlines"\n\nBob,\n'));
    expect(rowsOf(table)).toEqual([
      { row: 4, cells: ["Ann", "two\nlines"] },
      { row: 6, cells: ["Bob", ""] },
    ]);
  });

  it("are those which the warnings name", () => {
    expect(tableOf(utf8("a,b\n\n1,2\n\n1,2,3\n")).warnings).toEqual(["Row 5 has 3 cells, the header has 2"]);
  });
});
