/**
 * Follows a job while it runs. Nothing is kept for it: the committed chunks are the log, so a client that comes back with the number of the
 * last chunk it has seen misses nothing, whichever machine it comes back to.
 */
import type { Ctx } from "../../../context";
import { isUnavailable } from "../../../errors";
import type { JobKind, JobStatus } from "../../../vocabulary";
import { readHeaders } from "../file";
import { type ImportJob, noSuchJob, type ShownError, type StoredError, showErrors } from "../jobs";
import { selectJob } from "../store";
import { type ChunkRow, type FollowedRow, type Sums, selectChunksAfter, selectFollowed, selectState } from "./progress-store";

/** One invocation may send D1 1,000 statements: five minutes are 300 polls of two. */
const FOLLOW_SECONDS = 300;
const PING_SECONDS = 15;
const POLL_MS = 1_000;
/** At most some 250 KB of errors each. */
const CHUNKS_PER_READ = 20;

export type Progress = {
  processed_rows: number;
  total_rows: number;
  created_count: number;
  updated_count: number;
  failed_count: number;
  /** over the whole job; null before the first chunk */
  rows_per_second: number | null;
  seconds_left: number | null;
};

/** `chunk`: the position to resume after; null for what repeats no chunk. That of `done` is the number of chunks. */
export type JobEvent =
  | { type: "progress"; chunk: number | null; data: Progress }
  | { type: "row_errors"; chunk: number; data: { errors: ShownError[] } }
  | { type: "done"; chunk: number; data: ImportJob }
  | { type: "ping" };

export type Follow = {
  /** the last chunk that the client has seen; -1: none */
  after: number;
  /** Returns false when the client has gone. */
  wait(ms: number): Promise<boolean>;
};

/**
 * The events of a job after a chunk: its state at once, then each chunk's failed rows and sums, and `done`. Ends after five minutes, or when
 * the database is unavailable: then the client comes back. Null when the client has seen `done`. One round trip, and one for each second
 * or 20 chunks. Throws not_found.
 */
export async function followJob(ctx: Ctx, jobId: string, kind: JobKind, follow: Follow): Promise<AsyncGenerator<JobEvent> | null> {
  const [job] = await ctx.db.all(selectFollowed(ctx.db, jobId, kind, follow.after));
  if (!job) throw noSuchJob();
  return hasEnded(job.status) && follow.after >= job.chunk_count ? null : eventsOf(ctx, { jobId, kind, job }, follow);
}

type Followed = { jobId: string; kind: JobKind; job: FollowedRow };

async function* eventsOf(ctx: Ctx, followed: Followed, follow: Follow): AsyncGenerator<JobEvent> {
  yield { type: "progress", chunk: null, data: progressOf(followed.job, followed.job, followed.job.committed_at) };
  try {
    yield* newEvents(ctx, followed, follow);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}

async function* newEvents(ctx: Ctx, { jobId, kind, job }: Followed, { after, wait }: Follow): AsyncGenerator<JobEvent> {
  const headers = job.headers === null ? [] : readHeaders(job.headers);
  const endsAt = ctx.now() + FOLLOW_SECONDS * 1000;
  let pingAt = ctx.now() + PING_SECONDS * 1000;
  let sums: Sums = job;
  let last = after;
  while (ctx.now() < endsAt) {
    const [[state], chunks] = await ctx.db.batch([selectState(ctx.db, jobId), selectChunksAfter(ctx.db, jobId, last, CHUNKS_PER_READ)]);
    if (!state) return;
    for (const chunk of chunks) {
      sums = added(sums, chunk);
      last = chunk.chunk_no;
      // the errors first: a client that has seen a chunk's progress has its errors
      if (chunk.errors !== null) yield { type: "row_errors", chunk: last, data: { errors: showErrors(errorsOf(chunk.errors), headers) } };
      yield { type: "progress", chunk: last, data: progressOf({ ...job, ...state }, sums, chunk.committed_at) };
    }
    if (chunks.length === CHUNKS_PER_READ) continue;
    if (hasEnded(state.status)) {
      const [ended] = await ctx.db.all(selectJob(ctx.db, jobId, kind));
      if (ended) yield { type: "done", chunk: job.chunk_count, data: ended };
      return;
    }
    if (ctx.now() >= pingAt) {
      pingAt = ctx.now() + PING_SECONDS * 1000;
      yield { type: "ping" };
    }
    if (!(await wait(POLL_MS))) return;
  }
}

const hasEnded = (status: JobStatus): boolean => status !== "queued" && status !== "in_progress";

function errorsOf(json: string): StoredError[] {
  return JSON.parse(json);
}

const added = (sums: Sums, chunk: ChunkRow): Sums => ({
  created: sums.created + chunk.created,
  changed: sums.changed + chunk.changed,
  unchanged: sums.unchanged + chunk.unchanged,
  failed: sums.failed + chunk.failed,
});

/** `at`: when the newest of the summed chunks was committed. */
function progressOf(
  { total_rows, started_at }: Pick<FollowedRow, "total_rows" | "started_at">,
  { created, changed, unchanged, failed }: Sums,
  at: number | null,
): Progress {
  const processed_rows = created + changed + unchanged + failed;
  const seconds = started_at === null || at === null ? 0 : Math.max(1, at - started_at) / 1000;
  const rate = seconds === 0 || processed_rows === 0 ? null : processed_rows / seconds;
  return {
    processed_rows,
    total_rows,
    created_count: created,
    updated_count: changed + unchanged,
    failed_count: failed,
    rows_per_second: rate === null ? null : Math.round(rate * 10) / 10,
    seconds_left: rate === null ? null : Math.ceil((total_rows - processed_rows) / rate),
  };
}
