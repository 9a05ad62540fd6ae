/**
 * What D1 allows, known in this file alone (Cloudflare: D1 limits). One statement takes at most 100 parameters and 2 MB a value,
 * so many rows travel as one JSON parameter that the SQL opens with json_each, at most 1,000 rows and 500,000 characters at a time.
 * Such SQL puts the JSON side first and says CROSS JOIN: else SQLite may scan the table and parse the JSON again for every row.
 */
import type { RowsOf, Statement, UnitDb } from "../context";

const BULK_ROWS_MAX = 1_000;
/** A character is at most three bytes in UTF-8: well below 2 MB. */
const BULK_CHARS_MAX = 500_000;
/** `items` (JSON texts) as JSON arrays that each fit one parameter. No items: no arrays. */
export const jsonArrays = (items: readonly string[]): string[] => slices(items, "[", "]");

/** `members` (`"key":value` as JSON texts) as JSON objects that each fit one parameter. */
export const jsonObjects = (members: readonly string[]): string[] => slices(members, "{", "}");

function slices(items: readonly string[], open: string, close: string): string[] {
  const texts: string[] = [];
  let from = 0;
  let chars = 0;
  for (const [at, item] of items.entries()) {
    if (at > from && (at - from === BULK_ROWS_MAX || chars + item.length > BULK_CHARS_MAX)) {
      texts.push(open + items.slice(from, at).join(",") + close);
      from = at;
      chars = 0;
    }
    chars += item.length + 1;
  }
  if (items.length > from) texts.push(open + items.slice(from).join(",") + close);
  return texts;
}

/** The rows of several groups of statements, read in one round trip: each group's rows in one array. */
export async function queryGroups<const Groups extends Record<string, readonly Statement[]>>(
  db: UnitDb,
  groups: Groups,
): Promise<{ -readonly [Name in keyof Groups]: RowsOf<Groups[Name]>[number] }> {
  const entries = Object.entries(groups);
  const results = await db.batch(entries.flatMap(([, statements]) => statements));
  const found: [string, unknown[]][] = [];
  let from = 0;
  for (const [name, { length }] of entries) {
    found.push([name, results.slice(from, from + length).flat()]);
    from += length;
  }
  return Object.fromEntries(found) as { -readonly [Name in keyof Groups]: RowsOf<Groups[Name]>[number] };
}
