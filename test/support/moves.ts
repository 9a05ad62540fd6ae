/** Moves of org units between the two databases, run by hand so that a test decides when and how far. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { CallerCtx, ShardDb, SqlRow, SqlValue } from "../../src/context";
import { type Move, type MoveWorld, runMove, startMove } from "../../src/core/moves";
import { MOVED_TABLES } from "../../src/core/moves/triggers";
import { shapeOf } from "../../src/db/table-slices";
import { openCaller, openMoves, ready } from "../../src/open-context";

/** As long as isolates may remember where a unit is, and more. */
export const FORGOTTEN_MS = 40_000;
/** A run that died is over by then. */
export const LEASE_OVER_MS = 20_000;

export type Clock = { ms: number };
export type TestWorld = MoveWorld & { clock: Clock };

export const testWorld = (clock: Clock = { ms: Date.now() }): TestWorld => ({ ...openMoves(env), clock, now: () => clock.ms });

export async function operatorCtx({ clock }: TestWorld): Promise<CallerCtx> {
  await ready(env);
  return { ...openCaller(env, { kind: "operator" }, "req_test"), now: () => clock.ms };
}

/** A move that nobody runs yet: no message is sent for it. */
export const beginMove = async (world: TestWorld, organization_id: string, shard: number, unit_id = "unit_default"): Promise<Move> =>
  startMove(await operatorCtx(world), { organization_id, unit_id }, { shard }, world);

export const readMove = async (moveId: string): Promise<Move> =>
  (await env.DB.prepare("SELECT * FROM unit_moves WHERE move_id = ?1").bind(moveId).first<Move>()) as Move;

/** Runs the move until it is in this state, waiting by the clock where it waits. */
export async function runUntil(world: TestWorld, moveId: string, isDone: (move: Move) => boolean): Promise<Move> {
  for (let runs = 0; runs < 500; runs++) {
    const move = await readMove(moveId);
    if (isDone(move)) return move;
    world.clock.ms = Math.max(world.clock.ms, move.due_at);
    await runMove(world, moveId, () => false);
  }
  throw new Error(`the move has not come to an end: ${JSON.stringify(await readMove(moveId))}`);
}

export const isSwitched = ({ status }: Move): boolean => status === "completed";
export const isRemoved = ({ removed_at }: Move): boolean => removed_at !== null;
export const isClosed = ({ closed_at }: Move): boolean => closed_at !== null;

/** Every row of the unit in a database, by table, in the order of the primary key. */
export async function dump(database: D1Database, unit: number): Promise<Record<string, SqlRow[]>> {
  const rows = await database.batch<SqlRow>(
    MOVED_TABLES.map((table) =>
      database.prepare(`SELECT * FROM ${table} WHERE unit = ?1 ORDER BY ${shapeOf(table).key.join(", ")}`).bind(unit),
    ),
  );
  return Object.fromEntries(MOVED_TABLES.flatMap((table, at) => (rows[at]?.results.length ? [[table, rows[at].results]] : [])));
}

export const triggersOf = async (database: D1Database): Promise<string[]> =>
  (
    await database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'mov%' ORDER BY 1").all<{ name: string }>()
  ).results.map(({ name }) => name);

/** Nothing of the unit, nor of its moves, is left in the database. */
export async function expectNothingLeft(database: D1Database, { move_id, unit }: Move): Promise<void> {
  expect(await dump(database, unit)).toEqual({});
  expect((await triggersOf(database)).filter((name) => name.startsWith(move_id))).toEqual([]);
  expect(await database.prepare("SELECT count(*) AS n FROM move_changes WHERE move_id = ?1").bind(move_id).first("n")).toBe(0);
}

type Around = (call: () => Promise<unknown>, what: string) => Promise<unknown>;

/** The same world, in which `around` sees every call of a database: it may act before and after it, and throw. */
export function watched(world: TestWorld, around: Around): TestWorld {
  const through = <Result>(call: () => Promise<Result>, what: string) => around(call, what) as Promise<Result>;
  const watchDb = (db: ShardDb): ShardDb => ({
    all: <Row>(text: string, ...params: SqlValue[]) => through(() => db.all<Row>(text, ...params), text),
    run: (text, ...params) => through(() => db.run(text, ...params), text),
    batch: (statements) => through(() => db.batch(statements), statements.map(({ text }) => text).join("\n")),
  });
  const directory = new Proxy(world.directory, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name === "batch") return (queries: never) => through(() => target.batch(queries), "directory");
      return value.bind(target);
    },
  });
  return { ...world, directory, shards: world.shards.map(watchDb) };
}

/** A process that dies at its `at`th call of a database, before the call or after it, and does nothing from then on. */
export function mortal(world: TestWorld, at: number, isAfter: boolean, before: () => Promise<void> = async () => {}): TestWorld {
  let calls = 0;
  const alive = watched(world, async (call) => {
    calls += 1;
    if (calls > at) throw new Error("dead");
    await before();
    if (calls < at) return call();
    if (isAfter) await call();
    throw new Error("killed");
  });
  const directory = new Proxy(alive.directory, {
    get(target, name) {
      if (calls >= at) throw new Error("dead");
      return Reflect.get(target, name, target);
    },
  });
  return { ...alive, directory };
}
