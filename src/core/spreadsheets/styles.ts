/** The number formats of `styles.xml`: which function shows the numbers of which cell style. */

import { type FormatSettings, type ShowNumber, showNumberBy } from "./number-format";
import { numberText } from "./number-text";
import type { XmlHandler, XmlTag } from "./xml-scanner";
import { attribute } from "./xml-text";

const STYLES_MAX = 100_000;

/**
 * Formats by their number alone (ECMA-376 part 1, 18.8.30). 14 and 22 follow the viewer's region, so does each of 27 to 36 and 50 to 58
 * (East Asian dates): the file does not say what the sheet showed.
 */
const BUILT_IN: Record<number, string> = {
  9: "0%",
  10: "0.00%",
  15: "d-mmm-yy",
  16: "d-mmm",
  17: "mmm-yy",
  18: "h:mm AM/PM",
  19: "h:mm:ss AM/PM",
  20: "h:mm",
  21: "h:mm:ss",
  45: "mm:ss",
  46: "[h]:mm:ss",
  47: "mm:ss.0",
};
const EAST_ASIAN_TIMES = new Set([32, 33, 34, 35, 55, 56]);

export class Styles implements XmlHandler {
  wants_text = false;
  readonly #settings: FormatSettings;
  readonly #codes = new Map<number, string>();
  readonly #shows = new Map<number, ShowNumber>();
  #formats: number[] = [];
  #in_cell_styles = false;

  constructor(settings: FormatSettings) {
    this.#settings = settings;
  }

  /** How the numbers of this cell style are shown. */
  showOf(style: number): ShowNumber {
    const id = this.#formats[style] ?? 0;
    let show = this.#shows.get(id);
    if (!show) {
      const code = this.#codes.get(id) ?? builtIn(id, this.#settings.short_date);
      show = code === null ? numberText : showNumberBy(code, this.#settings);
      this.#shows.set(id, show);
    }
    return show;
  }

  open(name: string, tag: XmlTag): void {
    if (name === "numFmt") this.#codes.set(Number(attribute(tag, "numFmtId")), attribute(tag, "formatCode") ?? "General");
    if (name === "cellXfs") this.#in_cell_styles = true;
    if (name === "xf" && this.#in_cell_styles && this.#formats.length < STYLES_MAX)
      this.#formats.push(Number(attribute(tag, "numFmtId") ?? 0));
  }

  close(name: string): void {
    if (name === "cellXfs") this.#in_cell_styles = false;
  }

  text(): void {}
}

function builtIn(id: number, short_date: string): string | null {
  if (id === 14) return short_date;
  if (id === 22) return `${short_date} hh:mm`;
  if (EAST_ASIAN_TIMES.has(id)) return "hh:mm:ss";
  if ((id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return short_date;
  return BUILT_IN[id] ?? null;
}
