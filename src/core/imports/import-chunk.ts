/** Imports one chunk: load, plan, commit. */
import type { Ctx, Statement } from "../../context";
import { newUuid } from "../../ids";
import type { CsvRow } from "../csv";
import { type AliasOwners, readOwners } from "../leads";
import { commitStatements, loadDiffs, rowOwnerStatements } from "./chunk-store";
import { type RowError, type RowInput, readImportRow, rowError } from "./import-row";
import type { ResolvedMapping } from "./mapping";
import { type ChunkPlan, planChunk } from "./plan-chunk";
import { resolveRows } from "./resolve-rows";

export type ChunkJob = { job_id: string; mapping: ResolvedMapping; region: string | null };

/** The rows of a chunk, read by the job's mapping. */
export type ReadChunk = { rows: readonly CsvRow[]; inputs: RowInput[]; errors: RowError[] };

export type ChunkTask = {
  no: number;
  chunk: ReadChunk;
  /** who owns its aliases, when the chunk before it has told */
  owners: AliasOwners | null;
  /** the chunk behind it: its owners are asked for with the commit, which spares it a round trip */
  next: ReadChunk | null;
  /** to be committed with the chunk */
  more: readonly Statement[];
};

export function readChunk(rows: readonly CsvRow[], job: ChunkJob): ReadChunk {
  const chunk: ReadChunk = { rows, inputs: [], errors: [] };
  for (const row of rows) {
    const read = readImportRow(row, job.mapping, job.region);
    if ("code" in read) chunk.errors.push(read);
    else chunk.inputs.push(read);
  }
  return chunk;
}

/**
 * Commits a chunk in one batch and answers the owners of the next chunk's aliases. One D1 round trip when its own owners are known and
 * every lead is new, one more for each that does not hold.
 * Throws CommitConflict: on `import_chunks` when the chunk was committed before, else when the plan is outdated.
 */
export async function importChunk(ctx: Ctx, job: ChunkJob, task: ChunkTask): Promise<AliasOwners | null> {
  const owners = task.owners ?? (await loadOwners(ctx, task.chunk));
  const { plan, rejected } = await planRows(ctx, task.chunk.inputs, owners);
  return commit(ctx, job, task, { plan, owners, errors: inFileOrder([...task.chunk.errors, ...rejected]) });
}

/** Gives a chunk up: all its rows fail with "Server error", and the job goes on behind it. */
export async function failChunk(ctx: Ctx, job: ChunkJob, task: ChunkTask): Promise<AliasOwners | null> {
  const errors = task.chunk.rows.map((row) => rowError(row.row, "server_error", null, ""));
  return commit(ctx, job, task, { plan: planChunk([], new Map(), ctx.now()), owners: new Map(), errors });
}

async function loadOwners(ctx: Ctx, chunk: ReadChunk): Promise<AliasOwners> {
  const statements = rowOwnerStatements(ctx.db, chunk.inputs);
  return readOwners(statements.length === 0 ? [] : await ctx.db.batch(statements));
}

/** Plans until no row is rejected: a rejected row gives away no alias, so the others are resolved again without it. */
async function planRows(ctx: Ctx, inputs: readonly RowInput[], owners: AliasOwners): Promise<{ plan: ChunkPlan; rejected: RowError[] }> {
  const rejected: RowError[] = [];
  let kept = inputs;
  for (;;) {
    const resolved = resolveRows(kept, owners, () => newUuid(ctx.now(), ctx.unit.shard));
    const plan = planChunk(resolved, await loadDiffs(ctx.db, resolved), ctx.now());
    if (plan.rejected.length === 0) return { plan, rejected };
    rejected.push(...plan.rejected);
    const rows = new Set(plan.rejected.map((error) => error.row));
    kept = kept.filter((input) => !rows.has(input.row));
  }
}

async function commit(
  ctx: Ctx,
  job: ChunkJob,
  task: ChunkTask,
  planned: { plan: ChunkPlan; owners: AliasOwners; errors: RowError[] },
): Promise<AliasOwners | null> {
  const writes = [...commitStatements(ctx.db, { job_id: job.job_id, chunk_no: task.no, ...planned, now: ctx.now() }), ...task.more];
  const results = await ctx.db.batch([...writes, ...(task.next ? rowOwnerStatements(ctx.db, task.next.inputs) : [])]);
  return task.next && readOwners(results.slice(writes.length));
}

const inFileOrder = (errors: RowError[]): RowError[] => errors.sort((a, b) => a.row - b.row);
