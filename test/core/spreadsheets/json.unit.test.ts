import { describe, expect, it } from "vitest";
import { readJsonRows } from "../../../src/core/spreadsheets";
import { fc } from "../../support/fast-check";
import { inPieces, rowsOf } from "./workbooks";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Cuts the bytes into pieces of one size, as a network would. */
async function cells(text: string | Uint8Array, piece = 65_536): Promise<string[][]> {
  const result = await readJsonRows(inPieces(typeof text === "string" ? utf8(text) : text, piece));
  if (!result.ok) throw new Error(`${result.problem.kind}: ${result.problem.detail}`);
  const rows = await rowsOf(result.table.rows());
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index + 1));
  expect(rows).toHaveLength(result.table.row_count + 1);
  return rows.map((row) => row.cells);
}

const TWO = [
  ["email", "name"],
  ["a@x", "Ann"],
  ["b@x", ""],
];

describe("the usual shapes are read", () => {
  it.each([
    ["NDJSON", '{"email":"a@x","name":"Ann"}\n{"email":"b@x"}\n'],
    ["NDJSON with CRLF, blank lines and a mark", '\uFEFF{"email":"a@x","name":"Ann"}\r\n\r\n{"email":"b@x"}'],
    ["an array", '[{"email":"a@x","name":"Ann"},\n {"email":"b@x"}]'],
    ["a wrapper", '{"data":[{"email":"a@x","name":"Ann"},{"email":"b@x"}]}'],
    ["a wrapper with paging", '{"total":2,"results":[{"email":"a@x","name":"Ann"},{"email":"b@x"}],"paging":{"next":["x"]}}'],
    ["objects over several lines", '{\n "email": "a@x",\n "name": "Ann"\n}\n{\n "email": "b@x"\n}'],
  ])("%s", async (_, text) => {
    for (const piece of [1, 2, 7, 65_536]) expect(await cells(text, piece)).toEqual(TWO);
  });

  it("UTF-16 with its mark", async () => {
    const text = '\uFEFF[{"email":"ä@x"}]';
    const bytes = new Uint8Array(text.length * 2);
    for (let index = 0; index < text.length; index++) new DataView(bytes.buffer).setUint16(2 * index, text.charCodeAt(index), true);
    expect(await cells(bytes)).toEqual([["email"], ["ä@x"]]);
  });

  it("one object is one row, its arrays are no wrapper", async () => {
    expect(await cells('{"email":"a@x","tags":["x","y"]}')).toEqual([
      ["email", "tags"],
      ["a@x", "x; y"],
    ]);
  });
});

describe("values", () => {
  it("are flattened to depth 3, arrays of scalars are joined, deeper ones stay JSON", async () => {
    const record = { a: { b: { c: 1, d: { e: 2 } } }, list: [1, "x", null, true], objects: [{ x: 1 }], empty: {}, none: null, yes: false };
    expect(await cells(JSON.stringify([record]))).toEqual([
      ["a.b.c", "a.b.d", "list", "objects", "empty", "none", "yes"],
      ["1", '{"e":2}', "1; x; true", '[{"x":1}]', "{}", "", "false"],
    ]);
  });

  it("numbers keep all their digits", async () => {
    expect(await cells('[{"a":4915123456789,"b":12345678901234567890,"c":4.915123456789E+12,"d":0.1,"e":-0.0}]')).toEqual([
      ["a", "b", "c", "d", "e"],
      ["4915123456789", "12345678901234567890", "4915123456789", "0.1", "0"],
    ]);
  });

  it("of a key that is repeated the last value counts, of two ways to one name the first", async () => {
    expect(await cells('[{"a":1,"a":2,"b.c":3,"b":{"c":4},"":5,"__proto__":6}]')).toEqual([
      ["a", "b.c", "(no name)", "__proto__"],
      ["2", "3", "5", "6"],
    ]);
  });

  it("brackets and quotes within texts are text", async () => {
    const value = 'a"}]{[\\",:\n';
    expect(await cells(JSON.stringify([{ [value]: value }]), 3)).toEqual([[value], [value]]);
  });
});

describe("what is wrong is named by its line", () => {
  it.each([
    ["a broken line", '{"a":1}\n{"a":2}\n{"a":}\n{"a":4}', "invalid: line 3 is not valid JSON"],
    ["a line cut off", '{"a":1}\n{"a":2}\n{"a":', "invalid: line 3 is not valid JSON"],
    ["a line that is no object", '{"a":1}\n{"a":2}\n[1]', "invalid: line 3 is not a JSON object"],
    ["a record of an array", '[\n{"a":1},\n{"a":"\\x"}\n]', "invalid: line 3 is not valid JSON"],
    ["numbers in an array", '[{"a":1},\n2]', "invalid: line 2 is not a JSON object"],
    ["arrays in an array", '[\n["a"]]', "invalid: line 2 is not a JSON object"],
    ["an array cut off", '[{"a":1},\n{"a":', "invalid: the JSON ends too early in the record that begins in line 2"],
    ["an array without its end", '[{"a":1}\n', "invalid: the JSON ends too early"],
    ["crossed brackets", '[{"a":1]}', "invalid: line 1 is not valid JSON: a bracket closes what is not open"],
    ["text", "\n hello", "invalid: line 2 is neither a JSON object nor an array of them"],
    ["nothing", " \n", "invalid: the file holds no JSON objects"],
    ["an empty array", "[]", "invalid: the file holds no JSON objects with content"],
    [
      "too many keys",
      JSON.stringify([Object.fromEntries(Array.from({ length: 1001 }, (_, key) => [`k${key}`, key]))]),
      "too_large: the records have more than 1,000 different keys",
    ],
    ["endless nesting", `[{"a":${"[".repeat(400_000)}${"]".repeat(400_000)}}]`, "invalid: line 1 is not valid JSON"],
    ["an endless record", `{"a":"${"x".repeat(1_000_001)}`, "too_large: the record in line 1 is longer than 1,000,000 characters"],
  ])("%s", async (_, text, problem) => {
    await expect(cells(text)).rejects.toThrow(problem);
  });

  it("a file cut off anywhere is refused or loses nothing silently but its last lines", async () => {
    const text = JSON.stringify({
      data: [
        { a: 1, b: ["x"] },
        { a: "ü", c: { d: 2 } },
      ],
    });
    for (let size = 0; size < text.length; size++)
      expect((await readJsonRows(utf8(text.slice(0, size)))).ok, text.slice(0, size)).toBe(false);
  });
});

it("any records are the same as NDJSON, as an array and as a wrapper, however the bytes are cut", async () => {
  const record = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 4 }),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 2 })),
    { minKeys: 1, maxKeys: 4 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 2, maxLength: 5 }), fc.integer({ min: 1, max: 40 }), async (records, piece) => {
      const lines = await cells(records.map((each) => JSON.stringify(each)).join("\n"), piece);
      expect(await cells(JSON.stringify(records), piece)).toEqual(lines);
      expect(await cells(JSON.stringify({ items: records }, null, 2), piece)).toEqual(lines);
    }),
    { numRuns: 100 },
  );
});
