/** Exports of an organization: all of its rows in every table, as JSON lines. */
import type { CallerCtx } from "../../context";
import type { ShardDb } from "../../db/client";
import { ROW_BYTES } from "../../db/row-bytes";
import { TABLE_SHAPES } from "../../db/table-shapes";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { DAY_MS, MINUTE_MS } from "../../time";
import { recordChange, requireOperator } from "../auth";
import {
  type ExportState,
  type ExportStep,
  type Key,
  listStates,
  noSuchExport,
  partKey,
  readState,
  removeExports,
  writeState,
} from "./export-state";
import { findUnitsOf } from "./store";
import { BACKED_UP_UNIT_TABLES, DIRECTORY_TABLES } from "./tables";

const KEPT_MS = 7 * DAY_MS;
/** A slice is one object, small enough to fit an isolate's memory several times. */
const SLICE_ROWS = 2_000;
const SLICE_BYTES = 4_000_000;
/** Slices of one call: D1 allows 1,000 statements. */
const SLICES_PER_RUN_MAX = 300;
const RUN_SECONDS = 10;
/** A run that has written nothing for this long is dead. */
const SILENT_MS = MINUTE_MS;

/** Where exports read and write; the directory is in the first database. */
export type BackupWorld = { shards: readonly ShardDb[]; files: R2Bucket };

/**
 * Begins an export, which works for 10 seconds at most; cron does the rest. It is not a snapshot: rows that change meanwhile are in
 * it as they were when their slice was read. For the operator alone. Throws forbidden, not_found.
 */
export async function startExport(ctx: CallerCtx, organizationId: string, world: BackupWorld): Promise<ExportState> {
  requireOperator(ctx);
  const units = await findUnitsOf(ctx.directory, organizationId);
  if (!units) throw new AppError("not_found", "Organization not found");
  const steps: ExportStep[] = [
    ...Object.keys(DIRECTORY_TABLES).map((table) => ({ table, unit: null, shard: 0 })),
    ...BACKED_UP_UNIT_TABLES.flatMap((table) => units.map(({ unit, shard }) => ({ table, unit, shard }))),
  ];
  const now = ctx.now();
  const state: ExportState = {
    export_id: newId("exp", now),
    organization_id: organizationId,
    status: "running",
    created_at: now,
    completed_at: null,
    expires_at: now + KEPT_MS,
    run_at: now,
    steps,
    at: 0,
    after: null,
    tables: {},
  };
  await writeState(world.files, state);
  await recordChange(ctx, { action: "organization.exported", organization_id: organizationId, target_id: organizationId });
  return runExport(state, world, ctx.now);
}

/** For the operator alone. Throws forbidden, not_found. */
export async function requireExport(ctx: CallerCtx, organizationId: string, exportId: string, files: R2Bucket): Promise<ExportState> {
  requireOperator(ctx);
  const state = await readState(files, organizationId, exportId);
  if (state.expires_at <= ctx.now()) throw noSuchExport();
  return state;
}

/** Goes on with exports whose run has died or used up its time, and removes those that have expired. */
export async function keepExports(ctx: Pick<CallerCtx, "now">, world: BackupWorld): Promise<void> {
  for (const state of await listStates(world.files)) {
    if (state.expires_at <= ctx.now()) await removeExports(world.files, state.organization_id, state.export_id);
    else if (state.status === "running" && state.run_at <= ctx.now() - SILENT_MS) await runExport(state, world, ctx.now);
  }
}

async function runExport(state: ExportState, world: BackupWorld, now: () => number): Promise<ExportState> {
  const until = now() + RUN_SECONDS * 1000;
  let current = state;
  for (let slices = 0; slices < SLICES_PER_RUN_MAX && now() < until; slices++) {
    if (current.at === current.steps.length) {
      current = { ...current, status: "completed", completed_at: now() };
      break;
    }
    current = await writeSlice(current, world);
    // the state of many empty tables is written once
    if (slices % 20 === 19) await writeState(world.files, { ...current, run_at: now() });
  }
  // cron continues at once with what there was no time for
  current = { ...current, run_at: current.status === "running" ? now() - SILENT_MS : now() };
  await writeState(world.files, current);
  return current;
}

/** A crash after the object and before the state writes the object again, under its name. */
async function writeSlice(state: ExportState, { shards, files }: BackupWorld): Promise<ExportState> {
  const step = state.steps[state.at];
  const db = step && shards[step.shard];
  if (!step || !db) throw new Error("an export has no such step");
  const { rows, last } = await readSlice(db, state, step);
  const known = state.tables[step.table] ?? { rows: 0, parts: 0 };
  const next = last ? { at: state.at, after: last } : { at: state.at + 1, after: null };
  if (rows.length === 0) return { ...state, ...next, tables: { ...state.tables, [step.table]: known } };
  await files.put(partKey(state, step.table, known.parts), rows.map((row) => `${row}\n`).join(""), {
    httpMetadata: { contentType: "application/x-ndjson" },
  });
  return { ...state, ...next, tables: { ...state.tables, [step.table]: { rows: known.rows + rows.length, parts: known.parts + 1 } } };
}

/** `rows`: JSON objects; `last`: the key of the last one, null when the table has no more. */
async function readSlice(db: ShardDb, state: ExportState, { table, unit }: ExportStep): Promise<{ rows: string[]; last: Key | null }> {
  const { columns, key } = TABLE_SHAPES[table] ?? { columns: [], key: [] };
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
  const places = key.map((_, at) => `?${at + 4}`).join(", ");
  const after = state.after ? `AND (${quoted(key)}) > (${places})` : "";
  const sql = `SELECT ${quoted(columns)} FROM (
      SELECT *, row_number() OVER (ORDER BY ${quoted(key)}) AS _at, sum(_bytes) OVER (ORDER BY ${quoted(key)}) AS _sum FROM (
        SELECT ${quoted(columns)}, ${ROW_BYTES[table]} AS _bytes FROM ${table} WHERE ${DIRECTORY_TABLES[table] ?? "unit = ?1"} ${after}
        ORDER BY ${quoted(key)} LIMIT ?2))
    WHERE _at = 1 OR _sum <= ?3 ORDER BY _at`;
  const rows = await db.all<Record<string, string | number | null>>(
    sql,
    unit ?? state.organization_id,
    SLICE_ROWS,
    SLICE_BYTES,
    ...(state.after ?? []),
  );
  const end = rows.at(-1);
  return { rows: rows.map((row) => JSON.stringify(row)), last: end ? key.map((column) => end[column] ?? 0) : null };
}
