import { joinedText, type XmlTag } from "./xml-scanner";
import { attribute, resolveEntities, resolveOfficeEscapes } from "./xml-text";

const EDGE_SPACE = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/** One string item, shared or inline: its plain or rich texts joined, without phonetic runs (ECMA-376 part 1, 18.4.8). */
export class StringText {
  wants_text = false;
  value = "";
  #part = "";
  #keeps_space = false;
  #phonetic = false;

  begin(): void {
    this.value = "";
    this.#phonetic = false;
  }

  open(name: string, tag: XmlTag): void {
    if (name === "rPh") this.#phonetic = true;
    if (name !== "t" || this.#phonetic) return;
    this.wants_text = true;
    this.#part = "";
    this.#keeps_space = attribute(tag, "space") === "preserve";
  }

  close(name: string): void {
    if (name === "rPh") this.#phonetic = false;
    if (name !== "t" || !this.wants_text) return;
    this.wants_text = false;
    // Excel too drops spaces at the ends unless they are marked as meant.
    const part = this.#keeps_space ? this.#part : this.#part.replace(EDGE_SPACE, "");
    this.value = joinedText(this.value, resolveOfficeEscapes(part));
  }

  text(part: string, raw: boolean): void {
    this.#part = joinedText(this.#part, raw ? resolveEntities(part) : part);
  }
}
