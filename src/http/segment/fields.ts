/** Values of a message, read leniently, as the format's libraries write them. Pure. */
import { utf8Bytes } from "../../text";

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** An object, or an empty one in place of anything else. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

const bigintAsText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** The size of a value that `parseJson` returned, as JSON. It must not be nested too deeply. */
export const jsonBytes = (value: unknown): number => utf8Bytes(JSON.stringify(value, bigintAsText));

/** A text that says something; numbers and truth values as texts. Null for anything else. */
export function textOf(value: unknown): string | null {
  const text = ["string", "number", "bigint", "boolean"].includes(typeof value) ? String(value).trim() : "";
  return text === "" ? null : text;
}
