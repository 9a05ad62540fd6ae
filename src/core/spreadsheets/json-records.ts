/** Cuts JSON text into the objects that are its records. */

import { JsonScanner } from "./json-scanner";
import { Refusal } from "./problem";

/**
 * Where the records are: `lines` one in each line (NDJSON), `values` one after the other at the top, `array` in the one array, `member`
 * in the array that is the value of this key of the one object.
 */
export type JsonLayout = { kind: "lines" } | { kind: "values" } | { kind: "array" } | { kind: "member"; key: string };

/** The text of one object and the line in which it begins. */
export type JsonRecord = { text: string; line: number };

const RECORD_CHARS_MAX = 1_000_000;
const HEAD_CHARS = 65_536;

/** Looks for the records. Reads everything only when the text begins with an object that is not the whole of its line. */
export async function findLayout(texts: AsyncIterable<string>): Promise<JsonLayout> {
  let head: string | null = "";
  const probe = new LayoutProbe();
  const scanner = new JsonScanner(probe);
  for await (const text of texts) {
    if (head !== null) {
      head += text;
      const found = layoutOfHead(head);
      if (found) return found;
      if (head.length > HEAD_CHARS) head = null;
    }
    if (!scanner.feed(text)) break;
  }
  if (probe.first === null) throw new Refusal("invalid", "the file holds no JSON objects");
  return probe.layout();
}

function layoutOfHead(head: string): JsonLayout | null {
  const start = head.search(/[^\s\uFEFF]/);
  if (start === -1) return null;
  if (head[start] === "[") return { kind: "array" };
  if (head[start] !== "{") throw new Refusal("invalid", `line ${lineAt(head, start)} is neither a JSON object nor an array of them`);
  const end = head.indexOf("\n", start);
  const is_lines = end !== -1 && /^\s*\{/.test(head.slice(end)) && parsed(head.slice(start, end)) !== null;
  return is_lines ? { kind: "lines" } : null;
}

function parsed(text: string): object | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

class LayoutProbe {
  first: "{" | "[" | null = null;
  #values = 0;
  #key: string | null = null;
  readonly #record_keys = new Set<string>();

  open(bracket: "{" | "[", depth: number, key: string | null): void {
    if (depth === 0) {
      this.first ??= bracket;
      this.#values++;
    }
    if (depth === 1) this.#key = bracket === "[" ? key : null;
    if (depth === 2 && bracket === "{" && this.#key !== null) this.#record_keys.add(this.#key);
  }

  close(): void {}
  scalar(): void {}

  /** One object around exactly one array of objects is a wrapper. */
  layout(): JsonLayout {
    const [key, ...others] = this.#record_keys;
    return this.#values === 1 && key !== undefined && others.length === 0 ? { kind: "member", key } : { kind: "values" };
  }
}

export async function* jsonRecords(texts: AsyncIterable<string>, layout: JsonLayout): AsyncGenerator<JsonRecord[], void> {
  yield* layout.kind === "lines" ? lineRecords(texts) : structureRecords(texts, layout);
}

async function* lineRecords(texts: AsyncIterable<string>): AsyncGenerator<JsonRecord[], void> {
  let rest = "";
  let line = 0;
  for await (const text of texts) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() as string;
    if (rest.length > RECORD_CHARS_MAX) throw tooLong(line + 1);
    yield lines.map((each) => ({ text: each, line: ++line })).filter(hasText);
  }
  yield [{ text: rest, line: line + 1 }].filter(hasText);
}

function hasText({ text }: JsonRecord): boolean {
  return /[^\s\uFEFF]/.test(text);
}

async function* structureRecords(texts: AsyncIterable<string>, layout: JsonLayout): AsyncGenerator<JsonRecord[], void> {
  const cutter = new RecordCutter(layout);
  for await (const text of texts) {
    cutter.feed(text);
    if (cutter.records.length > 0) yield cutter.records;
    cutter.records = [];
  }
  cutter.finish();
}

/** Cuts the objects at the depth of the layout out of the text. */
class RecordCutter {
  records: JsonRecord[] = [];
  readonly #layout: JsonLayout;
  readonly #depth: number;
  readonly #scanner = new JsonScanner(this);
  #in_array: boolean;
  #text = "";
  /** Where the present record begins in the present piece, and in which line; -1 outside of records. */
  #start = -1;
  #line = 0;

  constructor(layout: JsonLayout) {
    this.#layout = layout;
    this.#depth = { lines: 0, values: 0, array: 1, member: 2 }[layout.kind];
    this.#in_array = layout.kind !== "member";
  }

  feed(text: string): void {
    this.#text = text;
    const in_record = this.#start !== -1;
    if (in_record) this.#start = 0;
    if (!this.#scanner.feed(text))
      throw new Refusal("invalid", `line ${this.#scanner.line} is not valid JSON: a bracket closes what is not open`);
    if (this.#start !== -1) this.#keep(text.slice(this.#start));
  }

  finish(): void {
    if (this.#scanner.depth === 0) return;
    const where = this.#start === -1 ? "" : ` in the record that begins in line ${this.#line}`;
    throw new Refusal("invalid", `the JSON ends too early${where}`);
  }

  open(bracket: "{" | "[", depth: number, key: string | null, at: number): void {
    if (this.#layout.kind === "member" && depth === 1) this.#in_array = bracket === "[" && key === this.#layout.key;
    if (depth !== this.#depth || !this.#in_array) return;
    if (bracket === "[") throw noObject(this.#scanner.line);
    this.#start = at;
    this.#line = this.#scanner.line;
    this.#kept = "";
  }

  close(depth: number, at: number): void {
    if (depth !== this.#depth || this.#start === -1) return;
    this.#keep(this.#text.slice(this.#start, at + 1));
    this.records.push({ text: this.#kept, line: this.#line });
    this.#start = -1;
  }

  scalar(depth: number): void {
    if (depth === this.#depth && this.#in_array && this.#start === -1) throw noObject(this.#scanner.line);
  }

  #kept = "";

  #keep(text: string): void {
    this.#kept += text;
    if (this.#kept.length > RECORD_CHARS_MAX) throw tooLong(this.#line);
  }
}

export function noObject(line: number): Refusal {
  return new Refusal("invalid", `line ${line} is not a JSON object`);
}

function tooLong(line: number): Refusal {
  return new Refusal("too_large", `the record in line ${line} is longer than 1,000,000 characters`);
}
