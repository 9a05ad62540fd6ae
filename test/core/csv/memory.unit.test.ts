import { expect, it } from "vitest";
import { parseChunk } from "../../../src/core/csv";
import { repeated, utf8 } from "../../fixtures/csv/bytes";
import { tableOf } from "./reading";

it("the copy is the only thing of the file's size that a table holds on to", () => {
  const table = tableOf(repeated("a,b\r\n", "1,2\r\n", 100_000));
  expect(table.utf8.buffer.byteLength).toBe(table.utf8.length);
  expect(table.utf8.length).toBe(4 * 100_001);
});

it("100,000 rows are parsed without one being lost or moved", () => {
  const body = Array.from({ length: 100_000 }, (_, index) => `p${index}@example.com,Ann,Lee,"Acme, ${index}",+1-555-${index}\n`);
  const table = tableOf(utf8(`Email,First,Last,Company,Phone\n${body.join("")}`));
  let row = 2;
  for (const { offset, length, first_row } of table.chunks) {
    const bytes = table.utf8.subarray(offset, offset + length);
    for (const parsed of parseChunk(bytes, { first_row, delimiter: table.delimiter, guarded: false })) {
      if (parsed.row !== row || parsed.cells[3] !== `Acme, ${row - 2}`) throw new Error(`row ${row} became ${JSON.stringify(parsed)}`);
      row++;
    }
  }
  expect(row).toBe(100_002);
}, 20_000);
