/** Whether a version is imported by itself or waits for a person. Pure, but for the share of placeholders. */
import type { Ctx } from "../../../context";
import type { CsvRow } from "../../csv";
import { cleanAliasCell } from "../cells";
import { type ImportFile, readRows } from "../file";
import { type RowReader, rowReader } from "../import-row";
import type { StoredMapping } from "../mapping";
import type { ImportSource, PendingVersion, SourceStops, StopReason } from "./source";

/** The headers of a version against those of the one before; nothing for the first version. */
export function driftOf(before: readonly string[] | null, headers: readonly string[]): StopReason[] {
  if (before === null) return [];
  const missing = before.filter((header) => !headers.includes(header));
  const added = headers.filter((header) => !before.includes(header));
  if (missing.length === 0 && added.length === 0) return [];
  const parts = [missing.length > 0 ? `gone: ${missing.join(", ")}` : "", added.length > 0 ? `new: ${added.join(", ")}` : ""];
  return [
    { code: "headers_drifted", message: `The columns have changed (${parts.filter(Boolean).join("; ")})`.slice(0, MESSAGE_CHARS_MAX) },
  ];
}

const MESSAGE_CHARS_MAX = 500;

/** Why the plan's counts exceed the stops. */
export function excessOf(
  { changed_percent, failed_percent }: SourceStops,
  { counts, total_rows }: Pick<PendingVersion, "counts" | "total_rows">,
): StopReason[] {
  if (counts === null) return [];
  return [
    ...beyond("changed", counts.changed, total_rows, changed_percent, "of the rows would change a lead"),
    ...beyond("failed", counts.failed, total_rows, failed_percent, "of the rows would fail"),
  ];
}

function beyond(code: StopReason["code"], rows: number, total: number, limit: number | null, what: string): StopReason[] {
  const share = total === 0 ? 0 : (100 * rows) / total;
  return limit === null || share <= limit ? [] : [{ code, message: `${share.toFixed(1)} % ${what}; at most ${limit} % do by themselves` }];
}

/** Rows with a placeholder in place of an identifier. Reads the whole file. */
export async function floodOf(ctx: Ctx, { stops }: ImportSource, file: ImportFile, mapping: StoredMapping): Promise<StopReason[]> {
  const reader = rowReader(mapping);
  let flooded = 0;
  let total = 0;
  for (const chunk of file.chunks) {
    const rows = (await readRows(ctx.files, file, chunk)) ?? [];
    flooded += rows.filter((row) => hasPlaceholder(row, reader)).length;
    total += rows.length;
  }
  return beyond("placeholders", flooded, total, stops.placeholder_percent, "of the rows hold a placeholder in place of an identifier");
}

const hasPlaceholder = ({ cells }: CsvRow, { columns, placeholders, repeated, region }: RowReader): boolean =>
  columns.some(({ column, kind }) => {
    const cell = cells[column]?.trim() ?? "";
    if (cell === "") return false;
    const repeats_in_file = repeated.get(column)?.has(cell) === true;
    return cleanAliasCell(kind, cell, { region, placeholders, repeats_in_file }).warnings.some(({ code }) => code === "placeholder");
  });
