/** A chunk whose rows are leads: load, plan, commit. */
import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { newUuid } from "../../ids";
import { quotaOf } from "../../quotas";
import type { CsvRow } from "../csv";
import { type AliasOwners, leadsFit, leadWrites, linkNewLeads, readOwners } from "../leads";
import { type JournalledLeads, journalWrites } from "../undo";
import type { ChunkTask, ChunkWork, ReadRows } from "./chunk";
import { chunkMark, fillsStillBlank, loadDiffs, rowOwnerStatements } from "./chunk-store";
import { mendWrites } from "./errors-file/mend";
import { type RowError, type RowInput, type RowReader, type RowWarning, readImportRow, rowReader } from "./import-row";
import type { StoredMapping } from "./mapping";
import { promisedRows } from "./plan/promised-rows";
import type { ChunkPlan } from "./plan-chunk";
import { planRows, type RowPlanner } from "./plan-rows";
import { withinLeadQuota, withinRoom } from "./room";
import { sparingEdits } from "./spare-edits";
import type { JobSummary } from "./store";
import { linkAccounts } from "./targets/link-accounts";

/** The rows of a chunk, read by the job's mapping. */
export type ReadLeads = ReadRows & { inputs: RowInput[]; errors: RowError[]; warnings: RowWarning[]; skipped: number };

/**
 * One D1 round trip per chunk when its aliases' owners are known and every lead is new, one more for each condition that fails, and one where
 * the unit links new leads to accounts. A commit
 * also returns the owners of the next chunk's aliases, which it reads in its own batch.
 */
export const leadChunks = ({ job_id, created_at }: JobSummary, mapping: StoredMapping): ChunkWork<ReadLeads, AliasOwners> => {
  const plannerOf = mapping.plan ? promisedRows(mapping.plan) : rowPlanner;
  return {
    job_id,
    read: readLeads(rowReader(mapping)),
    async commit(ctx, task) {
      const owners = task.carry ?? (await loadOwners(ctx, task.chunk));
      return withinLeadQuota(ctx, async (room) => {
        const { planner } = sparingEdits(
          ctx.db,
          withinRoom({ ...(await plannerOf(ctx, task.no, owners)), consent: mapping.consent }, room),
        );
        const { inputs, writes } = await linkAccounts(ctx.db, task.chunk.inputs);
        const { plan: planned, rejected, skipped } = await planRows(inputs, owners, mapping.mode, planner);
        const plan = await linkInserts(ctx, planned);
        const errors = [...task.chunk.errors, ...rejected].sort((a, b) => a.row - b.row);
        return commit(ctx, { job_id, created_at }, task, {
          plan,
          owners,
          guards: [
            ...(planner.guards?.() ?? []),
            ...writes(ctx.now()),
            ...mendWrites(ctx.db, task.chunk.rows, errors, mapping.mends ?? null),
          ],
          skipped: task.chunk.skipped + skipped,
          errors,
        });
      });
    },
  };
};

export const readLeads =
  (reader: RowReader) =>
  (rows: readonly CsvRow[]): ReadLeads => {
    const chunk: ReadLeads = { rows, inputs: [], errors: [], warnings: [], skipped: 0 };
    for (const row of rows) {
      const read = readImportRow(row, reader);
      if ("input" in read) chunk.inputs.push(read.input);
      else if ("error" in read) chunk.errors.push(read.error);
      else chunk.skipped += 1;
      chunk.warnings.push(...read.warnings);
    }
    return chunk;
  };

export async function loadOwners(ctx: Ctx, chunk: ReadLeads): Promise<AliasOwners> {
  const statements = rowOwnerStatements(ctx.db, chunk.inputs);
  const { owners } = statements.length === 0 ? { owners: [] } : await queryGroups(ctx.db, { owners: statements });
  return readOwners(owners);
}

/** The plan with the accounts that the unit links new leads to. */
export const linkInserts = async (ctx: Ctx, plan: ChunkPlan): Promise<ChunkPlan> => ({
  ...plan,
  inserts: [...(await linkNewLeads(ctx, plan.inserts))],
});

const rowPlanner = (ctx: Ctx): RowPlanner => ({
  newLeadId: () => newUuid(ctx.now(), ctx.unit.shard),
  loadDiffs: (rows) => loadDiffs(ctx.db, rows),
  now: ctx.now(),
});

export const journalled = ({ inserts, updates, conflicts }: ChunkPlan): JournalledLeads => ({
  created: inserts,
  changed: updates,
  conflicts,
});

type PlannedChunk = { plan: ChunkPlan; owners: AliasOwners; guards: Statement<never>[]; errors: RowError[]; skipped: number };

async function commit(
  ctx: Ctx,
  { job_id, created_at }: Pick<JobSummary, "job_id" | "created_at">,
  task: ChunkTask<ReadLeads, AliasOwners>,
  { plan, owners, guards, errors, skipped }: PlannedChunk,
): Promise<AliasOwners | null> {
  const now = ctx.now();
  const { conflicts } = plan;
  const { warnings } = task.chunk;
  const counts = { ...plan.counts, unchanged: plan.counts.unchanged + skipped, skipped };
  const writes = [
    ...chunkMark(ctx.db, { job_id, chunk_no: task.no, counts, errors, warnings, conflicts, now }),
    ...fillsStillBlank(ctx.db, plan.fills),
    ...guards,
    ...journalWrites(ctx.db, { operation_id: job_id, chunk_no: task.no, started_at: created_at, now }, journalled(plan)),
    ...leadWrites(ctx, plan, owners, job_id, now),
    ...(plan.inserts.length === 0 ? [] : [leadsFit(ctx.db, quotaOf(ctx.unit, "leads"))]),
    ...task.more,
  ];
  const nextOwners = task.next ? rowOwnerStatements(ctx.db, task.next.inputs) : [];
  const { owned } = await queryGroups(ctx.db, { writes, owned: nextOwners });
  return task.next && readOwners(owned);
}
