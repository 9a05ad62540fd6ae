/**
 * The failed rows of a job as a table: the original's columns in their order, then `_row`, `_error`, one column for each column with problem
 * cells, and `_job`. Mended, it can be imported again, and needs no mapping then.
 */
import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import type { JobKind } from "../../../vocabulary";
import { type Delimiter, errorsFileColumns, originalHeaders, trailColumns } from "../../csv";
import { type ImportFile, readFile, readRows } from "../file";
import { ROW_ERRORS, type RowReader, rowReader } from "../import-row";
import { noSuchJob, type StoredError } from "../jobs";
import { readLeadMapping } from "../mapping";
import { type CountedJobRow, type FailedChunkRow, selectFailedChunks, selectFileOfJob, selectJob } from "../store";
import { type CellProblems, problemCells } from "./problem-cells";
import { readTrail, type TrailColumns, writeTrail } from "./trail";

/** Chunks whose errors are read in one round trip. The columns with problem cells are those of the first of them. */
const CHUNKS_PER_READ = 20;

/** `cells`: of all columns; `problems`: positions of the cells to correct; `explanations`: of the table's `explained` columns. */
export type ErrorsRow = { row: number; cells: string[]; error: string; problems: number[]; explanations: string[] };
export type ErrorsTable = {
  job: CountedJobRow;
  delimiter: Delimiter;
  /** of all columns */
  headers: string[];
  /** the original's columns, which come first */
  original: string[];
  /** those of them that have a column of explanations */
  explained: string[];
  rows: AsyncGenerator<ErrorsRow[]>;
};

type Source = {
  ctx: Ctx;
  job_id: string;
  file: ImportFile;
  /** the original's */
  headers: string[];
  trail: TrailColumns | null;
  reader: RowReader | null;
};
type FailedRow = { row: number; cells: string[]; error: string; problems: CellProblems; job: string };

/** Throws not_found when the job is unknown, or its file is gone (7 days after the job's end). */
export async function openErrorsTable(ctx: Ctx, job_id: string, kind: JobKind): Promise<ErrorsTable> {
  const [[job], [row]] = await ctx.db.batch([selectJob(ctx.db, job_id, kind), selectFileOfJob(ctx.db, job_id)]);
  if (!job) throw noSuchJob();
  if (!row || row.keep_until <= ctx.now())
    throw new AppError("not_found", "The file of this job is no longer kept: failed rows can be fetched for 7 days after a job's end");
  const file = readFile(row);
  const reader = kind === "leads" ? rowReader(readLeadMapping(job.mapping)) : null;
  const source = { ctx, job_id, file, reader, headers: originalHeaders(file), trail: trailColumns(file) };
  const columns = await problemColumns(source);
  const names = columns.map((column) => source.headers[column] ?? "");
  const headers = [...source.headers, ...errorsFileColumns(names)];
  return { job, delimiter: file.delimiter, headers, original: source.headers, explained: names, rows: tableRows(source, columns) };
}

/** Of the first failed chunks: further problems appear only in `_error`. */
async function problemColumns(source: Source): Promise<number[]> {
  const columns = new Set<number>();
  const chunks = await source.ctx.db.all(selectFailedChunks(source.ctx.db, source.job_id, 0, CHUNKS_PER_READ));
  for (const chunk of chunks) {
    for (const { problems } of await failedRows(source, chunk)) {
      for (const column of problems.keys()) columns.add(column);
    }
  }
  return [...columns].filter((column) => column < source.headers.length).sort((a, b) => a - b);
}

async function* tableRows(source: Source, columns: readonly number[]): AsyncGenerator<ErrorsRow[]> {
  const { ctx, job_id, headers } = source;
  for (let from = 0; ; ) {
    const chunks = await ctx.db.all(selectFailedChunks(ctx.db, job_id, from, CHUNKS_PER_READ));
    for (const chunk of chunks) yield (await failedRows(source, chunk)).map((row) => tableRow(row, columns, headers.length));
    const last = chunks.at(-1);
    if (!last || chunks.length < CHUNKS_PER_READ) return;
    from = last.chunk_no + 1;
  }
}

async function failedRows({ ctx, job_id, file, headers, trail, reader }: Source, failed: FailedChunkRow): Promise<FailedRow[]> {
  const chunk = file.chunks[failed.chunk_no];
  const read = chunk && (await readRows(ctx.files, file, chunk));
  if (!read) throw new Error(`the object of a file that is kept is gone: ${file.object_key}`);
  const errors: StoredError[] = JSON.parse(failed.errors);
  const cellsOf = new Map(read.map(({ row, cells }) => [row, cells]));
  return errors.map((error) => {
    const [row, code] = error;
    const cells = cellsOf.get(row) ?? [];
    return {
      row,
      cells,
      error: ROW_ERRORS[code],
      problems: problemCells({ cells }, error, headers, reader),
      job: writeTrail(job_id, trail === null ? [] : readTrail(cells, trail)),
    };
  });
}

function tableRow({ row, cells, error, problems, job }: FailedRow, columns: readonly number[], width: number): ErrorsRow {
  const others = [...problems].flatMap(([column, problem]) => (columns.includes(column) ? [] : [problem]));
  // a ragged row is padded or cut, so that _row and _error are in their own columns
  const original = Array.from({ length: width }, (_, column) => cells[column] ?? "");
  const explanations = columns.map((column) => problems.get(column) ?? "");
  const errors = [error, ...others].join("; ");
  return {
    row,
    cells: [...original, String(row), errors, ...explanations, job],
    error: errors,
    problems: [...problems.keys()],
    explanations,
  };
}
