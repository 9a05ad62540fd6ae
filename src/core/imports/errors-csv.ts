/** The failed rows of a job as a CSV file: the original's delimiter and columns in their order, then `_row` and `_error`. Mended, it can be imported again. */

import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import type { JobKind } from "../../vocabulary";
import { csvLine, guardCell } from "../csv";
import { type ImportFile, readFile, readRows } from "./file";
import { ROW_ERRORS } from "./import-row";
import { noSuchJob, type StoredError } from "./jobs";
import { type FailedChunkRow, selectFailedChunks, selectFileOfJob, selectJob } from "./store";

/** Without it Excel does not read a CSV file as UTF-8. */
const BYTE_ORDER_MARK = "\uFEFF";
/** Chunks whose errors are read in one round trip. */
const CHUNKS_PER_READ = 20;

export type ErrorsCsv = { file_name: string; lines: AsyncGenerator<string> };

/** Throws not_found when the job is unknown, or its file is gone (7 days after the job's end). */
export async function openErrorsCsv(ctx: Ctx, jobId: string, kind: JobKind): Promise<ErrorsCsv> {
  const [[job], [file]] = await ctx.db.batch([selectJob(ctx.db, jobId, kind), selectFileOfJob(ctx.db, jobId)]);
  if (!job) throw noSuchJob();
  if (!file || file.keep_until <= ctx.now())
    throw new AppError("not_found", "The file of this job is no longer kept: failed rows can be fetched for 7 days after a job's end");
  return { file_name: `${job.file_name.replace(/\.\w+$/, "")}-errors.csv`, lines: errorLines(ctx, jobId, readFile(file)) };
}

async function* errorLines(ctx: Ctx, jobId: string, file: ImportFile): AsyncGenerator<string> {
  const headers = file.guarded ? file.headers.slice(0, -2) : file.headers;
  yield BYTE_ORDER_MARK + csvLine([...headers, "_row", "_error"].map(guardCell), file.delimiter);
  for (let from = 0; ; ) {
    const chunks = await ctx.db.all(selectFailedChunks(ctx.db, jobId, from, CHUNKS_PER_READ));
    for (const chunk of chunks) yield await linesOfChunk(ctx, file, chunk, headers.length);
    const last = chunks.at(-1);
    if (!last || chunks.length < CHUNKS_PER_READ) return;
    from = last.chunk_no + 1;
  }
}

async function linesOfChunk(ctx: Ctx, file: ImportFile, failed: FailedChunkRow, width: number): Promise<string> {
  const chunk = file.chunks[failed.chunk_no];
  const read = chunk && (await readRows(ctx.files, file, chunk));
  if (!read) throw new Error(`the object of a file that is kept is gone: ${file.object_key}`);
  const errors: StoredError[] = JSON.parse(failed.errors);
  const rows = new Map(read.map(({ row, cells }) => [row, cells]));
  const lines = errors.map(([row, code]) => {
    const cells = rows.get(row) ?? [];
    // a ragged row is squared off, so that _row and _error stand in their own columns
    const squared = Array.from({ length: width }, (_, column) => cells[column] ?? "");
    return csvLine([...squared.map(guardCell), String(row), ROW_ERRORS[code]], file.delimiter);
  });
  return lines.join("");
}
