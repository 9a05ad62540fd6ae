/** Imports one chunk: load, plan, commit. */
import type { Ctx, Statement } from "../../context";
import { newUuid } from "../../ids";
import type { CsvRow } from "../csv";
import { commitStatements, loadDiffs, loadOwners } from "./chunk-store";
import { type RowError, type RowInput, readImportRow, rowError } from "./import-row";
import type { ResolvedMapping } from "./mapping";
import { type ChunkPlan, planChunk } from "./plan-chunk";
import { type AliasOwners, resolveRows } from "./resolve-rows";

export type ChunkJob = { job_id: string; mapping: ResolvedMapping; region: string | null };

/**
 * Commits the rows of a chunk in one batch, `more` with it. Two D1 round trips when every lead is new, else three.
 * Throws CommitConflict: on `import_chunks` when the chunk was committed before, else when the plan is outdated.
 */
export async function importChunk(
  ctx: Ctx,
  job: ChunkJob,
  chunkNo: number,
  rows: readonly CsvRow[],
  more: readonly Statement[],
): Promise<void> {
  const inputs: RowInput[] = [];
  const errors: RowError[] = [];
  for (const row of rows) {
    const read = readImportRow(row, job.mapping, job.region);
    if ("code" in read) errors.push(read);
    else inputs.push(read);
  }
  const owners = await loadOwners(
    ctx.db,
    inputs.flatMap((input) => [input.primary, ...input.aliases]),
  );
  const { plan, rejected } = await planRows(ctx, inputs, owners);
  await commit(ctx, { job, chunkNo, plan, errors: inFileOrder([...errors, ...rejected]), owners, more });
}

/** Gives a chunk up: all its rows fail with "Server error", and the job goes on behind it. */
export async function failChunk(
  ctx: Ctx,
  job: ChunkJob,
  chunkNo: number,
  rows: readonly CsvRow[],
  more: readonly Statement[],
): Promise<void> {
  const errors = rows.map((row) => rowError(row.row, "server_error", null, ""));
  await commit(ctx, { job, chunkNo, plan: planChunk([], new Map(), ctx.now()), errors, owners: new Map(), more });
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
  chunk: { job: ChunkJob; chunkNo: number; plan: ChunkPlan; errors: RowError[]; owners: AliasOwners; more: readonly Statement[] },
): Promise<void> {
  const { plan, errors, owners } = chunk;
  const statements = commitStatements(ctx.db, { job_id: chunk.job.job_id, chunk_no: chunk.chunkNo, plan, errors, owners, now: ctx.now() });
  await ctx.db.batch([...statements, ...chunk.more]);
}

const inFileOrder = (errors: RowError[]): RowError[] => errors.sort((a, b) => a.row - b.row);
