import { writeOds } from "hucre/ods";
import { describe, expect, it } from "vitest";
import { ODS_BYTES_MAX, readOds } from "../../../src/core/spreadsheets";
import { rowsOf } from "./workbooks";
import { zipOf } from "./zip";

const book = () =>
  writeOds({
    sheets: [
      { name: "Empty", rows: [] },
      {
        name: "Leads",
        rows: [
          ["Email", "Phone", "Since", "VIP"],
          ["a@x", 4915123456789, new Date(Date.UTC(2026, 10, 21)), true],
          [],
          ["b@x", 0.1 + 0.2, null, null],
        ],
      },
      { name: "More", rows: [["c@x"]] },
    ],
  });

async function opened(bytes: Uint8Array, options?: { sheet?: string | number }) {
  const result = await readOds(bytes, options);
  if (!result.ok) throw new Error(`${result.problem.kind}: ${result.problem.detail}`);
  return result.workbook;
}

it("the first sheet with data is read, with its own row numbers and all digits", async () => {
  const workbook = await opened(await book());
  expect(workbook.sheets).toEqual(["Empty", "Leads", "More"].map((name) => ({ name, hidden: false })));
  expect(workbook.sheet).toBe("Leads");
  expect(await rowsOf(workbook.rows())).toEqual([
    { row: 1, cells: ["Email", "Phone", "Since", "VIP"] },
    { row: 2, cells: ["a@x", "4915123456789", "2026-11-21", "TRUE"] },
    { row: 4, cells: ["b@x", "0.3"] },
  ]);
});

it("another sheet may be chosen by name or position", async () => {
  for (const sheet of ["more", 3])
    expect(await rowsOf((await opened(await book(), { sheet })).rows())).toEqual([{ row: 1, cells: ["c@x"] }]);
});

describe("refusals", () => {
  it.each([
    ["a large file", new Uint8Array(ODS_BYTES_MAX + 1), "too_large: an .ods file may have 2,000,000 bytes: save it as .xlsx or CSV"],
    ["a bomb", zipOf([{ name: "content.xml", content: "<a/>".repeat(8_400_000) }]), "too_large: the file unpacks to more than"],
    [
      "a bomb that lies",
      zipOf([
        { name: "content.xml", content: "<a/>" },
        { name: "styles.xml", content: " ".repeat(33_000_000), claims: { size: 10 } },
      ]),
      "too_large: the file unpacks to more than",
    ],
    [
      "a text document",
      zipOf([{ name: "content.xml", content: "<office:text/>" }]),
      "unsupported: an OpenDocument file without a spreadsheet",
    ],
    ["no document", zipOf([{ name: "a", content: "" }]), "invalid: the file is damaged or was cut off (its content is missing)"],
  ])("%s", async (_, bytes, problem) => {
    await expect(opened(bytes)).rejects.toThrow(problem);
  });

  it("a sheet that does not exist", async () => {
    await expect(opened(await book(), { sheet: "Nope" })).rejects.toThrow(
      'no_such_sheet: the document has no sheet "Nope", it has "Empty", "Leads", "More"',
    );
  });

  it("a file cut off anywhere", async () => {
    const bytes = await writeOds({ sheets: [{ name: "S", rows: [["a"]] }] });
    for (let size = 0; size < bytes.length; size++) expect((await readOds(bytes.slice(0, size))).ok).toBe(false);
  });
});
