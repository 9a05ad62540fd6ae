/**
 * A streaming scanner for the XML of workbooks: no tree, no validation. Names come without their namespace prefix, texts with their
 * entities. It defines no entities and refuses document types, so nothing in a file can make it expand anything.
 */

import { XML_TOKEN_CHARS_MAX } from "./limits";
import { damaged, Refusal } from "./problem";

/** Where the attributes of a start tag are: `text` from `from` to `to`. Reused: read it before returning. */
export type XmlTag = { text: string; from: number; to: number };

export type XmlHandler = {
  /** Texts are skipped unless this is set. */
  wants_text: boolean;
  open(name: string, tag: XmlTag): void;
  close(name: string): void;
  /** One element's text may come in several parts, around comments. `raw`: entities are still to be resolved. */
  text(part: string, raw: boolean): void;
  /** Takes an element at `at` that is whole and in its usual form, and returns its end; -1: it is scanned like any other. For what is frequent. */
  usual?(text: string, at: number): number;
};

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const COLON = 0x3a;
const BANG = 0x21;
const QUESTION = 0x3f;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const SPACE = 0x20;

const SECTIONS = [
  { opens: "<!--", closes: "-->" },
  { opens: "<![CDATA[", closes: "]]>" },
] as const;

export class XmlScanner {
  readonly #handler: XmlHandler;
  readonly #tag: XmlTag = { text: "", from: 0, to: 0 };
  #rest = "";

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  /** Reports everything that is complete; keeps the rest for the next piece. */
  feed(piece: string): void {
    const text = this.#rest === "" ? piece : this.#rest + piece;
    let at = 0;
    while (at < text.length) {
      const isTag = text.charCodeAt(at) === LT;
      const usual = isTag ? (this.#handler.usual?.(text, at) ?? -1) : -1;
      const next = usual !== -1 ? usual : isTag ? this.#readTag(text, at) : this.#readText(text, at);
      if (next === -1) break;
      at = next;
    }
    this.#rest = at === 0 ? text : text.slice(at);
    if (this.#rest.length > XML_TOKEN_CHARS_MAX) throw tooLong();
  }

  /** To be called at the end of the text. */
  finish(): void {
    if (this.#rest.trim() !== "") throw damaged("its XML ends in the middle");
  }

  #readText(text: string, at: number): number {
    const end = text.indexOf("<", at);
    if (end !== -1 && this.#handler.wants_text) this.#handler.text(text.slice(at, end), true);
    return end;
  }

  #readTag(text: string, at: number): number {
    const second = text.charCodeAt(at + 1);
    if (second === BANG) return this.#readSection(text, at);
    if (second === QUESTION) return afterNext(text, "?>", at);
    const closing = second === SLASH;
    const name_start = closing ? at + 2 : at + 1;
    let local = name_start;
    let name_end = name_start;
    for (; name_end < text.length; name_end++) {
      const code = text.charCodeAt(name_end);
      if (code === COLON) local = name_end + 1;
      else if (code === GT || code === SLASH || code <= SPACE) break;
    }
    const end = tagEnd(text, name_end);
    if (end === -1) return -1;
    const name = name_end === local + 1 ? text.charAt(local) : text.slice(local, name_end);
    if (closing) {
      this.#handler.close(name);
      return end + 1;
    }
    const empty = text.charCodeAt(end - 1) === SLASH;
    const tag = this.#tag;
    tag.text = text;
    tag.from = name_end;
    tag.to = empty ? end - 1 : end;
    this.#handler.open(name, tag);
    if (empty) this.#handler.close(name);
    return end + 1;
  }

  /** Comments, CDATA and document types: what begins with "<!". */
  #readSection(text: string, at: number): number {
    for (const { opens, closes } of SECTIONS) {
      if (!text.startsWith(opens, at)) continue;
      const next = afterNext(text, closes, at + opens.length);
      if (next !== -1 && opens === "<![CDATA[" && this.#handler.wants_text) {
        this.#handler.text(text.slice(at + opens.length, next - closes.length), false);
      }
      return next;
    }
    if (SECTIONS.some(({ opens }) => opens.startsWith(text.slice(at)))) return -1;
    throw new Refusal("invalid", "the XML of the file declares a document type, which no workbook does");
  }
}

/** For handlers that join the parts of a text. */
export function joinedText(before: string, part: string): string {
  if (before.length + part.length > XML_TOKEN_CHARS_MAX) throw tooLong();
  return before + part;
}

function tooLong(): Refusal {
  return new Refusal("too_large", "a cell of the sheet is longer than 1,000,000 characters");
}

/** The position of the ">" that ends the tag: one within a quoted attribute does not. -1 when it is still to come. */
function tagEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === GT) return at;
    if (code !== DOUBLE_QUOTE && code !== SINGLE_QUOTE) continue;
    at = text.indexOf(code === DOUBLE_QUOTE ? '"' : "'", at + 1);
    if (at === -1) return -1;
  }
  return -1;
}

function afterNext(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? -1 : found + mark.length;
}
