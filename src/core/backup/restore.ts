/** Puts rows of a backup back, table by table, in the order of `RESTORED_TABLES`. */
import type { CallerCtx } from "../../context";
import { jsonArrays } from "../../db/batch";
import type { ShardDb } from "../../db/client";
import { TABLE_SHAPES, type TableShape } from "../../db/table-shapes";
import { AppError } from "../../errors";
import { invalidRequest } from "../../validation";
import { forgetCredentials, forgetProviders, recordChange, requireOperator } from "../auth";
import { forgetErasure } from "../erasure";
import type { BackupWorld } from "./export-organization";
import { findShards } from "./store";
import { DIRECTORY_TABLES, RESTORED_TABLES } from "./tables";

type Row = Record<string, unknown>;

/**
 * Inserts rows (JSON lines) of a table; a row that is there stays as it is, so a call that broke off is repeated. Returns how many the table
 * gained. Org units must be restored before their rows. For the operator alone. Throws forbidden, invalid_request (a line or a table),
 * conflict (another unit has an org unit's key).
 */
export async function restoreTable(ctx: CallerCtx, table: string, lines: string, world: BackupWorld): Promise<{ rows: number }> {
  requireOperator(ctx);
  const shape = RESTORED_TABLES.includes(table) ? TABLE_SHAPES[table] : undefined;
  if (!shape) throw invalidRequest([{ path: "table", message: `must be one of: ${RESTORED_TABLES.join(", ")}` }]);
  const rows = lines.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [readRow(line, at, shape)]));
  let gained = 0;
  for (const [shard, part] of await byShard(ctx, table, rows)) {
    const db = world.shards[shard];
    if (!db) throw new AppError("conflict", `No database is bound for shard ${shard}`);
    gained += await insertRows(db, table, part);
  }
  if (table === "organizations" || table === "org_units") await forgetErasure(world.files, rows);
  if (table === "organizations") await recordAll(ctx, rows);
  if (table === "credentials") forgetCredentials(new Set(rows.map(({ credential_id }) => String(credential_id))));
  if (table === "identity_providers") forgetProviders();
  return { rows: gained };
}

/** Returns how many rows are new. A column that a row leaves out, as those of an older export do, gets its default. */
async function insertRows(db: ShardDb, table: string, rows: readonly Row[]): Promise<number> {
  let gained = 0;
  for (const [names, alike] of Map.groupBy(rows, columnsOf)) {
    const columns: string[] = JSON.parse(names);
    const values = columns.map((name) => `value->>'$."${name}"'`).join(", ");
    const into = columns.map((name) => `"${name}"`).join(", ");
    const sql = `INSERT INTO ${table} (${into}) SELECT ${values} FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING RETURNING 1 AS n`;
    for (const json of jsonArrays(alike.map((row) => JSON.stringify(row)))) {
      gained += (await db.all(sql, json).catch((error: unknown) => Promise.reject(refusal(table, error)))).length;
    }
  }
  return gained;
}

const columnsOf = (row: Row): string => JSON.stringify(Object.keys(row).sort());

/** What SQLite says of a row that breaks a rule of the table, for the operator; any other error as it is. */
function refusal(table: string, error: unknown): unknown {
  const [, reason] = /D1_ERROR: (.*): SQLITE_(?:CONSTRAINT|ERROR|MISMATCH)/s.exec(error instanceof Error ? error.message : "") ?? [];
  return reason === undefined ? error : invalidRequest([{ path: table, message: `the database refuses a row: ${reason.slice(0, 200)}` }]);
}

function readRow(line: string, at: number, { columns, notNull, required }: TableShape): Row {
  const path = `line ${at + 1}`;
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    throw invalidRequest([{ path, message: "is not JSON" }]);
  }
  if (typeof row !== "object" || row === null || Array.isArray(row)) throw invalidRequest([{ path, message: "must be an object" }]);
  const unknown = Object.keys(row).find((name) => !columns.includes(name));
  if (unknown !== undefined) throw invalidRequest([{ path, message: `has a column that the table has not: ${unknown.slice(0, 100)}` }]);
  const missing = required.find((name) => !Object.hasOwn(row, name)) ?? notNull.find((name) => (row as Row)[name] === null);
  if (missing !== undefined) throw invalidRequest([{ path, message: `needs a value in the column ${missing}` }]);
  return row as Row;
}

/** The directory's rows belong to the first database, those of a unit to that of the unit. */
async function byShard(ctx: CallerCtx, table: string, rows: readonly Row[]): Promise<Map<number, Row[]>> {
  if (table in DIRECTORY_TABLES) {
    if (table === "org_units") await requireFreeUnits(ctx, rows);
    return new Map([[0, [...rows]]]);
  }
  const shards = await findShards(ctx.directory, [...new Set(rows.map(({ unit }) => Number(unit)))]);
  return Map.groupBy(rows, ({ unit }) => {
    const known = shards.get(Number(unit));
    if (!known) throw invalidRequest([{ path: "unit", message: `no org unit has the key ${Number(unit)}: restore org_units first` }]);
    return known.shard;
  });
}

async function requireFreeUnits(ctx: CallerCtx, rows: readonly Row[]): Promise<void> {
  const known = await findShards(
    ctx.directory,
    rows.map(({ unit }) => Number(unit)),
  );
  const taken = rows.find(({ unit, workspace_id }) => (known.get(Number(unit))?.workspace_id ?? workspace_id) !== workspace_id);
  if (taken) throw new AppError("conflict", `Another org unit has the key ${Number(taken.unit)} here: restore into a database of its own`);
}

async function recordAll(ctx: CallerCtx, rows: readonly Row[]): Promise<void> {
  for (const { organization_id } of rows) {
    const target_id = String(organization_id);
    await recordChange(ctx, { action: "organization.restored", organization_id: target_id, target_id });
  }
}
