import { Problem } from "./call";

/** The number in a field. Throws Problem at the field when it holds none. */
export function typedNumber(field: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new Problem(400, "invalid_request", "Enter a number", [{ path: field, message: "Enter a number" }]);
  return value;
}
