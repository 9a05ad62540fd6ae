/** The text of a JSON body as values that are what the caller wrote. */

/** Sixteen digits or more as a value of their own: a safe integer has sixteen at most. It may be inside a string, where it does no harm. */
const LONG_INTEGER = /[:[,]\s*-?\d{16,}\s*[,\]}]/;
const INTEGER = /^-?\d+$/;

/** As JSON.parse, but an integer that a double would round is a bigint, which no schema takes for a number. Throws SyntaxError. */
export const parseJson = (text: string): unknown => (LONG_INTEGER.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text));

/** `context` has the number as it was written. One beyond all doubles stays infinite. */
function exactInteger(this: unknown, _: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || !Number.isFinite(value) || source === undefined || !INTEGER.test(source)) return value;
  return Number.isSafeInteger(value) || String(value) === source ? value : BigInt(source);
}
