/** Imports of leads, from the file to its undo. The file itself comes by another route: see files.ts. */
import { z } from "zod";
import {
  CellEdits,
  cancelImportJob,
  createUpload,
  dryRunUndoImport,
  editFile,
  ImportMapping,
  type ImportMappingInput,
  listFailedRows,
  listImportJobs,
  listImportWarnings,
  listPlannedRows,
  listProblemRows,
  mendFailedRows,
  planImport,
  requireImportJob,
  requirePlan,
  rowErrorText,
  type ShownPlannedRow,
  showWarning,
  startPlannedImport,
  UploadInput,
  USD_PER_ROW_WRITTEN,
  undoImport,
} from "../../../core/imports";
import { listProfileFields, publicLeadId } from "../../../core/leads";
import type { Undo } from "../../../core/undo";
import { ROW_OUTCOMES } from "../../../vocabulary";
import { read, write } from "../call";
import { jobView, previewView } from "../import-views";

const Nothing = z.strictObject({});
const Job = z.strictObject({ job_id: z.string() });
const Plan = z.strictObject({ plan_id: z.string() });
const PER_PAGE = 20;
const ROWS_PER_PAGE = 50;

export const importCalls = {
  /** What a column may be mapped to beside the kinds of aliases. */
  "imports.fields": read(Nothing, (ctx) => listProfileFields(ctx)),
  "imports.list": read(z.strictObject({ page: z.number().int().min(1).max(10_000).default(1) }), async (ctx, { page }) => {
    const { jobs, total } = await listImportJobs(ctx, page, PER_PAGE);
    return { jobs: jobs.map(jobView), next: page * PER_PAGE < total ? page + 1 : null, total };
  }),
  /** A file again, as it is kept, or with some of its cells changed. */
  "imports.edit": write(z.strictObject({ file_id: z.string(), edits: CellEdits }), async (ctx, { file_id, edits }) =>
    previewView(await editFile(ctx, file_id, edits)),
  ),
  "imports.mend": write(z.strictObject({ job_id: z.string(), edits: CellEdits }), async (ctx, { job_id, edits }) =>
    previewView(await mendFailedRows(ctx, job_id, edits)),
  ),
  "imports.createUpload": write(UploadInput, async (ctx, given) => {
    const { upload_id, part_size, part_count } = await createUpload(ctx, given);
    return { upload_id, part_size, part_count };
  }),
  "imports.plan": write(z.strictObject({ file_id: z.string(), mapping: ImportMapping }), async (ctx, { file_id, mapping }) =>
    planView(await planImport(ctx, file_id, mapping as ImportMappingInput)),
  ),
  "imports.showPlan": read(Plan, async (ctx, { plan_id }) => planView(await requirePlan(ctx, plan_id))),
  "imports.plannedRows": read(
    z.strictObject({ plan_id: z.string(), outcome: z.enum(ROW_OUTCOMES).optional(), cursor: z.string().optional() }),
    async (ctx, { plan_id, ...query }) => {
      const { rows, next_cursor } = await listPlannedRows(ctx, plan_id, { ...query, limit: ROWS_PER_PAGE });
      return { rows: rows.map(plannedRowView), next_cursor };
    },
  ),
  "imports.problemRows": read(z.strictObject({ plan_id: z.string(), cursor: z.string().optional() }), (ctx, { plan_id, cursor }) =>
    listProblemRows(ctx, plan_id, cursor),
  ),
  "imports.start": write(z.strictObject({ plan_id: z.string(), accept_drift: z.boolean().default(false) }), async (ctx, given) => ({
    job_id: (await startPlannedImport(ctx, given)).job.job_id,
  })),
  "imports.job": read(Job, async (ctx, { job_id }) => {
    const job = await requireImportJob(ctx, job_id);
    return {
      ...jobView(job),
      mapped: job.mapped,
      ignored_fields: job.ignored_fields,
      conflicts: job.conflicts.map((conflict) => ({ ...conflict, lead_id: publicLeadId(conflict.lead_id) })),
      undo: job.undo && undoView(job.undo),
    };
  }),
  "imports.warnings": read(z.strictObject({ job_id: z.string(), page: z.number().int().min(1).max(10_000) }), (ctx, { job_id, page }) =>
    listImportWarnings(ctx, job_id, page, ROWS_PER_PAGE),
  ),
  "imports.failedRows": read(Job, (ctx, { job_id }) => listFailedRows(ctx, job_id)),
  "imports.cancel": write(Job, async (ctx, { job_id }) => jobView(await cancelImportJob(ctx, job_id))),
  "imports.previewUndo": read(Job, async (ctx, { job_id }) => undoView((await dryRunUndoImport(ctx, job_id)).undo)),
  "imports.undo": write(Job, async (ctx, { job_id }) => undoView((await undoImport(ctx, job_id)).undo)),
};

const planView = ({ rows_written, rows, ...plan }: Awaited<ReturnType<typeof requirePlan>>) => ({
  ...plan,
  rows: rows.map(plannedRowView),
  rows_written,
  price_usd: rows_written * USD_PER_ROW_WRITTEN,
});

const plannedRowView = ({ row, outcome, lead_id, changes, error, warnings, conflicts, headers }: ShownPlannedRow) => ({
  row,
  outcome,
  lead_id: lead_id === null ? null : publicLeadId(lead_id),
  changes: changes.map(({ field, before, after }) => ({ field, before: textOf(before), after })),
  error: error && rowErrorText(error.code),
  warnings: warnings.map((warning) => showWarning(warning, headers).warning),
  conflicts: conflicts.map(({ kind, value, owner }) => ({ kind, value, lead_id: publicLeadId(owner) })),
});

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value);

const undoView = ({ kept, ...undo }: Undo) => ({
  ...undo,
  kept: kept.map((field) => ({ ...field, lead_id: publicLeadId(field.lead_id) })),
});
