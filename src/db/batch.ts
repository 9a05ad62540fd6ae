/**
 * What D1 allows, known in this file alone (Cloudflare: D1 limits). One statement takes at most 100 parameters and 2 MB a value,
 * so many rows travel as one JSON parameter that the SQL opens with json_each, at most 1,000 rows and 500,000 characters at a time.
 * Such SQL puts the JSON side first and says CROSS JOIN: else SQLite may scan the table and parse the JSON again for every row.
 */
import type { Statement, UnitDb } from "../context";
import { AppError } from "../errors";

const BULK_ROWS_MAX = 1_000;
/** A character is at most three bytes in UTF-8: well below 2 MB. */
const BULK_CHARS_MAX = 500_000;
/** As many writers of one thing at once can land. */
const COMMIT_TRIES_MAX = 20;

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

/** A batch rolled back because a key of `table` was taken, or because (`commit_guards`) what it was planned on had changed. */
export class CommitConflict extends Error {
  constructor(readonly table: string) {
    super(`commit conflict on ${table}`);
    this.name = "CommitConflict";
  }
}

/** Plans and commits, again for as long as what was planned on changes meanwhile. Throws unavailable when that does not end. */
export async function untilCommitted<Result>(planAndCommit: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; tries <= COMMIT_TRIES_MAX; tries++) {
    try {
      return await planAndCommit();
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
    }
  }
  throw new AppError("unavailable", "Too many writers at once; try again in a moment");
}

/** Statement that rolls its batch back when the rows of `select` are not empty. `select` yields nothing while the plan still holds. */
export const guardSql = (select: string): string => `INSERT INTO commit_guards (stale) SELECT NULL FROM (${select} LIMIT 1)`;

/** What every event is held against, and so has to be a moderate number. */
const LIVING_ROWS_MAX = { rulesets: 100, rules: 500, triggers: 200 } as const;

/** Inserts into one of these tables, in one batch. Throws conflict when the unit has as many as it may, deleted ones aside. */
export async function insertIfRoom(
  db: UnitDb,
  table: keyof typeof LIVING_ROWS_MAX,
  writes: readonly Statement[],
): Promise<Record<string, unknown>[][]> {
  const max = LIVING_ROWS_MAX[table];
  try {
    const full = `SELECT 1 FROM (SELECT count(*) AS living FROM ${table} WHERE unit = ?1 AND deleted_at IS NULL) WHERE living >= ${max}`;
    const [, ...results] = await db.batch([db.sql(guardSql(full)), ...writes]);
    return results;
  } catch (error) {
    if (!(error instanceof CommitConflict) || error.table !== "commit_guards") throw error;
    throw new AppError("conflict", `An org unit has at most ${max} ${table}: delete one first`);
  }
}

/** A D1 failure in our own terms; one that says nothing to us comes back as it is. */
export function d1Failure(error: unknown): unknown {
  if (error instanceof AppError || error instanceof CommitConflict) return error;
  // drizzle wraps what D1 says
  if (error instanceof Error && error.cause instanceof Error) return mapped(error.cause.message) ?? error;
  return mapped(error instanceof Error ? error.message : String(error)) ?? error;
}

function mapped(message: string): Error | null {
  const taken = /constraint failed: (\w+)\./.exec(message);
  if (taken?.[1]) return new CommitConflict(taken[1]);
  if (/overloaded|Network connection lost|storage caused object to be reset|transient issue|exceeded timeout/i.test(message)) {
    return new AppError("unavailable", "The database is busy; try again in a moment");
  }
  return null;
}

/** Runs groups of statements in one round trip; answers what a group found, over all its statements. */
export async function queryGroups<Name extends string>(
  db: UnitDb,
  groups: Record<Name, readonly Statement[]>,
): Promise<<Row>(name: Name) => Row[]> {
  const entries = Object.entries(groups) as [Name, readonly Statement[]][];
  const results = await db.batch(entries.flatMap(([, statements]) => statements));
  const found = new Map<Name, Record<string, unknown>[]>();
  let from = 0;
  for (const [name, { length }] of entries) {
    found.set(name, results.slice(from, from + length).flat());
    from += length;
  }
  return <Row>(name: Name) => (found.get(name) ?? []) as Row[];
}
