/** Opens D1: the directory of tenants through drizzle, the leads of one org unit through statements that carry the unit. */
import { drizzle } from "drizzle-orm/d1";
import type { Directory, RowsOf, ShardDb, SqlRow, SqlValue, Statement, UnitDb } from "../context";
import { countUse } from "../usage";
import { d1Failure } from "./failure";
import { WATCHED_SQL } from "./watched";

export type { ShardDb };

type D1 = Pick<D1Database, "prepare" | "batch">;

/** One drizzle for each binding: making it costs more than most requests. */
const directories = new WeakMap<D1Database, Directory>();

export function openDirectory(d1: D1Database): Directory {
  const known = directories.get(d1) ?? drizzle(d1);
  directories.set(d1, known);
  return known;
}

/** `onWatched`: called after a commit that changed leads of a unit that follows its changes (see watched.ts). */
export function openUnitDb(d1: D1, unit: number, onWatched: () => Promise<void> = async () => {}): UnitDb {
  const prepare = (statement: Statement) => d1.prepare(statement.text).bind(statement.unit, ...statement.params);
  let sqlMs = 0;
  const note = (statement: Statement | undefined, meta: D1Meta) => {
    sqlMs += meta.duration;
    countWrites(statement, meta);
  };
  return {
    unit,
    sql<Row>(text: string, ...params: SqlValue[]): Statement<Row> {
      if (!/\?1(?!\d)/.test(text)) throw new Error(`statement without its org unit: ${text}`);
      return { unit, text, params } as unknown as Statement<Row>;
    },
    async all<Row>(statement: Statement<Row>): Promise<Row[]> {
      try {
        const result = await prepare(statement).all<Row>();
        note(statement, result.meta);
        if (isWatched(statement, result.results)) await onWatched();
        return result.results;
      } catch (error) {
        throw d1Failure(error);
      }
    },
    async batch<const Statements extends readonly Statement[]>(statements: Statements) {
      try {
        const results = await d1.batch(statements.map(prepare));
        for (const [at, { meta }] of results.entries()) note(statements[at], meta);
        if (results.some(({ results: rows }, at) => isWatched(statements[at], rows))) await onWatched();
        return results.map((result) => result.results) as RowsOf<Statements>;
      } catch (error) {
        throw d1Failure(error);
      }
    },
    sqlMs: () => sqlMs,
  };
}

const isWatched = (statement: Statement | undefined, [row]: readonly unknown[]): boolean =>
  statement?.text.endsWith(WATCHED_SQL) === true && (row as { watched: number } | undefined)?.watched === 1;

/** What an INSERT is given is about what it stores; changes and deletions are seen when the unit is measured. */
function countWrites(statement: Statement | undefined, meta: D1Meta): void {
  if (!statement || !(meta.rows_written > 0)) return;
  countUse(statement.unit, "rows_written", meta.rows_written);
  if (!statement.text.startsWith("INSERT")) return;
  countUse(
    statement.unit,
    "stored_bytes",
    statement.params.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0),
  );
}

export const openShardDb = (d1: D1): ShardDb => ({
  all: async <Row>(text: string, ...params: SqlValue[]) =>
    (
      await d1
        .prepare(text)
        .bind(...params)
        .all<Row>()
    ).results,
  run: async (text, ...params) => {
    await d1
      .prepare(text)
      .bind(...params)
      .run();
  },
  batch: async (statements) =>
    (await d1.batch<SqlRow>(statements.map(({ text, params }) => d1.prepare(text).bind(...params)))).map(({ results }) => results),
});
