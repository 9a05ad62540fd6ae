/** Numbers as Excel shows them when no format says otherwise, but with all digits: a phone number is not rounded to the column. */

/** Beyond 15 digits a double only has noise; Excel shows none of them. */
const SIGNIFICANT_DIGITS = 15;
const PLAIN_INTEGER = /^-?(?:0|[1-9]\d{0,20})$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The stored text of a number as text: integers below 1e21 in full, fractions to 15 digits. What is no number stays as it is. */
export function numberText(raw: string): string {
  if (PLAIN_INTEGER.test(raw)) return raw === "-0" ? "0" : raw;
  const value = parseNumber(raw);
  return value === null ? raw : valueText(value);
}

export function parseNumber(raw: string): number | null {
  const value = NUMBER.test(raw) ? Number(raw) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

export function withoutNoise(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

export function valueText(value: number): string {
  const text = String(withoutNoise(value));
  const exponent = text.indexOf("e");
  if (exponent === -1) return text === "-0" ? "0" : text;
  const digits = text.slice(exponent + 2);
  return `${text.slice(0, exponent)}E${text[exponent + 1]}${digits.padStart(2, "0")}`;
}
