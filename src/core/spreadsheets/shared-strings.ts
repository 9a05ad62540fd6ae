/** The table of texts that cells point to: the only thing of a workbook that is held in memory. */

import { XML_TOKEN_CHARS_MAX } from "./limits";
import { Refusal } from "./problem";
import { StringText } from "./string-text";
import type { XmlHandler } from "./xml-scanner";

const BLOCK_CHARS = 65_536;
const ENDS_PER_SEGMENT = 65_536;
const SPACE = 0x20;
/** A character beyond Latin-1: a string that has one takes two bytes for every character. */
const WIDE = /[^\0-\xff]/;

/**
 * Texts in blocks of 64 K characters with their positions in typed arrays: a string object each would cost more than most texts do, and a
 * slice of the scanned XML would keep all of the XML alive.
 */
export class SharedStrings implements XmlHandler {
  readonly #bytes_max: number;
  readonly #string = new StringText();
  readonly #blocks: string[] = [];
  #pending: string[] = [];
  #pending_chars = 0;
  /** Of the blocks. */
  #bytes = 0;
  #chars = 0;
  /** Where each block begins, and where each text ends, counted in the characters of all texts. */
  readonly #starts: number[] = [];
  readonly #ends: Uint32Array[] = [];
  #count = 0;

  constructor(bytes_max: number) {
    this.#bytes_max = bytes_max;
  }

  get wants_text(): boolean {
    return this.#string.wants_text;
  }

  /** The text of this number, or null when the table has none. */
  get(index: number): string | null {
    if (!(index >= 0 && index < this.#count)) return null;
    if (this.#pending.length > 0) this.#seal();
    const start = index === 0 ? 0 : this.#endOf(index - 1);
    const block = lastAtMost(this.#starts, start);
    const from = this.#starts[block] as number;
    return (this.#blocks[block] as string).slice(start - from, this.#endOf(index) - from);
  }

  #endOf(index: number): number {
    return (this.#ends[Math.floor(index / ENDS_PER_SEGMENT)] as Uint32Array)[index % ENDS_PER_SEGMENT] as number;
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
    this.#pending.push(text);
    this.#pending_chars += text.length;
    this.#chars += text.length;
    const place = this.#count++ % ENDS_PER_SEGMENT;
    if (place === 0) this.#ends.push(new Uint32Array(ENDS_PER_SEGMENT));
    (this.#ends.at(-1) as Uint32Array)[place] = this.#chars;
    if (this.#bytes + 2 * this.#pending_chars + this.#count * Uint32Array.BYTES_PER_ELEMENT > this.#bytes_max) {
      const most = (this.#bytes_max / 1e6).toLocaleString("en-US");
      throw new Refusal("too_large", `the texts of the workbook take more than ${most} MB: split it, or save the sheet as CSV`);
    }
  }

  #seal(): void {
    const block = this.#pending.join("");
    const isWide = WIDE.test(block);
    this.#starts.push(this.#chars - this.#pending_chars);
    // cut out of wide XML it would stay wide; decoded anew it takes a byte for each character
    this.#blocks.push(isWide ? block : decoder.decode(encoder.encode(block)));
    this.#bytes += isWide ? 2 * block.length : block.length;
    this.#pending = [];
    this.#pending_chars = 0;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Where the last of the ascending numbers is that is at most `value`. */
function lastAtMost(numbers: readonly number[], value: number): number {
  let [low, high] = [0, numbers.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
