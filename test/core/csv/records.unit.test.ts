import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { DELIMITERS, type Delimiter } from "../../../src/core/csv";
import { markAtStart, nextRecord } from "../../../src/core/csv/records";
import { utf8 } from "../../fixtures/csv/bytes";
import { fc } from "../../support/fast-check";

const ALPHABET = ["a", '"', '"', ",", ";", "|", "\t", "\n", "\n", " ", "é", "\u00a0", "\u3000", "\ufeff", "🦊"];
const csvText = fc.array(fc.constantFrom(...ALPHABET), { maxLength: 40 }).map((characters) => characters.join(""));

type Seen = { cells: number; blank: boolean; text: string };

function scan(text: string, delimiter: Delimiter): { records: Seen[]; closed: boolean } {
  const bytes = utf8(text);
  const mark = markAtStart();
  const records: Seen[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  while (nextRecord(bytes, delimiter.charCodeAt(0), mark)) {
    records.push({ cells: mark.cells, blank: mark.blank, text: decoder.decode(bytes.subarray(mark.start, mark.end)) });
  }
  return { records, closed: mark.closed };
}

/** PapaParse takes a byte order mark off a text's start; an extra one keeps the text as it is. */
function parse(text: string, delimiter: Delimiter) {
  const { data, errors } = Papa.parse<string[]>(`\ufeff${text}`, { delimiter, newline: "\n" });
  // A newline at the end, like no text at all, leaves a last record of one empty cell, or none.
  if (text.endsWith("\n") && data.at(-1)?.join() === "") data.pop();
  return { data, closed: !errors.some(({ code }) => code === "MissingQuotes") };
}

const isBlank = (cells: readonly string[]) => cells.length === 1 && cells[0]?.trim() === "";

describe("records end where PapaParse ends them", () => {
  for (const delimiter of DELIMITERS) {
    it(`for any text with ${JSON.stringify(delimiter)}: count, cells, blankness, open quotes`, () => {
      fc.assert(
        fc.property(csvText, (text) => {
          const { records, closed } = scan(text, delimiter);
          const whole = parse(text, delimiter);
          expect(closed).toBe(whole.closed);
          expect(records.map(({ text }) => text).join("")).toBe(text);
          if (!closed) return;
          expect(records.map(({ cells }) => cells)).toEqual(whole.data.map((cells) => cells.length));
          expect(records.map(({ blank }) => blank)).toEqual(whole.data.map(isBlank));
          expect(records.flatMap(({ text }) => parse(text, delimiter).data)).toEqual(whole.data);
        }),
        { numRuns: 3000 },
      );
    });
  }
});

describe("malformed quotes", () => {
  it("keep the cell open until a quote that closes it", () => {
    expect(scan('"abc"def,x"\ny', ",").records.map(({ text }) => text)).toEqual(['"abc"def,x"\n', "y"]);
  });

  it("say that the record is not closed when none does", () => {
    expect(scan('a\n"b\nc', ",")).toMatchObject({ closed: false, records: [{ text: "a\n" }, { text: '"b\nc' }] });
  });
});
