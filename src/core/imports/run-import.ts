/**
 * Runs an import job from where its committed chunks end. The job's row is the truth and a message is only a nudge: however often, late
 * or concurrently a job is run, every chunk is committed once, in file order.
 */

import type { Ctx, Statement } from "../../context";
import { CommitConflict, commitLoop } from "../../db/commit";
import { isUnavailable } from "../../errors";
import { yieldToEventLoop } from "../../event-loop";
import { count } from "../../metrics";
import type { JobKind, NotificationEvent } from "../../vocabulary";
import { silently } from "../changes";
import type { CsvRow } from "../csv";
import { type Recipient, recipientsOf, selectSubscribers } from "../notifications";
import { announceEnd, JOB_EVENTS, nudgeAnnounced } from "./announce";
import { type ChunkTask, type ChunkWork, failChunk, type ReadRows } from "./chunk";
import { eventChunks, readEventMapping } from "./event-chunks";
import { type ImportFile, readFile, readRows } from "./file";
import { leadChunks } from "./lead-chunks";
import { readLeadMapping } from "./mapping";
import { claimJob, endFailedRun, endJob, type JobRow, releaseFile, selectFileOfJob, selectStillRuns } from "./store";

/** Runs that may fail at a chunk; the last of them fails the chunk's rows. */
const CHUNK_TRIES_MAX = 5;
/** About 15 statements a chunk, and D1 accepts 1,000 per invocation. */
const CHUNKS_PER_RUN_MAX = 50;

/** `continue`: the time was up before the job's end; `finished`: the job has ended; `lost_race`: another run commits its chunks. */
type RunOutcome = "continue" | "finished" | "lost_race";

/**
 * Runs a job until it ends, or until the time `until` (ms). A failure counts against the chunk at which it happened; a database that is
 * unavailable does not, however often.
 */
export async function runImport(ctx: Ctx, jobId: string, until: number): Promise<RunOutcome> {
  const claimedAt = ctx.now();
  try {
    return await run(ctx, jobId, claimedAt, until);
  } catch (error) {
    // may fail as the run did: then the next run counts this one, a minute later
    await ctx.db.batch([endFailedRun(ctx.db, jobId, claimedAt, !isUnavailable(error))]).catch(() => {});
    throw error;
  }
}

async function run(ctx: Ctx, jobId: string, claimedAt: number, until: number): Promise<RunOutcome> {
  const [[job], [fileRow], subscribers] = await ctx.db.batch([
    claimJob(ctx.db, jobId, claimedAt),
    selectFileOfJob(ctx.db, jobId),
    selectSubscribers(ctx.db, JOB_EVENTS),
  ]);
  if (!job) return "finished";
  const { notify }: { notify?: true } = JSON.parse(job.mapping);
  const source = { dialect: "import", import: job.job_id, ...(job.client ? { client: job.client } : {}), by: job.created_by } as const;
  const writer = { ...ctx, source };
  const end = { ctx: notify ? writer : silently(writer), job, recipients: recipientsOf(subscribers, jobId) };
  if (!fileRow) return failJob(end);
  const file = readFile(fileRow);
  if (job.tried_chunk >= file.chunks.length) {
    await ctx.db.batch(ending(end, "completed"));
    return finished(end);
  }
  return RUN_BY_KIND[job.kind]({ ...end, file, until });
}

type JobEnd = { ctx: Ctx; job: JobRow; recipients: readonly Recipient[] };
type JobRun = JobEnd & { file: ImportFile; until: number };

const RUN_BY_KIND: Record<JobKind, (run: JobRun) => Promise<RunOutcome>> = {
  leads: (run) => runChunks(run, leadChunks(run.job, readLeadMapping(run.job.mapping))),
  events: (run) => runChunks(run, eventChunks(run.job.job_id, readEventMapping(run.job.mapping))),
};

async function runChunks<Read extends ReadRows, Carry>(run: JobRun, work: ChunkWork<Read, Carry>): Promise<RunOutcome> {
  const { ctx, job, file, until } = run;
  const reader = readAhead(ctx, file, work, job.tried_chunk);
  let chunk = await reader.next();
  let carry: Carry | null = null;
  for (let no = job.tried_chunk; no < file.chunks.length; no++) {
    if (chunk === null) return failJob(run);
    const last = no === file.chunks.length - 1;
    const next: Read | null = last ? null : await reader.next();
    const lastTry = no === job.tried_chunk && job.tries >= CHUNK_TRIES_MAX - 1;
    const task: ChunkTask<Read, Carry> = { no, chunk, carry, next, more: last ? ending(run, "completed") : [] };
    const outcome: Committed<Carry> = await commitChunk(ctx, work, task, lastTry);
    if (outcome === "finished" || outcome === "lost_race") return outcome;
    count("import_rows_total", chunk.rows.length);
    if (!last && (ctx.now() >= until || no + 1 - job.tried_chunk === CHUNKS_PER_RUN_MAX)) return "continue";
    await yieldToEventLoop();
    chunk = next;
    carry = outcome.carry;
  }
  return finished(run);
}

/** Reads chunks in file order, each while the one before it is committed; null for one whose file is gone. */
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
    // a failure is thrown where the rows are awaited
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

type Committed<Carry> = { carry: Carry | null } | "finished" | "lost_race";

/** Commits a chunk. On the chunk's last try a failure fails its rows instead; one of a database that is unavailable is thrown still. */
async function commitChunk<Read extends ReadRows, Carry>(
  ctx: Ctx,
  work: ChunkWork<Read, Carry>,
  task: ChunkTask<Read, Carry>,
  lastTry: boolean,
): Promise<Committed<Carry>> {
  try {
    return await untilChunkCommitted(ctx, work.job_id, task, (planned) => work.commit(ctx, planned));
  } catch (error) {
    if (!lastTry || isUnavailable(error)) throw error;
    return untilChunkCommitted(ctx, work.job_id, task, async () => {
      await failChunk(ctx, work.job_id, task);
      return null;
    });
  }
}

/** Plans and commits a chunk until leads no longer change in between. Returns why to stop when the chunk is another run's or the job has ended. */
const untilChunkCommitted = <Read extends ReadRows, Carry>(
  ctx: Ctx,
  jobId: string,
  task: ChunkTask<Read, Carry>,
  commit: (task: ChunkTask<Read, Carry>) => Promise<Carry | null>,
): Promise<Committed<Carry>> =>
  commitLoop<ChunkTask<Read, Carry>, Committed<Carry>>(task, async (planned) => {
    try {
      return { committed: { carry: await commit(planned) } };
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
      if (error.table === "import_chunks") return { committed: "lost_race" };
      const running = await ctx.db.all(selectStillRuns(ctx.db, jobId));
      return running.length === 0 ? { committed: "finished" } : { changed: { ...task, carry: null } };
    }
  });

/** A job whose file is gone cannot continue: the only way to `failed`. */
async function failJob(end: JobEnd): Promise<RunOutcome> {
  await end.ctx.db.batch(ending(end, "failed"));
  return finished(end, "import.failed");
}

function ending({ ctx, job: { job_id }, recipients }: JobEnd, status: "completed" | "failed"): Statement<never>[] {
  const now = ctx.now();
  return [endJob(ctx.db, job_id, status, now), releaseFile(ctx.db, job_id, now), ...announceEnd(ctx.db, job_id, recipients, now)];
}

async function finished({ ctx, recipients }: JobEnd, event: NotificationEvent = "import.completed"): Promise<RunOutcome> {
  await nudgeAnnounced(ctx, recipients, event);
  return "finished";
}
