/**
 * Which failed rows of earlier imports a row of an errors file is. Its `_job` cell is `job_b job_a:45`: row `_row` of job_b, which was row 45
 * of job_a, as a file may go round several times. Pure.
 */
export type TrailColumns = { row: number; job: number };
export type FailedRow = { job_id: string; row: number };

const JOBS_MAX = 10;
const STEP = /^(job_\w{1,64})(?::(\d{1,9}))?$/;

/** Empty where somebody has changed the cells. */
export function readTrail(cells: readonly string[], columns: TrailColumns): FailedRow[] {
  const row = Number(cells[columns.row]?.trim());
  if (!Number.isSafeInteger(row) || row < 1) return [];
  const steps = (cells[columns.job] ?? "").trim().split(/\s+/).slice(0, JOBS_MAX);
  return steps.flatMap((step) => {
    const [, job_id, at] = STEP.exec(step) ?? [];
    return job_id === undefined ? [] : [{ job_id, row: at === undefined ? row : Number(at) }];
  });
}

/** The `_job` cell of a row that failed in `job_id`, after `earlier`. */
export const writeTrail = (job_id: string, earlier: readonly FailedRow[]): string =>
  [job_id, ...earlier.slice(0, JOBS_MAX - 1).map((failed) => `${failed.job_id}:${failed.row}`)].join(" ");
