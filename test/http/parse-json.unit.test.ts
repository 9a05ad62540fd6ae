/** A JSON body is read as it was written: as JSON.parse does, but with no integer rounded and no stack overflown. */
import { expect, it } from "vitest";
import { parseJson } from "../../src/http/parse-json";
import { fc } from "../support/fast-check";

const withBigints = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    const isInteger = typeof value === "number" && Number.isFinite(value) && source !== undefined && /^-?\d+$/.test(source);
    return isInteger && !Number.isSafeInteger(value) && String(value) !== source ? BigInt(source) : value;
  });

it("any value is what JSON.parse makes of it, and its long integers are exact", () => {
  const leaf = fc.oneof(
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\\", "[1234567890123456789]", "__proto__"),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie("any")), fc.dictionary(fc.string({ unit: "binary" }), tie("any"))),
  })).any;
  const textOf = (item: unknown): string => {
    if (typeof item === "bigint") return String(item);
    if (Array.isArray(item)) return `[${item.map(textOf).join(" , ")}]`;
    if (typeof item !== "object" || item === null) return JSON.stringify(item);
    return `{${Object.entries(item)
      .map(([key, held]) => `${JSON.stringify(key)} : ${textOf(held)}`)
      .join(",")}}`;
  };
  fc.assert(
    fc.property(value, (item) => {
      const text = `[12345678901234567890, ${textOf(item)}]`;
      expect(parseJson(text)).toEqual(withBigints(text));
    }),
    { numRuns: 300 },
  );
});

it("a long integer beside nesting of any depth is exact", () => {
  const depth = 200_000;
  const [exact] = parseJson(`[9007199254740993, ${"[".repeat(depth)}${"]".repeat(depth)}]`) as [bigint];
  expect(exact).toBe(9007199254740993n);
});

it.each([
  "[1234567890123456789,",
  '{"a": 1234567890123456789, }',
  `"${'\\"'.repeat(100_000)}, 1234567890123456789]`,
  "01234567890123456789",
])("what is no JSON stays a SyntaxError: %.40s", (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});
