import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine, guardCell, unguardCell } from "../../../src/core/csv";
import { utf8 } from "../../fixtures/csv/bytes";
import { rowsOf, tableOf } from "./reading";

const cell = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom("'", "=", "+", "-", "@", "a", " ", ",", '"', "\n", ";"), { maxLength: 6 })
    .map((characters) => characters.join("")),
);

describe("the spreadsheet guard", () => {
  it("leaves no cell that a spreadsheet would run", () => {
    fc.assert(
      fc.property(cell, (value) => {
        expect(guardCell(value)).not.toMatch(/^[=+\-@]/);
      }),
    );
  });

  it("comes off exactly", () => {
    fc.assert(
      fc.property(cell, (value) => {
        expect(unguardCell(guardCell(value))).toBe(value);
      }),
    );
  });

  it("is not taken off cells that never wore it", () => {
    const worn = /^'+[=+\-@]/;
    fc.assert(
      fc.property(cell, (value) => {
        expect(unguardCell(value)).toBe(worn.test(value) ? value.slice(1) : value);
      }),
    );
  });

  it("stays on in files that are not ours", () => {
    expect(tableOf(utf8("a,b\n'=1,'+2\n")).sample_rows).toEqual([["'=1", "'+2"]]);
  });
});

describe("our own errors file", () => {
  it("reads back to the cells that were written, whatever is in them", () => {
    const value = cell.map((text) => text.replaceAll("\0", "").replaceAll("\r", ""));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 5 }), (rows) => {
        const lines = rows.map(([left, right], index) => csvLine([...[left, right].map(guardCell), String(index + 2), "Invalid email"]));
        const table = tableOf(utf8(csvLine(["=left", "right", "_row", "_error"].map(guardCell)) + lines.join("")), { delimiter: "," });
        expect(table).toMatchObject({ guarded: true, headers: ["=left", "right", "_row", "_error"] });
        expect(rowsOf(table).map(({ cells }) => cells.slice(0, 2))).toEqual(rows);
      }),
    );
  });
});

describe("a csv line", () => {
  it("quotes what RFC 4180 says, for its delimiter", () => {
    expect(csvLine(["a", "b,c", 'd"e', "f\ng", ""])).toBe('a,"b,c","d""e","f\ng",\r\n');
    expect(csvLine(["a", "b,c", "d;e"], ";")).toBe('a;b,c;"d;e"\r\n');
  });
});
