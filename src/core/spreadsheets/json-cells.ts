/** From a JSON object to the cells of a row. */

import { numberText } from "./number-text";

const DEPTH_MAX = 3;
/** Digits that a double cannot hold, or an exponent. */
const INEXACT = /\d{16}|\d[eE]/;

/** Cells by column name, in order; null when the text is no JSON object. Of a key that is repeated the last value counts. */
export function jsonCells(text: string): Map<string, string> | null {
  const cells = new Map<string, string>();
  try {
    const value: unknown = INEXACT.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    addCells(value, "", 1, cells);
    return cells;
  } catch (error) {
    // A RangeError comes of brackets that are nested too deep.
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Objects become "a.b.c"; what is nested deeper stays JSON. Two ways to the same name: the first text counts. */
function addCells(object: object, prefix: string, depth: number, cells: Map<string, string>): void {
  for (const [key, value] of Object.entries(object)) {
    const name = prefix + key;
    const nested = typeof value === "object" && value !== null && !Array.isArray(value);
    if (nested && depth < DEPTH_MAX && Object.keys(value).length > 0) addCells(value, `${name}.`, depth + 1, cells);
    else if (!cells.get(name)) cells.set(name, cellText(value));
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every(isScalar)) return value.map(cellText).filter(Boolean).join("; ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

/** Numbers as they are written: parsing would round long ones. `context` has the source text of a number. */
function exactNumber(this: unknown, _: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined ? numberText(context.source) : value;
}
