/** Texts and attributes of XML, and the escapes that Office puts on top of them. */

import type { XmlTag } from "./xml-scanner";

const ENTITY = /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/g;
const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const CODE_POINT_MAX = 0x10ffff;
const QUOTES = /["']/;

/** Resolves the five named and the numeric entities; others stay as they are. */
export function resolveEntities(raw: string): string {
  if (!raw.includes("&")) return raw;
  return raw.replace(ENTITY, (_, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
    if (name !== undefined) return NAMED[name] as string;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > CODE_POINT_MAX ? "\uFFFD" : String.fromCodePoint(code);
  });
}

/** Characters that XML cannot hold are written `_x0001_` (ECMA-376 part 1, 22.9.2.19, ST_Xstring). */
export function resolveOfficeEscapes(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([0-9a-fA-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The attribute by its local name, or null. */
export function attribute(tag: XmlTag, name: string): string | null {
  let at = tag.from;
  for (;;) {
    const equals = tag.text.indexOf("=", at);
    if (equals === -1 || equals >= tag.to) return null;
    const open = nextQuote(tag, equals + 1);
    if (open === -1) return null;
    const close = tag.text.indexOf(tag.text.charAt(open), open + 1);
    if (close === -1 || close >= tag.to) return null;
    if (endsName(tag.text, equals, name, at)) return resolveEntities(tag.text.slice(open + 1, close));
    at = close + 1;
  }
}

export function isTrue(value: string | null): boolean {
  return value === "1" || value === "true";
}

function nextQuote(tag: XmlTag, from: number): number {
  for (let at = from; at < tag.to; at++) if (QUOTES.test(tag.text.charAt(at))) return at;
  return -1;
}

/** Whether the attribute name before `equals` is `name`, with or without a prefix. */
function endsName(text: string, equals: number, name: string, from: number): boolean {
  let end = equals;
  while (end > from && text.charCodeAt(end - 1) <= 0x20) end--;
  const start = end - name.length;
  if (start < from || !text.startsWith(name, start)) return false;
  const before = text.charCodeAt(start - 1);
  return start === from || before <= 0x20 || before === 0x3a;
}
