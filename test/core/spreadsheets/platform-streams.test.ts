import { writeOds } from "hucre/ods";
import { expect, it } from "vitest";
import { readOds, writeXlsx } from "../../../src/core/spreadsheets";
import { cellsOf, problemOf, rowsOf } from "./workbooks";

// The other tests of this folder run in plain Node, whose streams are others than the Worker's.

const TEXTS = ["=1+1", "007", "Müller & Söhne", "😀"];

async function workbook(rows: number): Promise<Uint8Array> {
  const cells = Array.from({ length: rows }, (_, row) => ({ cells: [String(row), ...TEXTS] }));
  return new Uint8Array(await new Response(writeXlsx(["Row", "a", "b", "c", "d"], cells)).arrayBuffer());
}

it("the Worker writes and reads a workbook of many pieces", async () => {
  const cells = await cellsOf(await workbook(20_000));
  expect(cells).toHaveLength(20_001);
  expect(cells[20_000]).toEqual(["19999", ...TEXTS]);
});

it("in the Worker too, a workbook cut off or changed anywhere is read or refused", async () => {
  const bytes = await workbook(3);
  for (let size = 0; size < bytes.length; size += 7) expect(await problemOf(bytes.slice(0, size))).not.toBeNull();
  for (let at = 0; at < bytes.length; at += 3) {
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ 0xff;
    await problemOf(changed);
  }
});

it("the Worker loads the reader of .ods on first use", async () => {
  const result = await readOds(await writeOds({ sheets: [{ name: "Leads", rows: [["Email"], ["a@example.com"]] }] }));
  if (!result.ok) throw new Error(result.problem.detail);
  expect((await rowsOf(result.workbook.rows())).map(({ cells }) => cells)).toEqual([["Email"], ["a@example.com"]]);
});
