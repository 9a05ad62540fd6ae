/** Values of a message, read leniently, as the format's libraries write them. Pure. */

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** An object, or an empty one in place of anything else. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** A text that says something; numbers and truth values as texts. Null for anything else. */
export function textOf(value: unknown): string | null {
  const text = ["string", "number", "bigint", "boolean"].includes(typeof value) ? String(value).trim() : "";
  return text === "" ? null : text;
}
