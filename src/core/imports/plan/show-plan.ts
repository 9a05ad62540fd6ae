import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import type { PlanStatus, RowOutcome } from "../../../vocabulary";
import { readHeaders } from "../file";
import { readLeadMapping } from "../mapping";
import { selectFile } from "../store";
import { shownKey } from "../targets/targets";
import { inexactBecause, NOTHING_FIRED } from "./forecast";
import { PLAN_ROWS_GONE, planPrefix, readObject } from "./plan-objects";
import type { PlannedRow } from "./planned-row";
import { countOf, type PlanProgress } from "./progress";
import { jobRowsWritten } from "./rows-written";
import { type PlanRow, selectPlan } from "./store";

export type PlanDetail = {
  plan_id: string;
  file_id: string;
  status: PlanStatus;
  problem: string | null;
  expires_at: number;
  total_rows: number;
  planned_rows: number;
  counts: { created: number; changed: number; unchanged: number; failed: number; conflicts: number };
  columns: { column: string; would_change: number; spared: number }[];
  rows: ShownPlannedRow[];
  /** `notes`: why the counts may differ from what fires; they are exact where there are none */
  triggers: { firings: number; notifications: number; exact: boolean; notes: string[] };
  ignored_fields: string[];
  rows_written: number;
  job_id: string | null;
};

/** A row with the names of its columns. */
export type ShownPlannedRow = PlannedRow & { headers: readonly string[] };

const ROWS_SHOWN = 100;

const shownRow = (row: PlannedRow, headers: readonly string[]): ShownPlannedRow => ({
  ...row,
  changes: row.changes.map((change) => ({ ...change, field: shownKey(change.field) })),
  headers,
});

export const noSuchPlan = (): AppError => new AppError("not_found", "Plan expired or not found (plans expire after 24 hours)");

/** A plan with its first 100 rows. One D1 round trip and an R2 read. Throws not_found. */
export async function requirePlan(ctx: Ctx, planId: string): Promise<PlanDetail> {
  const { plan, progress, headers, total_rows } = await loadPlan(ctx, planId);
  const mapping = readLeadMapping(plan.mapping);
  const mapped = new Set(
    [
      mapping.resolved.primary,
      ...mapping.resolved.fallbacks,
      ...mapping.resolved.fields,
      ...mapping.resolved.targets,
      ...mapping.resolved.aliases,
    ].map(({ column }) => column),
  );
  const unchanged = countOf(progress, "unchanged") + countOf(progress, "skipped");
  const [created, changed, failed] = (["created", "changed", "failed"] as const).map((outcome) => countOf(progress, outcome));
  const { rows, gone } = await readPage(ctx, planId, progress, { limit: ROWS_SHOWN });
  const lost = gone && plan.job_id === null && plan.status !== "failed";
  const fields: string[] = JSON.parse(plan.created_fields);
  return {
    plan_id: plan.plan_id,
    file_id: plan.file_id,
    status: lost ? "failed" : plan.status,
    problem: lost ? PLAN_ROWS_GONE : plan.problem,
    expires_at: plan.expires_at,
    total_rows,
    planned_rows: (created ?? 0) + (changed ?? 0) + unchanged + (failed ?? 0),
    counts: { created: created ?? 0, changed: changed ?? 0, unchanged, failed: failed ?? 0, conflicts: progress.conflicts },
    columns: headers.flatMap((column, at) =>
      mapped.has(at) ? [{ column, would_change: progress.columns[at] ?? 0, spared: progress.spared?.[at] ?? 0 }] : [],
    ),
    rows: rows.map((row) => shownRow(row, headers)),
    triggers: shownTriggers(progress.fired),
    ignored_fields: mapping.ignored_fields,
    rows_written: progress.rows_written + jobRowsWritten(fields.length),
    job_id: plan.job_id,
  };
}

function shownTriggers(fired: PlanProgress["fired"]): PlanDetail["triggers"] {
  const { firings, notifications } = fired ?? NOTHING_FIRED;
  const notes = fired ? inexactBecause(fired) : ["The plan was created before firings were counted: plan again"];
  return { firings: Math.max(0, firings), notifications: Math.max(0, notifications), exact: notes.length === 0, notes };
}

type PageQuery = { cursor?: string | undefined; outcome?: RowOutcome | undefined; limit: number };

/**
 * Planned rows in file order. While the plan is not completed, its last page has a cursor, too, from which the list continues. One D1 round trip,
 * one R2 read for each 1,000 rows that the page goes over. Throws not_found, invalid_request (a cursor of another list).
 */
export async function listPlannedRows(
  ctx: Ctx,
  planId: string,
  query: PageQuery,
): Promise<{ rows: ShownPlannedRow[]; next_cursor: string | null }> {
  const { plan, progress, headers } = await loadPlan(ctx, planId);
  const { rows, next } = await readPage(ctx, planId, progress, query);
  const ended = next.chunk >= progress.chunks.length && plan.status !== "in_progress";
  return { rows: rows.map((row) => shownRow(row, headers)), next_cursor: ended ? null : `${next.chunk}.${next.at}` };
}

async function loadPlan(
  ctx: Ctx,
  planId: string,
): Promise<{ plan: PlanRow; progress: PlanProgress; headers: string[]; total_rows: number }> {
  const [plan] = await ctx.db.all(selectPlan(ctx.db, planId, ctx.now()));
  const [file] = plan ? await ctx.db.all(selectFile(ctx.db, plan.file_id)) : [];
  if (!plan || !file) throw noSuchPlan();
  return {
    plan,
    progress: JSON.parse(plan.progress),
    headers: readHeaders(file.headers),
    total_rows: file.row_count,
  };
}

type Position = { chunk: number; at: number };

async function readPage(
  ctx: Ctx,
  planId: string,
  { chunks }: PlanProgress,
  { cursor, outcome, limit }: PageQuery,
): Promise<{ rows: PlannedRow[]; next: Position; gone: boolean }> {
  const rows: PlannedRow[] = [];
  let gone = false;
  const prefix = planPrefix(ctx.unit.unit, planId);
  const next = readCursor(cursor);
  for (; next.chunk < chunks.length; next.chunk += 1, next.at = 0) {
    const chunk = chunks[next.chunk];
    if (!chunk || (outcome && !chunk.outcomes[outcome])) continue;
    if (rows.length >= limit) break;
    const content = await readObject(ctx.files, prefix, next.chunk, chunk);
    gone ||= content === null;
    const found = content?.rows ?? [];
    for (; next.at < found.length && rows.length < limit; next.at += 1) {
      const row = found[next.at];
      if (row && (!outcome || row.outcome === outcome)) rows.push(row);
    }
    if (next.at < found.length) break;
  }
  return { rows, next, gone };
}

/** A position past the last chunk is that of a plan which is not completed. */
function readCursor(cursor: string | undefined): Position {
  if (cursor === undefined) return { chunk: 0, at: 0 };
  const match = /^(\d{1,6})\.(\d{1,6})$/.exec(cursor);
  if (!match)
    throw new AppError("invalid_request", "Unknown cursor", [{ path: "cursor", message: "must be the next_cursor of the page before" }]);
  return { chunk: Number(match[1]), at: Number(match[2]) };
}
