import { describe, expect, it } from "vitest";
import { ENCODINGS, encodingOf } from "../../../src/core/csv";
import { utf8, utf16, windows1252 } from "../../fixtures/csv/bytes";
import { encoded } from "../../fixtures/csv/encoded";
import { LANGUAGES } from "../../fixtures/csv/languages";
import { rowsOf, tableOf } from "./reading";

const SHORT_LINES = 3;
const LONG_ROWS = 3000;

const cellsOf = (lines: readonly string[], delimiter: string) => lines.map((line) => line.split(delimiter));

/** ISO 8859-2 and -7 agree with their Windows page on most letters: either reading is right when it is the same text. */
describe("real words are read as they were written", () => {
  for (const { language, encodings, lines } of LANGUAGES) {
    for (const encoding of encodings) {
      const delimiter = lines[0]?.includes(";") ? ";" : ",";
      it(`${language} in ${encoding}, three lines`, () => {
        const text = lines.slice(0, SHORT_LINES);
        const table = tableOf(encoded(`${text.join("\n")}\n`, encoding));
        expect([table.headers, ...table.sample_rows]).toEqual(cellsOf(text, delimiter));
      });

      it(`${language} in ${encoding}, ${LONG_ROWS} rows`, () => {
        const [header = "", ...rows] = lines;
        const body = Array.from({ length: LONG_ROWS }, (_, row) => rows[row % rows.length] ?? "");
        const table = tableOf(encoded(`${[header, ...body].join("\r\n")}\r\n`, encoding));
        expect(table.headers).toEqual(header.split(delimiter));
        expect(rowsOf(table).map(({ cells }) => cells)).toEqual(cellsOf(body, delimiter));
      });
    }
  }
});

describe("UTF-8 is never taken for anything else", () => {
  for (const { language, lines } of LANGUAGES) {
    it(language, () => {
      for (const line of lines) {
        expect(tableOf(utf8(`a\n${line}\n`))).toMatchObject({ encoding: "utf-8", encoding_confidence: 1, encoding_alternatives: [] });
      }
    });
  }
});

describe("how sure a guess is", () => {
  it("is reported with up to three runners-up, each with cells that read otherwise", () => {
    const table = tableOf(encoded("Имя;Город\nИван;Москва\nОльга;Пермь\n", "windows-1251"));
    expect(table.encoding_confidence).toBeGreaterThan(0.7);
    expect(table.encoding_alternatives.length).toBeLessThanOrEqual(3);
    for (const { confidence, samples } of table.encoding_alternatives) {
      expect(confidence).toBeLessThan(table.encoding_confidence);
      expect(samples.length).toBeGreaterThan(0);
    }
  });

  it("is a warning with both readings when it is low", () => {
    const table = tableOf(encoded("Ort\nPlzeň\n", "windows-1250"));
    expect(table.warnings).toEqual([expect.stringMatching(/^The encoding is a guess: "Plze.".*, "Plze."/)]);
    expect(table.warnings[0]).toContain("Plzeň");
    expect(table.warnings[0]).toContain("Plzeò");
  });

  it("is no matter when the file is ASCII, marked, or its encoding is said", () => {
    for (const table of [
      tableOf(utf8("a\nb\n")),
      tableOf(utf16("\uFEFFa\né\n", "le")),
      tableOf(encoded("a\nPlzeň\n", "windows-1250"), { encoding: "windows-1250" }),
    ]) {
      expect(table).toMatchObject({ encoding_confidence: 1, encoding_alternatives: [], warnings: [] });
    }
  });
});

describe("small evidence", () => {
  it.each([
    ["Zoé", "windows-1252"],
    ["Müller", "windows-1252"],
    ["Ann’s café", "windows-1252"],
    ["O’Neill", "windows-1252"],
    ["Peña", "macintosh"],
    ["5 € – bar", "windows-1252"],
    ["“quoted”", "windows-1252"],
    ["Łódź", "windows-1250"],
    ["Şişli", "windows-1254"],
    ["Москва", "windows-1251"],
    ["Αθήνα", "windows-1253"],
    ["東京", "shift_jis"],
    ["김민수", "euc-kr"],
    ["ﾔﾏﾀﾞ ﾀﾛｳ", "shift_jis"],
  ])("of one cell is enough for %s in %s", (cell, encoding) => {
    expect(tableOf(encoded(`Name\n${cell}\n`, encoding)).sample_rows).toEqual([[cell]]);
  });

  it("at the end of a long line or file is found", () => {
    expect(tableOf(encoded(`n\n${"plain\n".repeat(50_000)}Łódź\n`, "windows-1250")).encoding).toBe("windows-1250");
    expect(tableOf(encoded(`n\n${"x".repeat(50_000)} Łódź\n`, "windows-1250")).encoding).toBe("windows-1250");
  });

  it("of several languages in one file is Windows-1252 where that has all their letters", () => {
    const text = "Name\nJürgen Groß\nFrançois Lefèvre\nJosé Muñoz\nJoão Conceição\nSøren Kjær\nAnaïs\nGöran Åberg\n";
    expect(tableOf(windows1252(text))).toMatchObject({ encoding: "windows-1252", warnings: [] });
  });
});

describe("characters whose second byte looks like CSV", () => {
  it("split no cell: 0x7C is | and 0x5C is \\ only in ASCII", () => {
    const table = tableOf(encoded("名前|住所|備考\nー予約|十和田ポ|表示ソ\n山田|東京|能力\n", "shift_jis"));
    expect(table).toMatchObject({ encoding: "shift_jis", delimiter: "|", headers: ["名前", "住所", "備考"] });
    expect(table.sample_rows[0]).toEqual(["ー予約", "十和田ポ", "表示ソ"]);
  });

  it("split none in Big5 and GB 18030 either, whatever the delimiter", () => {
    for (const [encoding, character] of [
      ["big5", 0xa47c],
      ["gb18030", 0x817c],
    ] as const) {
      const odd = Uint8Array.of(character >> 8, character & 0xff);
      const letter = new TextDecoder(encoding).decode(odd);
      const bytes = Uint8Array.from([...utf8("a|b\n"), ...odd, 0x7c, ...odd, 0x0a]);
      expect(tableOf(bytes, { encoding }).sample_rows).toEqual([[letter, letter]]);
    }
  });
});

describe("an encoding's name", () => {
  it.each([
    ["latin1", "windows-1252"],
    ["ISO-8859-1", "windows-1252"],
    ["cp1252", "windows-1252"],
    ["iso-8859-9", "windows-1254"],
    ["sjis", "shift_jis"],
    ["Shift-JIS", "shift_jis"],
    ["gbk", "gb18030"],
    ["gb2312", "gb18030"],
    ["cp936", "gb18030"],
    ["utf8", "utf-8"],
    ["UTF-16", "utf-16le"],
    ["Mac Roman", "macintosh"],
    ["ks_c_5601-1987", "euc-kr"],
    [" big5 ", "big5"],
  ])("may be %s for %s", (label, encoding) => expect(encodingOf(label)).toBe(encoding));

  it("is its own alias, and the platform decodes it", () => {
    for (const encoding of ENCODINGS) {
      expect(encodingOf(encoding)).toBe(encoding);
      expect(new TextDecoder(encoding).encoding).toBe(encoding);
    }
  });

  it("is unknown when nobody reads it here", () => {
    for (const label of ["", "klingon", "x-user-defined", "iso-2022-jp", "windows-874", "replacement"]) {
      expect(encodingOf(label)).toBeUndefined();
    }
  });

  it("of UTF-16 leaves the order to the mark", () => {
    expect(tableOf(utf16("\uFEFFn\n1\n", "be"), { encoding: "utf-16le" })).toMatchObject({ encoding: "utf-16be", headers: ["n"] });
  });
});
