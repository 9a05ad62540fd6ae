/** What every kind of job does with the chunks of its file. */
import type { Ctx, Statement } from "../../context";
import type { CsvRow } from "../csv";
import { chunkMark } from "./chunk-store";
import { rowError } from "./import-row";

/** The rows of a chunk; each kind of job adds what it read from them. */
export type ReadRows = { rows: readonly CsvRow[] };

export type ChunkTask<Read extends ReadRows, Carry> = {
  no: number;
  chunk: Read;
  /** the result of the previous chunk's commit; null when there is none, or it may be outdated */
  carry: Carry | null;
  /** the next chunk; null for the last */
  next: Read | null;
  /** committed with the chunk */
  more: readonly Statement<never>[];
};

export type ChunkWork<Read extends ReadRows, Carry> = {
  job_id: string;
  read(rows: readonly CsvRow[]): Read;
  /** Commits a chunk in one batch. Throws CommitConflict: on `import_chunks` when it is committed already, on other tables when its plan is outdated. */
  commit(ctx: Ctx, task: ChunkTask<Read, Carry>): Promise<Carry | null>;
};

/** Fails all rows of a chunk with "Server error" so that the job can continue. */
export async function failChunk(ctx: Ctx, jobId: string, task: Pick<ChunkTask<ReadRows, unknown>, "no" | "chunk" | "more">): Promise<void> {
  const errors = task.chunk.rows.map((row) => rowError(row.row, "server_error", null, ""));
  const counts = { created: 0, changed: 0, unchanged: 0 };
  await ctx.db.batch([
    ...chunkMark(ctx.db, { job_id: jobId, chunk_no: task.no, counts, errors, conflicts: [], now: ctx.now() }),
    ...task.more,
  ]);
}
