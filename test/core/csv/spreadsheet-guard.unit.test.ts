import { describe, expect, it } from "vitest";
import { csvLine, DELIMITERS, guardCell, unguardCell } from "../../../src/core/csv";
import { utf8, windows1252 } from "../../fixtures/csv/bytes";
import { fc } from "../../support/fast-check";
import { rowsOf, tableOf } from "./reading";

const cell = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom("'", "=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "a", " ", ",", '"', "\n", ";"), { maxLength: 6 })
    .map((characters) => characters.join("")),
);

describe("the spreadsheet guard", () => {
  it("leaves no cell that a spreadsheet would run", () => {
    fc.assert(
      fc.property(cell, (value) => {
        expect(guardCell(value)).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
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
    const worn = /^'+[=+\-@\t\r\n＝＋－＠]/;
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

describe("our own errors file, opened in a spreadsheet and saved again,", () => {
  const rows = [
    ["Email", "Note", "_row", "_error"],
    ["ann@", "'=1; 2, 3", "7", "Invalid email"],
  ];

  it.each(DELIMITERS)("is recognised with %j", (delimiter) => {
    const table = tableOf(utf8(`\uFEFF${rows.map((cells) => csvLine(cells, delimiter)).join("")}`));
    expect(table).toMatchObject({ guarded: true, delimiter, headers: rows[0], warnings: [] });
    expect(table.sample_rows).toEqual([["ann@", "=1; 2, 3", "7", "Invalid email"]]);
  });

  it("is recognised with all its cells quoted, and as Windows-1252", () => {
    const quoted = rows.map((cells) => `${cells.map((cell) => `"${cell}"`).join(";")}\r\n`).join("");
    expect(tableOf(windows1252(`"Größe, ca.";${quoted}`.replace('\r\n"ann', '\r\n"1";"ann')))).toMatchObject({
      guarded: true,
      delimiter: ";",
      headers: ["Größe, ca.", ...(rows[0] ?? [])],
    });
  });

  it("loses none of its rows to a footer or a preamble", () => {
    const failed = ["Total", "", "9", "Missing required identifier"];
    const table = tableOf(
      utf8([["Kürzel", "Wert", "_row", "_error"], ["x", "", "8", "y"], failed].map((cells) => csvLine(cells)).join("")),
    );
    expect(table).toMatchObject({ row_count: 2, header_row: 1, warnings: [] });
  });
});

describe("a csv line", () => {
  it("quotes what RFC 4180 says, for its delimiter", () => {
    expect(csvLine(["a", "b,c", 'd"e', "f\ng", ""])).toBe('a,"b,c","d""e","f\ng",\r\n');
    expect(csvLine(["a", "b,c", "d;e"], ";")).toBe('a;b,c;"d;e"\r\n');
  });
});
