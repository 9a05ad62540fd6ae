/** Which texts in an org unit's files are not identifiers: the defaults, unless the unit changes them. */
import { z } from "zod";
import type { Ctx, Statement, UnitDb } from "../../../context";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import { DEFAULT_PLACEHOLDERS } from "../cells";
import { PlaceholderList } from "../schemas";

/** JSON arrays */
type PlaceholdersRow = { added: string; disabled: string };

/** `added`: beside the usual ones; `disabled`: usual ones that are off. */
export type UnitPlaceholders = { added: string[]; disabled: string[] };

/** Fields left out stay as they are. */
export const PlaceholdersChange = z
  .object({ added: PlaceholderList.optional(), disabled: PlaceholderList.optional() })
  .refine(({ added, disabled }) => added !== undefined || disabled !== undefined, "must have at least one of: added, disabled");

export const selectPlaceholders = (db: UnitDb): Statement<PlaceholdersRow> =>
  db.sql("SELECT added, disabled FROM import_placeholders WHERE unit = ?1");

const upsertPlaceholders = (
  db: UnitDb,
  { added, disabled }: { added: string | null; disabled: string | null },
  now: number,
): Statement<PlaceholdersRow> =>
  db.sql(
    `INSERT INTO import_placeholders (unit, added, disabled, updated_at) VALUES (?1, coalesce(?2, '[]'), coalesce(?3, '[]'), ?4)
     ON CONFLICT (unit) DO UPDATE SET added = coalesce(?2, added), disabled = coalesce(?3, disabled), updated_at = ?4
     RETURNING added, disabled`,
    added,
    disabled,
    now,
  );

/** One round trip. */
export async function getPlaceholders(ctx: Ctx): Promise<UnitPlaceholders> {
  const [row] = await ctx.db.all(selectPlaceholders(ctx.db));
  return readPlaceholders(row);
}

/** Changes what is given. One round trip. Throws forbidden (a viewer), invalid_request. */
export async function changePlaceholders(ctx: Ctx, given: z.input<typeof PlaceholdersChange>): Promise<UnitPlaceholders> {
  requireRole(ctx, "editor");
  const { added, disabled } = parseInput(PlaceholdersChange, given);
  const jsonOf = (list: string[] | undefined) => (list === undefined ? null : JSON.stringify([...new Set(list)]));
  const [row] = await ctx.db.all(upsertPlaceholders(ctx.db, { added: jsonOf(added), disabled: jsonOf(disabled) }, ctx.now()));
  return readPlaceholders(row);
}

/** The patterns of an import that names none itself; undefined: the usual ones. */
export function unitPatterns(row: PlaceholdersRow | undefined): string[] | undefined {
  if (!row) return undefined;
  const { added, disabled } = readPlaceholders(row);
  const off = new Set(disabled.map(folded));
  return [...DEFAULT_PLACEHOLDERS.filter((pattern) => !off.has(folded(pattern))), ...added];
}

const folded = (pattern: string): string => pattern.normalize("NFC").trim().toLowerCase();

function readPlaceholders(row: PlaceholdersRow | undefined): UnitPlaceholders {
  return row ? { added: JSON.parse(row.added), disabled: JSON.parse(row.disabled) } : { added: [], disabled: [] };
}
