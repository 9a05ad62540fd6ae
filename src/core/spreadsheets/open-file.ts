import type { ByteSource } from "./byte-source";
import { refuseForeign, refuseForeignArchive } from "./foreign";
import type { ReadLimits } from "./limits";
import { numberText } from "./number-text";
import { damaged } from "./problem";
import type { SheetRow } from "./rows";
import { SheetScanner } from "./sheet-scanner";
import type { SheetPart } from "./workbook";
import { decodeXml, scanXml } from "./xml-read";
import { type XmlHandler, XmlScanner } from "./xml-scanner";
import { readDirectory, type ZipEntry } from "./zip-directory";
import { entryBytes, InflateBudget } from "./zip-entry";

export type SheetHead = SheetPart & { rows: number | null; has_data: boolean };

/** A workbook's archive with what it may cost. */
export class OpenFile {
  readonly limits: ReadLimits;
  readonly #source: ByteSource;
  readonly #entries: Map<string, ZipEntry>;
  #budget: InflateBudget;

  private constructor(source: ByteSource, entries: Map<string, ZipEntry>, limits: ReadLimits) {
    this.limits = limits;
    this.#source = source;
    this.#entries = entries;
    this.#budget = new InflateBudget(limits);
  }

  static async open(source: ByteSource, limits: ReadLimits): Promise<OpenFile> {
    await refuseForeign(source);
    const entries = await readDirectory(source);
    refuseForeignArchive(entries);
    return new OpenFile(source, entries, limits);
  }

  resetBudget(): void {
    this.#budget = new InflateBudget(this.limits);
  }

  async scan(part: string, handler: XmlHandler): Promise<boolean> {
    const entry = this.#entries.get(part);
    if (!entry) return false;
    await scanXml(entryBytes(this.#source, entry, this.#budget), handler);
    return true;
  }

  async *rows(part: string, scanner: SheetScanner): AsyncGenerator<SheetRow[], void> {
    const entry = this.#entries.get(part);
    if (!entry) throw damaged("a sheet is missing");
    const xml = new XmlScanner(scanner);
    for await (const text of decodeXml(entryBytes(this.#source, entry, this.#budget))) {
      xml.feed(text);
      if (scanner.rows.length > 0) yield scanner.rows;
      scanner.rows = [];
      if (scanner.finished) return;
    }
    throw damaged("a sheet ends before its last row");
  }

  /** What the list of sheets says about this one; whether it has data only where that is asked. */
  async headOf(sheet: SheetPart, wants_data: boolean): Promise<SheetHead> {
    const blank = { showOf: () => numberText, date1904: false, limits: this.limits };
    const scanner = new SheetScanner({ ...blank, sharedString: () => "text" });
    const head = { ...sheet, rows: null, has_data: false };
    const entry = this.#entries.get(sheet.part);
    if (!entry) return head;
    const xml = new XmlScanner(scanner);
    for await (const text of decodeXml(entryBytes(this.#source, entry, this.#budget))) {
      xml.feed(text);
      if (!wants_data || scanner.rows.length > 0 || scanner.finished) break;
    }
    return { ...head, rows: scanner.claimed_rows, has_data: wants_data && scanner.rows.length > 0 };
  }
}
