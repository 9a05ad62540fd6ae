import { describe, expect, it } from "vitest";
import { nameHeaders } from "../../../src/core/csv/headers";
import { fc } from "../../support/fast-check";

const cell = fc.constantFrom("", " ", "Phone", "Phone (2)", "Phone (3)", " Phone ", "Column 1", "Column 2", "Column 2 (2)", "__proto__");

describe("headers", () => {
  it("are never empty, never twice the same, and the first bearer keeps its name", () => {
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 12 }), (cells) => {
        const { headers } = nameHeaders(cells);
        expect(headers).toHaveLength(cells.length);
        expect(new Set(headers).size).toBe(cells.length);
        const given = cells.map((cell) => cell.trim());
        given.forEach((name, index) => {
          if (name !== "" && given.indexOf(name) === index) expect(headers[index]).toBe(name);
          expect(headers[index]).not.toBe("");
        });
      }),
    );
  });

  it("are numbered on from names that exist", () => {
    expect(nameHeaders(["", "Column 1", "A", "A", "A (2)"]).headers).toEqual(["Column 1 (2)", "Column 1", "A", "A (3)", "A (2)"]);
  });

  it("are summed up in one warning of each kind", () => {
    expect(nameHeaders(["A", "A", "A", "", ""]).warnings).toEqual([
      '2 headers are empty: the first is column 4, shown as "Column 4"',
      '2 columns repeat a header: the first is column 2, "A", shown as "A (2)"',
    ]);
  });
});
