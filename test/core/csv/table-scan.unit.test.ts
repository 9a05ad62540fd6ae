/** A file that is read piece by piece is read as the same file is at once, wherever the pieces are cut. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { readCsv, TableScan } from "../../../src/core/csv";

const cell = fc.constantFrom("a@b.example", "x", "", " ", "łé", '"q, uoted"', '"two\nlines"', '"a ""b"" c"', 'half "quote', "1,5");
const line = fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(","));
const lines = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\n \n")), { minLength: 3, maxLength: 40 });
const encodings = fc.constantFrom("utf-8", "utf-8-mark", "utf-16le", "windows-1250");

function encoded(text: string, encoding: string): Uint8Array {
  if (encoding === "utf-16le") return new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
  if (encoding === "windows-1250") return Uint8Array.from(text, (letter) => ({ ł: 0xb3, é: 0xe9 })[letter] ?? letter.charCodeAt(0));
  return new Uint8Array(Buffer.from(encoding === "utf-8-mark" ? `\ufeff${text}` : text));
}

it("whatever its encoding, quotes and line ends", () => {
  fc.assert(
    fc.property(lines, encodings, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }), (given, encoding, sizes) => {
      const text = `Email,Name,Note\n${given.map(([record, end]) => record + end).join("")}`;
      const bytes = encoded(text, encoding);
      // a guarded file has no footer to recognise, so that every row is data
      const read = readCsv(bytes, {
        delimiter: ",",
        encoding: encoding.startsWith("utf-8") ? "utf-8" : (encoding as "utf-16le"),
        header_row: 1,
      });
      if (!read.ok || read.table.warnings.some((warning) => /total|footer/i.test(warning))) return;
      const { table } = read;
      const [first] = table.chunks;
      if (!first) return;
      const scan = new TableScan({
        encoding: table.encoding,
        delimiter: ",",
        offset: first.offset,
        first_row: first.first_row,
        columns: table.headers.length,
      });
      const copied: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = (sizes[turn % sizes.length] ?? 1) + (at === 0 ? 3 : 0);
        copied.push(scan.add(bytes.slice(at, at + size)));
        at += size;
      }
      copied.push(scan.end());
      expect(scan.fault).toBeNull();
      expect(Buffer.concat(copied).toString()).toBe(Buffer.from(table.utf8).toString());
      expect([scan.survey.row_count, scan.survey.chunks]).toEqual([table.row_count, table.chunks]);
    }),
    { numRuns: 300 },
  );
});

it("a quote that is never closed is a fault that names its row", () => {
  const scan = new TableScan({ encoding: "utf-8", delimiter: ",", offset: 2, first_row: 2, columns: 1 });
  scan.add(new TextEncoder().encode('A\nb\n"c\nd\n'));
  scan.end();
  expect(scan.fault).toBe("the quote opened in row 3 is never closed");
});
