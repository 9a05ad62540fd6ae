/** The content lines of vCards (RFC 6350, RFC 2426, vCard 2.1), unfolded as bytes, since a fold may stand within a character. */

import { decodeText } from "./text-encoding";

/** `name` and the parameters are in upper case; a parameter without a name, as in 2.1, is a TYPE. */
export type VcardLine = { name: string; parameters: Map<string, string[]>; value: string; line: number };

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const EQUALS = 0x3d;
const HEAD = /^(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;[^":;]*(?:"[^"]*"[^":;]*)*)*):/;
/** Photos and keys are long, and read by nobody here. */
const VALUE_BYTES_MAX = 65_536;

/** `lines_before`: lines of the file above these bytes. */
export function* vcardLines(bytes: Uint8Array, lines_before = 0): Generator<VcardLine, void> {
  for (const { raw, line } of unfoldedLines(bytes, lines_before)) {
    const parsed = parseLine(raw, line);
    if (parsed) yield parsed;
  }
}

function* unfoldedLines(bytes: Uint8Array, lines_before: number): Generator<{ raw: Uint8Array; line: number }, void> {
  let line = lines_before;
  for (let at = 0; at < bytes.length; ) {
    const first = line + 1;
    const parts: Uint8Array[] = [];
    let more = true;
    let soft = false;
    while (more && at < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline === -1 ? bytes.length : newline;
      line++;
      const folded = parts.length > 0 && !soft && isFold(bytes[at]);
      const part = bytes.subarray(folded ? at + 1 : at, bytes[end - 1] === RETURN ? end - 1 : end);
      parts.push(part);
      at = end + 1;
      soft = part.at(-1) === EQUALS && isQuotedPrintable(parts[0] as Uint8Array);
      if (soft) parts[parts.length - 1] = part.subarray(0, -1);
      more = soft || isFold(bytes[at]);
    }
    yield { raw: parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts), line: first };
  }
}

function isFold(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function isQuotedPrintable(start: Uint8Array): boolean {
  return /QUOTED-PRINTABLE/i.test(ascii(start.subarray(0, 256)).split(":")[0] as string);
}

function parseLine(raw: Uint8Array, line: number): VcardLine | null {
  const head = HEAD.exec(ascii(raw.subarray(0, 2048)));
  if (!head) return null;
  const parameters = parseParameters(head[2] as string);
  const value = raw.subarray(head[0].length, head[0].length + VALUE_BYTES_MAX);
  return { name: (head[1] as string).toUpperCase(), parameters, value: decodeValue(value, parameters), line };
}

function parseParameters(text: string): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  for (const [, part] of text.matchAll(/;((?:"[^"]*"|[^;"])*)/g)) {
    const [name, value] = splitOnce((part as string).toUpperCase(), "=");
    const values = (value ?? (name as string)).replaceAll('"', "").split(",");
    const key = value === undefined ? "TYPE" : (name as string).trim();
    parameters.set(key, [...(parameters.get(key) ?? []), ...values.map((each) => each.trim())]);
  }
  return parameters;
}

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decodeValue(value: Uint8Array, parameters: Map<string, string[]>): string {
  const encodings = [...(parameters.get("ENCODING") ?? []), ...(parameters.get("TYPE") ?? [])];
  const bytes = encodings.includes("QUOTED-PRINTABLE") ? quotedPrintable(value) : value;
  const charset = parameters.get("CHARSET")?.[0];
  if (charset === undefined || charset === "UTF-8") return decodeText(bytes);
  try {
    return new TextDecoder(charset.toLowerCase()).decode(bytes);
  } catch {
    return decodeText(bytes);
  }
}

/** RFC 2045, section 6.7; soft line ends are gone already. */
function quotedPrintable(value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(value.length);
  let size = 0;
  for (let at = 0; at < value.length; at++) {
    const code = value[at] === EQUALS ? Number.parseInt(ascii(value.subarray(at + 1, at + 3)), 16) : Number.NaN;
    bytes[size++] = Number.isNaN(code) ? (value[at] as number) : code;
    if (!Number.isNaN(code)) at += 2;
  }
  return bytes.subarray(0, size);
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
