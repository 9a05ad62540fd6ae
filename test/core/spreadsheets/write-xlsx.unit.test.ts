import { readXlsx as readWithHucre } from "hucre/xlsx";
import { readSheet } from "read-excel-file/universal";
import { expect, it } from "vitest";
import { bytesSource, readXlsx, writeXlsx, type XlsxRow } from "../../../src/core/spreadsheets";
import { fc } from "../../support/fast-check";
import { cellsOf, openXlsx } from "./workbooks";

async function written(headers: string[], rows: Iterable<XlsxRow> | AsyncIterable<XlsxRow>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(writeXlsx(headers, rows, { sheet: "Errors: all" })).arrayBuffer());
}

const RISKY = [
  "=1+1",
  "+49151234567",
  "-5",
  "@sum",
  "007",
  "4915123456789",
  "1E5",
  "2026-11-21",
  " a ",
  "a\nb\tc",
  "<&>\"'",
  "_x0041_",
  "\u0001",
  "😀",
  "TRUE",
  "#N/A",
];

it("every cell comes back as the text it was, from us and from two other readers", async () => {
  const bytes = await written(
    ["Email", "Note"],
    RISKY.map((text) => ({ cells: ["a@example.com", text], problems: [1] })),
  );
  const expected = [["Email", "Note"], ...RISKY.map((text) => ["a@example.com", text])];
  expect(await cellsOf(bytes)).toEqual(expected);
  expect((await readWithHucre(bytes)).sheets[0]?.rows).toEqual(expected);
  const readable = expected.filter(([, text]) => text !== "\u0001" && text !== "_x0041_");
  const excel = await readSheet(bytes.slice().buffer, { trim: false });
  expect(excel.filter((_, index) => readable.includes(expected[index] as string[]))).toEqual(readable);
});

it("any text survives the round trip", async () => {
  const text = fc.string({ unit: "binary", maxLength: 20 }).map((value) => value.toWellFormed());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(text, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), async (rows) => {
      const bytes = await written(
        ["h"],
        rows.map((cells) => ({ cells })),
      );
      const trimmed = rows
        .map((cells) => cells.slice(0, cells.findLastIndex((cell) => cell !== "") + 1))
        .filter((cells) => cells.length > 0);
      expect(await cellsOf(bytes)).toEqual([["h"], ...trimmed]);
    }),
    { numRuns: 100 },
  );
});

it("the rows may come slowly and be many, and the sheet has a name that Excel allows", async () => {
  async function* rows() {
    for (let row = 0; row < 20_000; row++) {
      if (row % 5000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      yield { cells: [`person${row}@example.com`, "Row", String(row)] };
    }
  }
  const bytes = await written(["Email", "Kind", "Number"], rows());
  const workbook = await openXlsx(bytes);
  expect(workbook.sheet).toBe("Errors  all");
  const cells = await cellsOf(bytes);
  expect(cells).toHaveLength(20_001);
  expect(cells[20_000]).toEqual(["person19999@example.com", "Row", "19999"]);
});

it("an aborted download ends its rows, and fails nowhere else", async () => {
  let ended = false;
  function* rows() {
    try {
      for (let row = 0; ; row++) yield { cells: [`${(row * 7919) % 104_729}`] };
    } finally {
      ended = true;
    }
  }
  const reader = writeXlsx(["h"], rows()).getReader();
  for (let piece = 0; piece < 40; piece++) await reader.read();
  await reader.cancel();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(ended).toBe(true);
});

it("what fails while it is written fails the download, and what is cut off is refused", async () => {
  async function* rows() {
    yield { cells: ["a"] };
    throw new Error("the job is gone");
  }
  await expect(written(["h"], rows())).rejects.toThrow("the job is gone");
  const whole = await written(["h"], [{ cells: ["a"] }]);
  expect(await readXlsx(bytesSource(whole.slice(0, -1)))).toMatchObject({ ok: false, problem: { kind: "invalid" } });
});
