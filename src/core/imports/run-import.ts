/**
 * Runs an import job from where its committed chunks end. The job's row is the truth and a message only says "look": run it twice,
 * late or at the same time elsewhere, and every chunk is still committed once, in file order.
 */
import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/batch";
import type { Chunk, CsvRow } from "../csv";
import { knownFields, selectProfileFields } from "../leads";
import { type ImportFile, readFile, readRows } from "./file";
import { type ChunkJob, failChunk, importChunk } from "./import-chunk";
import { FAILED_ROWS_KEPT_SECONDS } from "./limits";
import { type ImportMapping, resolveMapping } from "./mapping";
import { claimJob, endJob, type FileRow, type JobRow, releaseFile, selectFileOfJob } from "./store";

/** A chunk that runs begin with more often than this is given up. */
const CHUNK_TRIES_MAX = 5;
/** How often one run plans a chunk again because leads changed under it. */
const PLAN_TRIES_MAX = 20;

/** `more`: the time was up before the job was; `done`: it has ended, here or elsewhere; `elsewhere`: another run is at it. */
export type RunOutcome = "more" | "done" | "elsewhere";

export async function runImport(ctx: Ctx, jobId: string, until: number): Promise<RunOutcome> {
  const [claimed, files, fields] = await ctx.db.batch([
    claimJob(ctx.db, jobId, ctx.now()),
    selectFileOfJob(ctx.db, jobId),
    selectProfileFields(ctx.db),
  ]);
  const row = claimed?.[0] as JobRow | undefined;
  if (!row) return "done";
  const fileRow = files?.[0] as FileRow | undefined;
  if (!fileRow) return failJob(ctx, jobId);
  const file = readFile(fileRow);
  const { resolved } = resolveMapping(
    JSON.parse(row.mapping) as ImportMapping,
    file.headers,
    knownFields((fields ?? []) as { key: string; name: string }[]),
  );
  const job = { job_id: jobId, mapping: resolved, region: file.default_region ?? ctx.unit.default_region };
  if (file.chunks.length === 0) {
    await ctx.db.batch(ending(ctx, jobId));
    return "done";
  }

  let ahead = readAhead(ctx, file, row.tried_chunk);
  for (let chunkNo = row.tried_chunk; chunkNo < file.chunks.length; chunkNo++) {
    const rows = await ahead;
    if (rows === null) return failJob(ctx, jobId);
    const last = chunkNo === file.chunks.length - 1;
    if (!last) ahead = readAhead(ctx, file, chunkNo + 1);
    const giveUp = chunkNo === row.tried_chunk && row.tries > CHUNK_TRIES_MAX;
    const outcome = await commitChunk(ctx, job, { chunkNo, rows, last, giveUp });
    if (outcome !== "committed") return outcome;
    if (!last && ctx.now() >= until) return "more";
  }
  return "done";
}

/** The next chunk is fetched while this one commits. A failure waits for whoever asks for the rows. */
function readAhead(ctx: Ctx, file: ImportFile, chunkNo: number): Promise<CsvRow[] | null> {
  const rows = readRows(ctx.files, file, file.chunks[chunkNo] as Chunk);
  rows.catch(() => {});
  return rows;
}

async function commitChunk(
  ctx: Ctx,
  job: ChunkJob,
  chunk: { chunkNo: number; rows: CsvRow[]; last: boolean; giveUp: boolean },
): Promise<"committed" | "done" | "elsewhere"> {
  const more = chunk.last ? ending(ctx, job.job_id) : [];
  for (let tries = 1; ; tries++) {
    try {
      await (chunk.giveUp ? failChunk : importChunk)(ctx, job, chunk.chunkNo, chunk.rows, more);
      return "committed";
    } catch (error) {
      if (!(error instanceof CommitConflict) || tries === PLAN_TRIES_MAX) throw error;
      if (error.table === "import_chunks") return "elsewhere";
      if (!(await stillRuns(ctx, job.job_id))) return "done";
    }
  }
}

async function stillRuns(ctx: Ctx, jobId: string): Promise<boolean> {
  const jobs = await ctx.db.all(ctx.db.sql("SELECT 1 FROM import_jobs WHERE unit = ?1 AND job_id = ?2 AND status = 'in_progress'", jobId));
  return jobs.length > 0;
}

/** Without its file a job cannot go on: the only way to `failed`. */
async function failJob(ctx: Ctx, jobId: string): Promise<RunOutcome> {
  await ctx.db.batch([endJob(ctx.db, jobId, "failed", ctx.now())]);
  return "done";
}

const ending = (ctx: Ctx, jobId: string) => [
  endJob(ctx.db, jobId, "completed", ctx.now()),
  releaseFile(ctx.db, jobId, ctx.now(), ctx.now() + FAILED_ROWS_KEPT_SECONDS * 1000),
];
