/** JSON pointers (RFC 6901). Pure. */
import type { Json } from "../leads";

const POINTER = /^(?:\/(?:[^/~]|~[01])*)*$/;
const INDEX = /^(?:0|[1-9]\d*)$/;

export const isPointer = (text: string): boolean => POINTER.test(text);

/** The value that a pointer names; undefined where there is none. */
export function valueAtPointer(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) value = INDEX.test(key) ? value[Number(key)] : undefined;
    else if (typeof value === "object" && value !== null) value = Object.hasOwn(value, key) ? value[key] : undefined;
    else return undefined;
  }
  return value;
}

/** The pointer of a path. */
export const pointerOf = (...path: (string | number)[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
