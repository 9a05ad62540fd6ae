/** Reads `.xlsx` and `.xlsm` files (ECMA-376) by range reads alone, sheet by sheet, row by row. */

import type { ByteSource } from "./byte-source";
import { type ReadLimits, withDefaults } from "./limits";
import { OpenFile, type SheetHead } from "./open-file";
import { Refusal, type Refused, refusedBy } from "./problem";
import { asBatches, type RowBatches, type SheetRow } from "./rows";
import { SharedStrings } from "./shared-strings";
import { SheetScanner } from "./sheet-scanner";
import { Styles } from "./styles";
import { readWorkbookParts, type SheetPart, type WorkbookParts } from "./workbook";

export type ReadXlsxOptions = {
  /** A name, or a position from 1 among all sheets. Without it: the first visible sheet that has data. */
  sheet?: string | number;
  /**
   * What to show for dates that follow the viewer's region, as a format code such as "dd.mm.yyyy": the file does not say what the
   * sheet showed. Without it "yyyy-mm-dd".
   */
  short_date?: string;
  limits?: Partial<ReadLimits>;
};

/** `rows` is the last used row as the file claims it; absent when it makes no claim. */
export type SheetInfo = { name: string; rows?: number; hidden: boolean };

export type XlsxWorkbook = {
  sheets: SheetInfo[];
  /** The name of the sheet that `rows` reads. */
  sheet: string;
  /** The rows of the sheet in order. Each call reads the sheet again. */
  rows: () => RowBatches;
  /** Whole sentences for people; complete once `rows` has ended. */
  warnings: () => string[];
};

export type XlsxResult = { ok: true; workbook: XlsxWorkbook } | Refused;

const SHORT_DATE = "yyyy-mm-dd";

/** Opens the workbook and chooses the sheet: some five small range reads, and one for each sheet. */
export async function readXlsx(source: ByteSource, options: ReadXlsxOptions = {}): Promise<XlsxResult> {
  try {
    const file = await OpenFile.open(source, withDefaults(options.limits));
    const parts = await readWorkbookParts((part, handler) => file.scan(part, handler));
    const heads: SheetHead[] = [];
    for (const sheet of parts.sheets) heads.push(await file.headOf(sheet, wantsData(options.sheet, sheet, heads)));
    const chosen = chooseSheet(heads, options.sheet);
    const reading = { file, parts, part: chosen.part, short_date: options.short_date ?? SHORT_DATE };
    let warnings: string[] = [];
    const keep = (found: string[]) => {
      warnings = found;
    };
    const workbook = {
      sheets: heads.map(infoOf),
      sheet: chosen.name,
      rows: () => asBatches(rowsOf(reading, keep)),
      warnings: () => warnings,
    };
    return { ok: true, workbook };
  } catch (error) {
    return refusedBy(error);
  }
}

/** Looking for data may read a whole sheet, so it ends with the first find. */
function wantsData(chosen: string | number | undefined, sheet: SheetPart, before: readonly SheetHead[]): boolean {
  return chosen === undefined && !sheet.hidden && !before.some(({ has_data }) => has_data);
}

function chooseSheet(heads: readonly SheetHead[], chosen: string | number | undefined): SheetHead {
  if (chosen === undefined) {
    const found = heads.find(({ has_data }) => has_data);
    if (!found) throw new Refusal("invalid", "no visible sheet of the workbook has any data");
    return found;
  }
  const wanted = String(chosen).trim().toLowerCase();
  const found =
    typeof chosen === "number"
      ? heads[chosen - 1]
      : (heads.find(({ name }) => name === chosen) ?? heads.find(({ name }) => name.trim().toLowerCase() === wanted));
  if (found) return found;
  const names = heads.map(({ name }) => `"${name}"`).join(", ");
  throw new Refusal("no_such_sheet", `the workbook has no sheet ${typeof chosen === "number" ? chosen : `"${chosen}"`}, it has ${names}`);
}

function infoOf({ name, rows, hidden }: SheetHead): SheetInfo {
  return rows === null ? { name, hidden } : { name, rows, hidden };
}

type SheetReading = { file: OpenFile; parts: WorkbookParts; part: string; short_date: string };

async function* rowsOf(
  { file, parts, part, short_date }: SheetReading,
  warn: (warnings: string[]) => void,
): AsyncGenerator<SheetRow[], void> {
  file.resetBudget();
  const { date1904 } = parts;
  const strings = new SharedStrings(file.limits.shared_bytes);
  if (parts.shared_strings !== null) await file.scan(parts.shared_strings, strings);
  const styles = new Styles({ date1904, short_date });
  if (parts.styles !== null) await file.scan(parts.styles, styles);
  const showOf = (style: number) => styles.showOf(style);
  const scanner = new SheetScanner({ sharedString: (index) => strings.get(index), showOf, date1904, limits: file.limits });
  yield* file.rows(part, scanner);
  warn(cellWarnings(scanner));
}

function cellWarnings({ error_cells, formulas_without_value }: SheetScanner): string[] {
  const warnings: string[] = [];
  if (error_cells > 0) warnings.push(`${emptied(error_cells)} an error such as #N/A`);
  if (formulas_without_value > 0) {
    warnings.push(`${emptied(formulas_without_value)} a formula without its result: open the file in Excel and save it again`);
  }
  return warnings;
}

function emptied(count: number): string {
  return count === 1 ? "1 cell was read as empty since it holds" : `${count} cells were read as empty since they hold`;
}
