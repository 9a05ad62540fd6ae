import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { writeCsv } from "../../../src/core/spreadsheets";
import { READ_LIMITS } from "../../../src/core/spreadsheets/limits";
import { SharedStrings } from "../../../src/core/spreadsheets/shared-strings";
import { openXlsx, sheetXml, workbookFiles } from "./workbooks";
import { zipOf } from "./zip";

const ROWS = 100_000;
const COLUMNS = "ABCDEFG";

/** Seven columns; each second text is used in many rows. */
function bigWorkbook(): { bytes: Uint8Array; text_chars: number } {
  const strings: string[] = [];
  let text_chars = 0;
  const numbers = new Map<string, number>();
  const numberOf = (text: string) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, strings.push(`<si><t>${text}</t></si>`) - 1);
    text_chars += text.length;
    return strings.length - 1;
  };
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const texts = [
      `person${index}@example.com`,
      `First ${index % 999}`,
      `Last ${index % 777}`,
      `Company ${index}`,
      `+49151${index}`,
      `City ${index % 300}`,
      `Note ${index}`,
    ];
    return `<row r="${index + 1}">${texts.map((text, column) => `<c r="${COLUMNS[column]}${index + 1}" t="s"><v>${numberOf(text)}</v></c>`).join("")}</row>`;
  });
  return { bytes: zipOf(workbookFiles({ sheets: [{ name: "S", xml: sheetXml(rows.join("")) }], strings })), text_chars };
}

function collector(): () => number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}

it("100,000 rows are read and written as CSV while only their shared strings are held", async () => {
  const held = collector();
  const { bytes, text_chars } = bigWorkbook();
  const before = held();
  const workbook = await openXlsx(bytes);
  let most = 0;
  let pieces = 0;
  const written = await writeCsv(workbook.rows(), 100_000_000, () => {
    pieces++;
    if (pieces % 20 === 0) most = Math.max(most, held() - before);
  });
  expect(written).toMatchObject({ ok: true, rows: ROWS });
  expect(pieces).toBeGreaterThan(60);
  // Beside the texts: one batch, and what the compiler keeps. The rows themselves would be some 40 MB.
  expect(most).toBeLessThan(text_chars + 8 * 1024 * 1024);
});

describe("shared strings", () => {
  const TEXTS = 1_000_000;
  const textOf = (at: number, wide: boolean) => `${wide ? "ł" : "ß"}${String(at).padStart(31, " some text of a cell ")}`;

  /** Read from XML in pieces that each hold a letter beyond Latin-1, which makes all of a piece's text wide. */
  function read(wide: boolean): SharedStrings {
    const strings = new SharedStrings(READ_LIMITS.shared_bytes);
    for (let from = 0; from < TEXTS; from += 1_000) {
      const items = Array.from({ length: 1_000 }, (_, at) => `<si><t>${textOf(from + at, wide)}</t></si>`);
      const xml = `${items.join("")}<!-- ł -->`;
      let at = 0;
      for (const _ of items) at = strings.usual(xml, at);
    }
    return strings;
  }

  it("more than 30 million Latin letters are held with a byte for each and four for each text", () => {
    const held = collector();
    const before = held();
    const strings = read(false);
    expect(held() + process.memoryUsage().arrayBuffers - before).toBeLessThan(TEXTS * (32 + 4) + 3_000_000);
    for (const at of [0, 1, 2_047, 2_048, 65_535, 65_536, 777_777, TEXTS - 1]) expect(strings.get(at)).toBe(textOf(at, false));
    expect(strings.get(TEXTS)).toBeNull();
  });

  it("as many letters beyond Latin-1 are too large", () => {
    expect(() => read(true)).toThrow("the texts of the workbook take more than 60 MB");
  });
});
