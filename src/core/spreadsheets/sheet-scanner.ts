/** From the XML of one sheet to its rows. */

import { columnOf, rowOf } from "./cell-reference";
import { serialOf } from "./date-text";
import { type ReadLimits, ROW_CHARS_MAX, XML_TOKEN_CHARS_MAX } from "./limits";
import type { ShowNumber } from "./number-format";
import { damaged, Refusal } from "./problem";
import type { SheetRow } from "./rows";
import { StringText } from "./string-text";
import { usualCellTagEnd } from "./usual-cell";
import { joinedText, type XmlHandler, type XmlTag } from "./xml-scanner";
import { attribute, resolveEntities, resolveOfficeEscapes } from "./xml-text";

export type SheetContext = {
  /** A shared string, or null when there is none of this number. */
  sharedString: (index: number) => string | null;
  showOf: (style: number) => ShowNumber;
  date1904: boolean;
  limits: ReadLimits;
};

export class SheetScanner implements XmlHandler {
  wants_text = false;
  /** Complete rows, to be taken away by the caller. */
  rows: SheetRow[] = [];
  /** Whether the rows are complete: what follows them does not matter. */
  finished = false;
  /** The last row of the used range, as the file claims it. */
  claimed_rows: number | null = null;
  error_cells = 0;
  formulas_without_value = 0;

  readonly #context: SheetContext;
  readonly #inline = new StringText();
  #row = 0;
  #cells: string[] = [];
  #width = 0;
  #cell_count = 0;
  #row_chars = 0;
  #text_chars = 0;
  #column = 0;
  #type = "n";
  #style = 0;
  #value = "";
  #formula = false;
  #in_inline = false;

  constructor(context: SheetContext) {
    this.#context = context;
  }

  /** `<c …><v>…</v></c>`, as nearly all cells are written. */
  usual(text: string, at: number): number {
    const tag_end = this.#in_inline ? -1 : usualCellTagEnd(text, at);
    if (tag_end === -1) return -1;
    const start = tag_end + 4;
    const end = text.indexOf("<", start);
    if (end === -1 || end - start > XML_TOKEN_CHARS_MAX || !text.startsWith("</v></c>", end)) return -1;
    this.#openCell({ text, from: at + 2, to: tag_end });
    this.#value = resolveEntities(text.slice(start, end));
    this.#closeCell();
    return end + 8;
  }

  open(name: string, tag: XmlTag): void {
    if (this.#in_inline) {
      this.#inline.open(name, tag);
      this.wants_text = this.#inline.wants_text;
      return;
    }
    switch (name) {
      case "c":
        this.#openCell(tag);
        break;
      case "v":
        this.wants_text = true;
        break;
      case "row":
        this.#openRow(tag);
        break;
      case "f":
        this.#formula = true;
        break;
      case "is":
        this.#in_inline = true;
        this.#inline.begin();
        break;
      case "dimension":
        this.claimed_rows = rowOf(attribute(tag, "ref")?.split(":").at(-1) ?? "");
        break;
    }
  }

  close(name: string): void {
    if (this.#in_inline && name !== "is") {
      this.#inline.close(name);
      this.wants_text = this.#inline.wants_text;
      return;
    }
    switch (name) {
      case "c":
        this.#closeCell();
        break;
      case "v":
        this.wants_text = false;
        break;
      case "row":
        this.#closeRow();
        break;
      case "is":
        this.#in_inline = false;
        this.#value = this.#inline.value;
        this.#type = "inlineStr";
        break;
      case "sheetData":
        this.finished = true;
        break;
    }
  }

  text(part: string, raw: boolean): void {
    if (this.#in_inline) this.#inline.text(part, raw);
    else this.#value = joinedText(this.#value, raw ? resolveEntities(part) : part);
  }

  #openRow(tag: XmlTag): void {
    const given = attribute(tag, "r");
    const row = given === null ? this.#row + 1 : Number(given);
    if (!(row > this.#row))
      throw new Refusal("invalid", `row ${given} of the sheet follows row ${this.#row}: open the file in Excel and save it again`);
    const { rows } = this.#context.limits;
    if (row > rows) throw new Refusal("too_large", `the sheet has more than ${rows.toLocaleString("en-US")} rows: split it`);
    this.#row = row;
    this.#cells = [];
    this.#width = 0;
    this.#column = 0;
    this.#row_chars = 0;
  }

  #closeRow(): void {
    if (this.#width === 0) return;
    this.#cells.length = this.#width;
    this.rows.push({ row: this.#row, cells: this.#cells });
  }

  #openCell(tag: XmlTag): void {
    this.#style = 0;
    this.#type = "n";
    this.#value = "";
    this.#formula = false;
    const { text, to } = tag;
    let referenced = false;
    // By hand, and not attribute by attribute: this runs for each cell of the sheet.
    for (let at = tag.from; at < to; ) {
      const equals = text.indexOf("=", at);
      if (equals === -1 || equals >= to) break;
      const quote = text.charAt(equals + 1);
      const end = quote === '"' || quote === "'" ? text.indexOf(quote, equals + 2) : -1;
      if (end === -1 || end >= to) {
        this.#openOddCell(tag);
        return;
      }
      if (text.charCodeAt(equals - 2) <= 0x20) {
        const name = text.charAt(equals - 1);
        if (name === "s") this.#style = Number(text.slice(equals + 2, end));
        else if (name === "t") this.#type = text.slice(equals + 2, end);
        else if (name === "r") {
          this.#placeCell(columnOf(text, equals + 2));
          referenced = true;
        }
      }
      at = end + 1;
    }
    if (!referenced) this.#placeCell(this.#column + 1);
  }

  /** Spaces around the equals sign: legal, and written by hand only. */
  #openOddCell(tag: XmlTag): void {
    const reference = attribute(tag, "r");
    this.#style = Number(attribute(tag, "s") ?? 0);
    this.#type = attribute(tag, "t") ?? "n";
    this.#placeCell(reference === null ? this.#column + 1 : columnOf(reference));
  }

  #placeCell(column: number): void {
    if (column === 0) throw damaged(`a cell in row ${this.#row} has no valid reference`);
    this.#column = column;
    this.#cell_count++;
  }

  #closeCell(): void {
    const shown = this.#shown();
    if (this.#formula && this.#value === "" && this.#type !== "str" && this.#type !== "e") this.formulas_without_value++;
    if (shown === "") return;
    this.#guardSize(shown.length);
    for (let width = this.#cells.length; width < this.#column - 1; width++) this.#cells.push("");
    this.#cells[this.#column - 1] = shown;
    this.#width = Math.max(this.#width, this.#column);
  }

  #shown(): string {
    const value = this.#value;
    switch (this.#type) {
      case "s":
        return value === "" ? "" : this.#shared(value);
      case "inlineStr":
        return value;
      case "str":
        return resolveOfficeEscapes(value);
      case "b":
        return value === "" ? "" : value.trim() === "1" || value.trim() === "true" ? "TRUE" : "FALSE";
      case "e":
        this.error_cells++;
        return "";
      case "d":
        return this.#isoDate(value.trim());
      default:
        return value === "" ? "" : this.#context.showOf(this.#style)(value.trim());
    }
  }

  #shared(value: string): string {
    const text = this.#context.sharedString(Number(value));
    if (text === null) throw damaged(`a cell in row ${this.#row} has lost its text`);
    return text;
  }

  #isoDate(value: string): string {
    const serial = serialOf(value, this.#context.date1904);
    return serial === null ? value : this.#context.showOf(this.#style)(String(serial));
  }

  #guardSize(chars: number): void {
    const { cells, columns, text_chars } = this.#context.limits;
    this.#row_chars += chars;
    this.#text_chars += chars;
    if (this.#row_chars > ROW_CHARS_MAX)
      throw new Refusal("too_large", `row ${this.#row} of the sheet is longer than 1,000,000 characters`);
    if (this.#text_chars > text_chars)
      throw new Refusal("too_large", "the cells of the sheet show more text than can be imported: split it");
    if (this.#column > columns) {
      throw new Refusal("too_large", `row ${this.#row} of the sheet has more than ${columns.toLocaleString("en-US")} columns`);
    }
    if (this.#cell_count > cells)
      throw new Refusal("too_large", `the sheet has more than ${cells.toLocaleString("en-US")} cells: split it`);
  }
}
