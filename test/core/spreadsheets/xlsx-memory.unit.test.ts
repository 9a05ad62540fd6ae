import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { writeCsv } from "../../../src/core/spreadsheets";
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

it("100,000 rows are read and written as CSV while only their shared strings are held", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
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
