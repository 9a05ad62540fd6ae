import type { Ctx } from "../../../context";
import { openErrorsTable } from "../errors-file/errors-table";
import { ROW_ERRORS } from "../import-row";
import { showWarning } from "../jobs";
import { listPlannedRows, requirePlan, type ShownPlannedRow } from "../plan";
import { readCells } from "./edit-file";

/** A row that somebody may want to correct. `error`: why it fails; null: it is imported without the cells named. `problems` by column. */
export type ProblemRow = { row: number; cells: string[]; error: string | null; problems: { column: string; problem: string }[] };
export type ProblemRows = { headers: string[]; rows: ProblemRow[]; next_cursor: string | null };

const ROWS_PER_PAGE = 500;
const PLANNED_ROWS_PER_READ = 1_000;
const READS_PER_PAGE = 20;

/**
 * Rows of a plan that fail or lose cells, in file order, with their cells. A page goes over at most 20,000 rows: it may be empty and still
 * have a cursor. Throws not_found, invalid_request (a cursor of another list).
 */
export async function listProblemRows(ctx: Ctx, planId: string, cursor?: string): Promise<ProblemRows> {
  const { file_id } = await requirePlan(ctx, planId);
  const found: ShownPlannedRow[] = [];
  let next: string | null | undefined = cursor;
  for (let reads = 0; reads < READS_PER_PAGE && next !== null && found.length < ROWS_PER_PAGE; reads++) {
    const page: Awaited<ReturnType<typeof listPlannedRows>> = await listPlannedRows(ctx, planId, {
      cursor: next,
      limit: Math.min(PLANNED_ROWS_PER_READ, ROWS_PER_PAGE - found.length),
    });
    found.push(...page.rows.filter(({ error, warnings }) => error !== null || warnings.length > 0));
    if (page.rows.length === 0 && page.next_cursor === next) break;
    next = page.next_cursor;
  }
  const { headers, rows } = await readCells(
    ctx,
    file_id,
    found.map(({ row }) => row),
  );
  return { headers, rows: found.map((planned) => problemRow(planned, rows.get(planned.row) ?? [])), next_cursor: next ?? null };
}

function problemRow({ row, error, warnings, headers }: ShownPlannedRow, cells: string[]): ProblemRow {
  const problems = warnings
    .map((warning) => showWarning(warning, headers))
    .flatMap(({ column, warning }) => (column === null ? [] : [{ column, problem: warning }]));
  const column = error?.column === null || error === null ? undefined : headers[error.column];
  if (error && column !== undefined && !problems.some((other) => other.column === column)) {
    problems.push({ column, problem: ROW_ERRORS[error.code] });
  }
  return { row, cells, error: error && ROW_ERRORS[error.code], problems };
}

/** The first 500 failed rows of an import with their cells. Throws not_found (the job, or its rows are no longer kept). */
export async function listFailedRows(ctx: Ctx, jobId: string): Promise<Omit<ProblemRows, "next_cursor">> {
  const table = await openErrorsTable(ctx, jobId, "leads");
  const rows: ProblemRow[] = [];
  for await (const some of table.rows) {
    for (const { row, cells, error, explanations } of some) {
      const problems = table.explained.flatMap((column, at) => {
        const problem = explanations[at] ?? "";
        return problem === "" ? [] : [{ column, problem }];
      });
      rows.push({ row, cells: cells.slice(0, table.original.length), error, problems });
    }
    if (rows.length >= ROWS_PER_PAGE) break;
  }
  return { headers: table.original, rows: rows.slice(0, ROWS_PER_PAGE) };
}
