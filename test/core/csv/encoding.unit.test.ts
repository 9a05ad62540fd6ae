import { describe, expect, it } from "vitest";
import { utf8, utf16, windows1252 } from "../../fixtures/csv/bytes";
import { rowsOf, tableOf } from "./reading";

const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

describe("the normalised copy", () => {
  it("has no mark, no NUL, and one kind of line end", () => {
    expect(decode(tableOf(utf8('\uFEFFa,b\r\n1,"x\r\ny"\r\0\n2,\0z')).utf8)).toBe('a,b\n1,"x\ny"\n2,z\n');
  });

  it("does not touch the upload", () => {
    const bytes = utf8("a\r\n1\0\r\n");
    const before = bytes.slice();
    tableOf(bytes);
    expect(bytes).toEqual(before);
  });

  it("is whole when characters lie across the pieces that are decoded", () => {
    const text = `n\n${"🦊é".repeat(40_000)}\n`;
    for (const order of ["le", "be"] as const) {
      for (const shift of ["", "x"]) expect(decode(tableOf(utf16(`\uFEFF${shift}${text}`, order)).utf8)).toBe(shift + text);
    }
    expect(decode(tableOf(windows1252(`n\n${"€é\r\n".repeat(40_000)}`)).utf8)).toBe(`n\n${"€é\n".repeat(40_000)}`);
  });

  it("keeps a byte order mark inside the file, also where a chunk begins", () => {
    const body = "\uFEFFx\n".repeat(1001);
    expect(rowsOf(tableOf(utf8(`n\n${body}`))).every(({ cells }) => cells[0] === "\uFEFFx")).toBe(true);
  });
});

describe("an encoding that the caller names", () => {
  it("overrides what the bytes look like", () => {
    const table = tableOf(utf8("n\né\n"), { encoding: "windows-1252" });
    expect(table).toMatchObject({ encoding: "windows-1252", sample_rows: [["Ã©"]], warnings: [] });
  });

  it("still loses the byte order mark", () => {
    expect(tableOf(utf8("\uFEFFn\n1\n"), { encoding: "windows-1252" }).headers).toEqual(["n"]);
    expect(tableOf(utf16("\uFEFFn\n1\n", "be"), { encoding: "utf-16be" }).headers).toEqual(["n"]);
  });

  it("warns when some bytes cannot be read in it", () => {
    const table = tableOf(windows1252("n\nMüller\n"), { encoding: "utf-8" });
    expect(table.sample_rows).toEqual([["M\uFFFDller"]]);
    expect(table.warnings).toEqual(["Some characters could not be read as UTF-8 and were replaced by \uFFFD"]);
  });
});

describe("without a mark", () => {
  it("a few NULs on one side do not make UTF-16", () => {
    expect(tableOf(utf8("Email,Name\nann@example.com,A\0nn\n")).encoding).toBe("utf-8");
    expect(tableOf(utf8("names:\n\0ann\nbob\n")).encoding).toBe("utf-8");
  });

  it("fields padded with NULs are readable", () => {
    const table = tableOf(utf8(`Name,City\n${"Ann\0\0\0\0\0\0\0,Oslo\0\0\0\0\0\0\n".repeat(20)}`));
    expect(table.sample_rows[0]).toEqual(["Ann", "Oslo"]);
    expect(table.warnings).toEqual(["260 NUL characters were removed"]);
  });

  it("one byte that is no UTF-8 makes Windows-1252", () => {
    expect(tableOf(windows1252(`n\n${"plain\n".repeat(50_000)}café\n`))).toMatchObject({ encoding: "windows-1252", row_count: 50_001 });
  });
});
