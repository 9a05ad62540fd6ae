/** Values, names and texts that break programs. */
import { fc } from "../support/fast-check";

const TEXTS = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\udfff tail",
  "\u202e\u200b",
  "I\u0307stanbul",
  "ﷺ".repeat(100),
  "👩‍👩‍👧‍👦",
  "e\u0301".repeat(50),
  "\r\nX-Injected: 1",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "../../etc/passwd",
  "%00",
  "%2e%2e%2f",
  "' OR 1=1 --",
  '"; DROP TABLE leads; --',
  "=cmd|' /C calc'!A0",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "null",
  "undefined",
  "NaN",
  "-0",
  "1e999",
  "0x10",
  "１２",
  "9007199254740993",
  "+275760-09-13T00:00:00.000Z",
  "-271821-04-20T00:00:00Z",
  "0000-00-00T00:00:00Z",
  "2024-02-30T00:00:00Z",
  "2016-12-31T23:59:60Z",
  "2026-01-01T00:00:00+99:99",
  "0193f3a2-c7b0-7aa1-8000-c0ffee123456",
  "ld_ffffffffffffffffffffffffffffffff",
  "http://127.0.0.1:1/",
  "http://[::ffff:169.254.169.254]/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "a@b",
  `${"a".repeat(64)}@${"b".repeat(190)}.com`,
  "+1 (555) 010-0999 ext. 99999",
  "active OU not set",
];

const sized = fc.constantFrom(129, 2_001, 10_000, 60_000).map((chars) => "x".repeat(chars));
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: sized },
);

const hostileNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 1e308, 5e-324, 8.64e15 + 1),
  fc.double({ noNaN: true }),
  fc.integer(),
);

const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
  return value;
};
const hostileKey = fc.oneof(fc.constantFrom("__proto__", "constructor", "", "a.b", "a/b", "toString", "\0", "length", "$ref"), hostileText);
const flat = fc.oneof(
  { weight: 5, arbitrary: hostileText as fc.Arbitrary<unknown> },
  { weight: 3, arbitrary: hostileNumber as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}) },
);
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: flat },
  { weight: 1, arbitrary: fc.array(flat, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.array(fc.tuple(hostileKey, flat), { maxLength: 5 }).map(entriesObject) },
  { weight: 1, arbitrary: fc.constantFrom(50, 500).map(deep) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 1_500 }, (_, n) => n)) },
);

/** An object that may own `__proto__`. */
export function entriesObject(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

export { hostileKey };
