/** What a run does with the chunks of a file, whatever their rows are. */
import type { Ctx, Statement } from "../../context";
import type { CsvRow } from "../csv";
import { chunkMark } from "./chunk-store";
import { rowError } from "./import-row";

/** A chunk's rows as they are, beside what was read from them. */
export type ReadRows = { rows: readonly CsvRow[] };

export type ChunkTask<Read extends ReadRows, Carry> = {
  no: number;
  chunk: Read;
  /** what the commit of the chunk before handed on; null when there is none, or it may be outdated */
  carry: Carry | null;
  /** the chunk behind it; null for the last */
  next: Read | null;
  /** to be committed with the chunk */
  more: readonly Statement[];
};

export type ChunkWork<Read extends ReadRows, Carry> = {
  job_id: string;
  read(rows: readonly CsvRow[]): Read;
  /** Commits a chunk in one batch. Throws CommitConflict: on `import_chunks` when it was committed before, else when its plan is outdated. */
  commit(ctx: Ctx, task: ChunkTask<Read, Carry>): Promise<Carry | null>;
};

/** Gives a chunk up: all its rows fail with "Server error", and the job goes on behind it. */
export async function failChunk(ctx: Ctx, jobId: string, task: Pick<ChunkTask<ReadRows, unknown>, "no" | "chunk" | "more">): Promise<void> {
  const errors = task.chunk.rows.map((row) => rowError(row.row, "server_error", null, ""));
  const counts = { created: 0, changed: 0, unchanged: 0 };
  await ctx.db.batch([
    ...chunkMark(ctx.db, { job_id: jobId, chunk_no: task.no, counts, errors, conflicts: [], now: ctx.now() }),
    ...task.more,
  ]);
}
