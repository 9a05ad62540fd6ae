import { z } from "zod";
import type { Ctx } from "../../../context";
import { CommitConflict } from "../../../db/commit";
import { AppError } from "../../../errors";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import { knownFields, selectProfileFields } from "../../leads";
import { readFile, readRows } from "../file";
import { rowReader } from "../import-row";
import { readLeads } from "../lead-chunks";
import { readLeadMapping } from "../mapping";
import { rememberUse } from "../memory/mappings";
import { FileId, ImportMapping, JobId } from "../schemas";
import { hashOf, identityOf, queueJob, type StartedImport } from "../start-import";
import { type FileRow, selectFile, selectJob } from "../store";
import { PLAN_ROWS_GONE, planPrefix, readObject } from "./plan-objects";
import type { PlanProgress } from "./progress";
import { countMovedRows } from "./reads";
import { noSuchPlan } from "./show-plan";
import { isSigned } from "./signature";
import { bindPlan, type PlanRow, selectPlan } from "./store";

/** Chunks that are checked before the start, several at once; the import itself checks every row again. */
const CHUNKS_CHECKED_MAX = 150;
const CHUNKS_AT_ONCE = 5;

/** `file_id` and `mapping` may be left out; given, they have to be those of the plan. */
const PlannedStart = z.object({
  plan_id: JobId,
  accept_drift: z.boolean().default(false),
  notify: z.boolean().default(false),
  file_id: FileId.optional(),
  mapping: ImportMapping.optional(),
});
type PlannedStart = z.output<typeof PlannedStart>;

/**
 * Starts the import that was planned; a plan that was started before returns its job. The job writes what the plan says: rows whose lead has
 * changed since then fail, unless the caller accepts drift. One D1 round trip for each 1,000 rows. Throws forbidden (a viewer), not_found
 * (unknown or expired plan), invalid_request (another file or mapping), conflict (the plan is not completed), plan_outdated with `rows_moved`.
 */
export async function startPlannedImport(ctx: Ctx, input: z.input<typeof PlannedStart>): Promise<StartedImport> {
  requireRole(ctx, "editor");
  const given = parseInput(PlannedStart, input);
  const [plan] = await ctx.db.all(selectPlan(ctx.db, given.plan_id, ctx.now()));
  const [[file], fields] = await ctx.db.batch([selectFile(ctx.db, plan?.file_id ?? ""), selectProfileFields(ctx.db)]);
  if (!plan || !file) throw noSuchPlan();
  requireSame(plan, given);
  if (plan.job_id !== null) return startedJob(ctx, plan, plan.job_id);
  if (plan.status !== "completed") throw new AppError("conflict", plan.problem ?? "The plan is not completed: poll it until it is");
  if (!given.accept_drift) {
    const moved = await countMoved(ctx, plan, file);
    if (moved > 0) throw planOutdated(moved);
  }
  const known = knownFields(fields);
  const wanted: string[] = JSON.parse(plan.created_fields);
  const mapping = {
    ...readLeadMapping(plan.mapping),
    plan: { plan_id: plan.plan_id, accept_drift: given.accept_drift },
    ...(given.notify ? { notify: true as const } : {}),
  };
  try {
    const job = await queueJob(ctx, {
      file_id: plan.file_id,
      file_name: file.file_name,
      kind: "leads",
      mapping: JSON.stringify(mapping),
      identity: hashOf([plan.plan_id]),
      total_rows: file.row_count,
      chunk_count: readFile(file).chunks.length,
      created_fields: wanted.filter((name) => !known.has(name.toLowerCase())),
      more: (jobId) => [...bindPlan(ctx.db, plan.plan_id, jobId), ...rememberUse(ctx, file, mapping)],
    });
    return { job, ignored_fields: mapping.ignored_fields };
  } catch (error) {
    if (!(error instanceof CommitConflict)) throw error;
    const [now] = await ctx.db.all(selectPlan(ctx.db, plan.plan_id, ctx.now()));
    if (!now) throw noSuchPlan();
    if (now.job_id === null) throw error;
    return startedJob(ctx, plan, now.job_id);
  }
}

async function startedJob(ctx: Ctx, plan: PlanRow, jobId: string): Promise<StartedImport> {
  const [job] = await ctx.db.all(selectJob(ctx.db, jobId, "leads"));
  if (!job) throw noSuchPlan();
  return { job, ignored_fields: readLeadMapping(plan.mapping).ignored_fields };
}

function requireSame(plan: PlanRow, { file_id, mapping }: PlannedStart): void {
  if (file_id !== undefined && file_id !== plan.file_id) throw otherThanPlanned("file_id", "file");
  if (mapping !== undefined && identityOf(plan.file_id, mapping) !== plan.identity) throw otherThanPlanned("plan_id", "mapping");
}

const otherThanPlanned = (path: string, what: string): AppError =>
  new AppError("invalid_request", `The plan is for another ${what}`, [{ path, message: `must be the ${what} that was planned` }]);

const planOutdated = (rows_moved: number): AppError =>
  new AppError(
    "plan_outdated",
    `${rows_moved} rows would be imported onto leads that have changed since the plan: plan again, or accept_drift`,
    [],
    {
      rows_moved,
    },
  );

/** Rows that read something that has changed since the plan. */
async function countMoved(ctx: Ctx, plan: PlanRow, fileRow: FileRow): Promise<number> {
  const progress: PlanProgress = JSON.parse(plan.progress);
  if (!isSigned(ctx, plan, progress)) return fileRow.row_count;
  const file = readFile(fileRow);
  const read = readLeads(rowReader(readLeadMapping(plan.mapping)));
  const prefix = planPrefix(ctx.unit.unit, plan.plan_id);
  const movedOf = async (no: number): Promise<number> => {
    const [planned, chunk] = [progress.chunks[no], file.chunks[no]];
    if (!planned || !chunk) return 0;
    const content = await readObject(ctx.files, prefix, no, planned);
    if (!content) throw new AppError("conflict", PLAN_ROWS_GONE);
    return countMovedRows(ctx, content, async () => read((await readRows(ctx.files, file, chunk)) ?? []));
  };
  let moved = 0;
  const checked = Math.min(progress.chunks.length, CHUNKS_CHECKED_MAX);
  for (let from = 0; from < checked; from += CHUNKS_AT_ONCE) {
    const counts = await Promise.all(Array.from({ length: Math.min(CHUNKS_AT_ONCE, checked - from) }, (_, at) => movedOf(from + at)));
    moved += counts.reduce((sum, count) => sum + count, 0);
  }
  return moved;
}
