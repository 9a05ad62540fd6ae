/** The columns that an errors file of ours has after the original's, by which it is recognised when it comes back. */

const ROW = "_row";
const ERROR = "_error";
const JOB = "_job";
const PROBLEM = "_error: ";

/** `problems`: the names of the original's columns that have one of their own for what is wrong with their cells. */
export const errorsFileColumns = (problems: readonly string[]): string[] => [ROW, ERROR, ...problems.map((name) => PROBLEM + name), JOB];

/** Where our own columns begin; null for any other file. It does not matter if somebody has removed some of our columns from the end. */
export function ownColumnsFrom(headers: readonly string[]): number | null {
  const at = headers.findLastIndex((name, index) => name === ROW && headers[index + 1] === ERROR);
  const others = headers.slice(at + 2);
  return at < 0 || !others.every((name) => name === "" || name === JOB || name.startsWith(PROBLEM)) ? null : at;
}

/** The original's columns. `guarded`: the file is an errors file of ours. */
export const originalHeaders = ({ headers, guarded }: { headers: readonly string[]; guarded: boolean }): string[] =>
  headers.slice(0, (guarded ? ownColumnsFrom(headers) : null) ?? headers.length);

/** Where an errors file says which failed row each of its rows is; null for any other file, and one without its last column. */
export function trailColumns({ headers, guarded }: { headers: readonly string[]; guarded: boolean }): { row: number; job: number } | null {
  const row = guarded ? ownColumnsFrom(headers) : null;
  const job = headers.lastIndexOf(JOB);
  return row === null || job < row ? null : { row, job };
}
