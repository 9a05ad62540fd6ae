/** How many definitions a unit may have: each event is matched against all of them. */
import type { RowsOf, Statement, UnitDb } from "../context";
import { AppError } from "../errors";
import { CommitConflict, guardSql } from "./commit";

const LIVING_ROWS_MAX = { rulesets: 100, rules: 500, triggers: 200 } as const;

/** Inserts into one of these tables, in one batch. Throws conflict when the unit has as many rows as it may, deleted ones not counted. */
export async function insertIfRoom<const Statements extends readonly Statement[]>(
  db: UnitDb,
  table: keyof typeof LIVING_ROWS_MAX,
  writes: Statements,
): Promise<RowsOf<Statements>> {
  const max = LIVING_ROWS_MAX[table];
  try {
    const full = `SELECT 1 FROM (SELECT count(*) AS living FROM ${table} WHERE unit = ?1 AND deleted_at IS NULL) WHERE living >= ${max}`;
    const [, ...results] = await db.batch([db.sql(guardSql(full)), ...writes]);
    return results as RowsOf<Statements>;
  } catch (error) {
    if (!(error instanceof CommitConflict) || error.table !== "commit_guards") throw error;
    throw new AppError("conflict", `An org unit has at most ${max} ${table}: delete one first`);
  }
}
