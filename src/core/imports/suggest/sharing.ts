/** Whether the values of a column tell people apart. Pure. */

import type { AliasKind } from "../../../vocabulary";
import { type CleanCell, cleanAliasCell } from "../cells";

export type Sharing = {
  /** rows with at least one valid value */
  identified: number;
  /** rows whose value also stands beside another person */
  shared: number;
  /** rows of the value that most of them share */
  most: number;
  /** distinct values in all identified rows */
  distinct: number;
  /** values of phones without country code */
  bare: number;
  /** cells that Excel rounded */
  rounded: number;
};

/** `people` names the person of each row, "" where the row does not say. */
export function readSharing(kind: AliasKind, cells: readonly string[], people: readonly string[], region: string | null): Sharing {
  const rowsOf = new Map<string, number[]>();
  const sharing: Sharing = { identified: 0, shared: 0, most: 0, distinct: 0, bare: 0, rounded: 0 };
  cells.forEach((cell, row) => {
    const { values, warnings }: CleanCell = cleanAliasCell(kind, cell, { region, repeats_in_file: true });
    if (values.length > 0) sharing.identified++;
    if (warnings.some(({ code }) => code === "excel_rounded")) sharing.rounded++;
    for (const { value } of values) {
      if (kind === "phone" && !value.startsWith("+")) sharing.bare++;
      const rows = rowsOf.get(value);
      if (rows) rows.push(row);
      else rowsOf.set(value, [row]);
    }
  });
  const shared = new Set<number>();
  for (const rows of rowsOf.values()) {
    if (!differ(rows, people)) continue;
    for (const row of rows) shared.add(row);
    sharing.most = Math.max(sharing.most, rows.length);
  }
  return { ...sharing, shared: shared.size, distinct: rowsOf.size };
}

function differ(rows: readonly number[], people: readonly string[]): boolean {
  if (rows.length < 2) return false;
  return new Set(rows.map((row) => people[row] ?? "").filter((person) => person !== "")).size > 1;
}

/** "Lee, Ann", "Ann  LEE" and "ann lee" are one person. */
export function personKey(...names: readonly string[]): string {
  return names
    .join(" ")
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .sort()
    .join(" ");
}
