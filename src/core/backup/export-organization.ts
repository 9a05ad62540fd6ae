/** Exports of an organization: all of its rows in every table, as JSON lines. */
import type { CallerCtx, SqlRow } from "../../context";
import type { ShardDb } from "../../db/client";
import { lastKeyOf, selectSlice } from "../../db/table-slices";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { openStatementBudget, type StatementBudget } from "../../statement-budget";
import { DAY_MS, MINUTE_MS } from "../../time";
import { recordChange, requireOperator } from "../auth";
import { type ExportState, type ExportStep, listStates, noSuchExport, partKey, readState, removeExports, writeState } from "./export-state";
import { findShardsOf, findUnitsOf, organizationExists } from "./store";
import { BACKED_UP_UNIT_TABLES, DIRECTORY_TABLES } from "./tables";

const KEPT_MS = 7 * DAY_MS;
/** A slice is one object, small enough to fit an isolate's memory several times. */
const SLICE_ROWS = 2_000;
const SLICE_BYTES = 4_000_000;
/** The slice itself, and a look at the organization before it, before the state is saved, and before it is saved for the last time. */
const STATEMENTS_PER_SLICE_MAX = 4;
/** What a request that starts an export runs besides: its authentication, its idempotency key, and the export's units. */
const STATEMENTS_OF_REQUEST = 60;
const RUN_SECONDS = 10;
/** A run that has written nothing for this long is dead. */
const SILENT_MS = MINUTE_MS;

const noSuchOrganization = () => new AppError("not_found", "Organization not found");

/** Where exports read and write; the directory is in the first database. */
export type BackupWorld = { shards: readonly ShardDb[]; files: R2Bucket };
type ExportCtx = Pick<CallerCtx, "now" | "directory">;

/**
 * Begins an export, which works for 10 seconds at most; cron does the rest. It is not a snapshot: rows that change meanwhile are in
 * it as they were when their slice was read. For the operator alone. Throws forbidden, not_found.
 */
export async function startExport(ctx: CallerCtx, organizationId: string, world: BackupWorld): Promise<ExportState> {
  requireOperator(ctx);
  const units = await findUnitsOf(ctx.directory, organizationId);
  if (!units) throw noSuchOrganization();
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
  const run = await runExport(ctx, state, world, openStatementBudget(STATEMENTS_OF_REQUEST));
  if (!run) throw noSuchOrganization();
  return run;
}

/** For the operator alone. One D1 round trip. Throws forbidden, not_found (also once the organization has been deleted). */
export async function requireExport(ctx: CallerCtx, organizationId: string, exportId: string, files: R2Bucket): Promise<ExportState> {
  requireOperator(ctx);
  const state = await readState(files, organizationId, exportId);
  if (state.expires_at <= ctx.now() || !(await organizationExists(ctx.directory, organizationId))) throw noSuchExport();
  return state;
}

/** Goes on with exports whose run has died or used up its time, as far as the budget goes, and removes those that have expired. */
export async function keepExports(ctx: ExportCtx, world: BackupWorld, budget: StatementBudget): Promise<void> {
  for (const state of await listStates(world.files)) {
    if (state.expires_at <= ctx.now()) await removeExports(world.files, state.organization_id, state.export_id);
    else if (state.status === "running" && state.run_at <= ctx.now() - SILENT_MS && budget.hasRoom(STATEMENTS_PER_SLICE_MAX))
      await runExport(ctx, state, world, budget);
  }
}

/** Null: the organization has been deleted, and its exports with it. */
async function runExport(ctx: ExportCtx, state: ExportState, world: BackupWorld, budget: StatementBudget): Promise<ExportState | null> {
  const { now } = ctx;
  const until = now() + RUN_SECONDS * 1000;
  let current = state;
  const exists = () => existsStill(ctx, current, world, budget);
  for (let slices = 0; budget.hasRoom(STATEMENTS_PER_SLICE_MAX) && now() < until; slices++) {
    if (current.at === current.steps.length) {
      current = { ...current, status: "completed", completed_at: now() };
      break;
    }
    const places = await exists();
    if (!places) return null;
    budget.count(1);
    current = await writeSlice(current, places, world);
    // the state of many empty tables is written once
    if (slices % 20 === 19) {
      if (!(await exists())) return null;
      await writeState(world.files, { ...current, run_at: now() });
    }
  }
  if (!(await exists())) return null;
  // cron continues at once with what there was no time for
  current = { ...current, run_at: current.status === "running" ? now() - SILENT_MS : now() };
  await writeState(world.files, current);
  return current;
}

/** The database of each unit: it may change between two slices. */
type Places = ReadonlyMap<number, number>;

/**
 * Null when the organization has been deleted: then all of its exports are removed. A file that is written after this check and before the
 * deletion is removed with the late writes.
 */
async function existsStill(
  { directory }: ExportCtx,
  { organization_id }: ExportState,
  { files }: BackupWorld,
  budget: StatementBudget,
): Promise<Places | null> {
  budget.count(1);
  const places = await findShardsOf(directory, organization_id);
  if (!places) await removeExports(files, organization_id);
  return places;
}

/** A crash after the object and before the state writes the object again, under its name. */
async function writeSlice(state: ExportState, places: Places, { shards, files }: BackupWorld): Promise<ExportState> {
  const step = state.steps[state.at];
  const db = step && shards[step.unit === null ? 0 : (places.get(step.unit) ?? step.shard)];
  if (!step || !db) throw new Error("an export has no such step");
  const rows = await readSlice(db, state, step);
  const last = lastKeyOf(step.table, rows);
  const known = state.tables[step.table] ?? { rows: 0, parts: 0 };
  const next = last ? { at: state.at, after: last } : { at: state.at + 1, after: null };
  if (rows.length === 0) return { ...state, ...next, tables: { ...state.tables, [step.table]: known } };
  await files.put(partKey(state, step.table, known.parts), rows.map((row) => `${JSON.stringify(row)}\n`).join(""), {
    httpMetadata: { contentType: "application/x-ndjson" },
  });
  return { ...state, ...next, tables: { ...state.tables, [step.table]: { rows: known.rows + rows.length, parts: known.parts + 1 } } };
}

const readSlice = (db: ShardDb, { organization_id, after }: ExportState, { table, unit }: ExportStep): Promise<SqlRow[]> => {
  const where = DIRECTORY_TABLES[table] ?? "unit = ?1";
  const { text, params } = selectSlice({ table, where, scope: unit ?? organization_id, after, rowsMax: SLICE_ROWS, bytesMax: SLICE_BYTES });
  return db.all<SqlRow>(text, ...params);
};
