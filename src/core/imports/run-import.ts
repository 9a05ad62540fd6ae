/**
 * Runs an import job from where its committed chunks end. The job's row is the truth and a message only says "look": run it twice,
 * late or at the same time elsewhere, and every chunk is still committed once, in file order.
 */

import type { Ctx, Statement } from "../../context";
import { CommitConflict } from "../../db/commit";
import type { CsvRow } from "../csv";
import { type ChunkTask, type ChunkWork, failChunk, type ReadRows } from "./chunk";
import { eventChunks, type StoredEventMapping } from "./event-chunks";
import { type ImportFile, readFile, readRows } from "./file";
import { leadChunks } from "./lead-chunks";
import type { StoredMapping } from "./mapping";
import { claimJob, countFailedRun, endJob, type FileRow, type JobRow, releaseFile, selectFileOfJob, selectStillRuns } from "./store";

/** A chunk is tried this often; when that fails too, it is given up. */
const CHUNK_TRIES_MAX = 5;
/** About 15 statements a chunk, and D1 takes 1,000 from one invocation. */
const CHUNKS_PER_RUN_MAX = 50;
/** How often one run plans a chunk again because leads changed under it. */
const PLAN_TRIES_MAX = 20;

/** `more`: the time was up before the job was; `done`: it has ended, here or elsewhere; `elsewhere`: another run is at it. */
export type RunOutcome = "more" | "done" | "elsewhere";

export async function runImport(ctx: Ctx, jobId: string, until: number): Promise<RunOutcome> {
  const claimedAt = ctx.now();
  try {
    return await run(ctx, jobId, claimedAt, until);
  } catch (error) {
    // what failed the run may fail this too: then the next run counts it, a minute later
    await ctx.db.batch([countFailedRun(ctx.db, jobId, claimedAt)]).catch(() => {});
    throw error;
  }
}

async function run(ctx: Ctx, jobId: string, claimedAt: number, until: number): Promise<RunOutcome> {
  const [claimed, files] = await ctx.db.batch([claimJob(ctx.db, jobId, claimedAt), selectFileOfJob(ctx.db, jobId)]);
  const row = claimed?.[0] as JobRow | undefined;
  if (!row) return "done";
  const fileRow = files?.[0] as FileRow | undefined;
  if (!fileRow) return failJob(ctx, jobId);
  const file = readFile(fileRow);
  if (row.tried_chunk >= file.chunks.length) {
    await ctx.db.batch(ending(ctx, jobId));
    return "done";
  }

  const mapping: unknown = JSON.parse(row.mapping);
  return row.kind === "events"
    ? runChunks(ctx, eventChunks(jobId, mapping as StoredEventMapping), file, row, until)
    : runChunks(ctx, leadChunks(jobId, mapping as StoredMapping), file, row, until);
}

async function runChunks<Read extends ReadRows, Carry>(
  ctx: Ctx,
  work: ChunkWork<Read, Carry>,
  file: ImportFile,
  row: JobRow,
  until: number,
): Promise<RunOutcome> {
  const reader = readAhead(ctx, file, work, row.tried_chunk);
  let chunk = await reader.next();
  let carry: Carry | null = null;
  for (let no = row.tried_chunk; no < file.chunks.length; no++) {
    if (chunk === null) return failJob(ctx, work.job_id);
    const last = no === file.chunks.length - 1;
    const next: Read | null = last ? null : await reader.next();
    const lastTry = no === row.tried_chunk && row.tries >= CHUNK_TRIES_MAX - 1;
    const outcome: Committed<Carry> = await commitChunk(
      ctx,
      work,
      { no, chunk, carry, next, more: last ? ending(ctx, work.job_id) : [] },
      lastTry,
    );
    if (outcome === "done" || outcome === "elsewhere") return outcome;
    if (!last && (ctx.now() >= until || no + 1 - row.tried_chunk === CHUNKS_PER_RUN_MAX)) return "more";
    await letOthersIn();
    chunk = next;
    carry = outcome.carry;
  }
  return "done";
}

/** Where the database answers from the same process, a run would else keep the event loop to itself until its end. */
const letOthersIn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

/** Reads chunks in file order, each while the one before it is worked on; null for one whose file is gone. */
function readAhead<Read extends ReadRows>(
  ctx: Ctx,
  file: ImportFile,
  work: Pick<ChunkWork<Read, never>, "read">,
  from: number,
): { next: () => Promise<Read | null> } {
  let no = from;
  const read = (): Promise<CsvRow[] | null> => {
    const chunk = file.chunks[no++];
    const rows = chunk ? readRows(ctx.files, file, chunk) : Promise.resolve(null);
    // a failure waits for whoever asks for the rows
    rows.catch(() => {});
    return rows;
  };
  let ahead = read();
  return {
    next: async () => {
      const rows = await ahead;
      ahead = read();
      return rows && work.read(rows);
    },
  };
}

type Committed<Carry> = { carry: Carry | null } | "done" | "elsewhere";

/** Commits a chunk, planning it again while leads change under it. Answers what it hands on to the next chunk, or why to stop. */
async function commitChunk<Read extends ReadRows, Carry>(
  ctx: Ctx,
  work: ChunkWork<Read, Carry>,
  task: ChunkTask<Read, Carry>,
  lastTry: boolean,
): Promise<Committed<Carry>> {
  let givenUp = false;
  for (let tries = 1; ; tries++) {
    try {
      if (!givenUp) return { carry: await work.commit(ctx, tries === 1 ? task : { ...task, carry: null }) };
      await failChunk(ctx, work.job_id, task);
      return { carry: null };
    } catch (error) {
      const conflict = error instanceof CommitConflict && tries < PLAN_TRIES_MAX;
      if (!conflict && lastTry && !givenUp) {
        givenUp = true;
        continue;
      }
      if (!conflict) throw error;
      if (error.table === "import_chunks") return "elsewhere";
      if ((await ctx.db.all(selectStillRuns(ctx.db, work.job_id))).length === 0) return "done";
    }
  }
}

/** Without its file a job cannot go on: the only way to `failed`. */
async function failJob(ctx: Ctx, jobId: string): Promise<RunOutcome> {
  await ctx.db.batch(ending(ctx, jobId, "failed"));
  return "done";
}

const ending = (ctx: Ctx, jobId: string, status: "completed" | "failed" = "completed"): Statement[] => [
  endJob(ctx.db, jobId, status, ctx.now()),
  releaseFile(ctx.db, jobId, ctx.now()),
];
