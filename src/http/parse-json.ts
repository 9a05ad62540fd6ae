/** The text of a JSON body as values that are what the caller wrote. */
import { randomHex } from "../ids";

/** Sixteen digits or more as a value of their own: a safe integer has sixteen at most. It may be inside a string, where it does no harm. */
const LONG_INTEGER = /[:[,]\s*-?\d{16,}\s*[,\]}]/;
const INTEGER = /^-?\d+$/;
/** The strings and the numbers of a valid JSON text. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/**
 * As JSON.parse, but an integer that a double would round is a bigint, which no schema takes for a number. One beyond the range of
 * doubles is Infinity, as JSON.parse reads it. Nesting of any depth is read: the reviver of JSON.parse would overflow the stack. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!LONG_INTEGER.test(text)) return value;
  // random, so that no string of a body can be mistaken for a marked integer
  const mark = randomHex(16);
  const marked = text.replace(TOKENS, (token) => (isRounded(token) ? `"${mark}${token}"` : token));
  return withIntegers(JSON.parse(marked), mark);
}

function isRounded(token: string): boolean {
  const value = Number(token);
  return INTEGER.test(token) && Number.isFinite(value) && !Number.isSafeInteger(value) && String(value) !== token;
}

function withIntegers(value: unknown, mark: string): unknown {
  const root: Record<string, unknown> = { value };
  const open = [root];
  for (let item = open.pop(); item; item = open.pop()) {
    for (const [key, held] of Object.entries(item)) {
      if (typeof held === "string" && held.startsWith(mark)) item[key] = BigInt(held.slice(mark.length));
      else if (typeof held === "object" && held !== null) open.push(held as Record<string, unknown>);
    }
  }
  return root.value;
}
