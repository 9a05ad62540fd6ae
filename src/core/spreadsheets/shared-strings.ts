/** The table of texts that cells point to: the only thing of a workbook that is held in memory. */

import { XML_TOKEN_CHARS_MAX } from "./limits";
import { Refusal } from "./problem";
import { StringText } from "./string-text";
import type { XmlHandler } from "./xml-scanner";

const BLOCK_CHARS = 65_536;
const SPACE = 0x20;

/**
 * Texts in blocks of 64 KB with their positions in typed arrays: a string object each would cost more than most texts do, and a
 * slice of the scanned XML would keep all of the XML alive.
 */
export class SharedStrings implements XmlHandler {
  readonly #chars_max: number;
  readonly #string = new StringText();
  readonly #blocks: string[] = [];
  #pending: string[] = [];
  #pending_chars = 0;
  #chars = 0;
  /** Of each text: its block, and where it ends in it. */
  #block_of = new Uint32Array(1024);
  #ends = new Uint32Array(1024);
  #count = 0;

  constructor(chars_max: number) {
    this.#chars_max = chars_max;
  }

  get wants_text(): boolean {
    return this.#string.wants_text;
  }

  /** The text of this number, or null when the table has none. */
  get(index: number): string | null {
    if (!(index >= 0 && index < this.#count)) return null;
    const block = this.#block_of[index] as number;
    const start = index > 0 && this.#block_of[index - 1] === block ? (this.#ends[index - 1] as number) : 0;
    if (block === this.#blocks.length) this.#seal();
    return (this.#blocks[block] as string).slice(start, this.#ends[index]);
  }

  /** `<si><t>…</t></si>` whose text stands for itself. */
  usual(text: string, at: number): number {
    if (!text.startsWith("<si><t>", at)) return -1;
    const start = at + 7;
    const end = text.indexOf("<", start);
    if (end === -1 || end - start > XML_TOKEN_CHARS_MAX || !text.startsWith("</t></si>", end)) return -1;
    const part = text.slice(start, end);
    if (part.includes("&") || part.includes("_x") || part.charCodeAt(0) <= SPACE || part.charCodeAt(part.length - 1) <= SPACE) return -1;
    this.#add(part);
    return end + 9;
  }

  open(name: string, tag: Parameters<XmlHandler["open"]>[1]): void {
    if (name === "si") this.#string.begin();
    else this.#string.open(name, tag);
  }

  close(name: string): void {
    if (name === "si") this.#add(this.#string.value);
    else this.#string.close(name);
  }

  text(part: string, raw: boolean): void {
    this.#string.text(part, raw);
  }

  #add(text: string): void {
    if (this.#pending_chars > 0 && this.#pending_chars + text.length > BLOCK_CHARS) this.#seal();
    if (this.#count === this.#ends.length) this.#grow();
    this.#pending.push(text);
    this.#pending_chars += text.length;
    this.#chars += text.length + 1;
    this.#block_of[this.#count] = this.#blocks.length;
    this.#ends[this.#count] = this.#pending_chars;
    this.#count++;
    if (this.#chars > this.#chars_max) {
      const most = this.#chars_max.toLocaleString("en-US");
      throw new Refusal("too_large", `the workbook has more than ${most} characters of text: split it, or save the sheet as CSV`);
    }
  }

  #seal(): void {
    this.#blocks.push(this.#pending.join(""));
    this.#pending = [];
    this.#pending_chars = 0;
  }

  #grow(): void {
    this.#block_of = doubled(this.#block_of);
    this.#ends = doubled(this.#ends);
  }
}

function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
