/** Import plans as they are shown. */
import { z } from "@hono/zod-openapi";
import { type PlanDetail, rowErrorText, type ShownPlannedRow, showWarning, USD_PER_ROW_WRITTEN } from "../../core/imports";
import { isoTime } from "../../time";
import { ALIAS_KINDS, PLAN_STATUSES, ROW_OUTCOMES } from "../../vocabulary";
import { wireLeadId } from "./adapter";
import { ImportWarning, WARNING_EXAMPLE } from "./import-views";
import { Timestamp } from "./schemas";

export const PlannedRow = z
  .object({
    row: z.number().int(),
    outcome: z.enum(ROW_OUTCOMES),
    lead_id: z.string().nullable().openapi({ description: "A lead that is created will have this id" }),
    changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.string().nullable() })).openapi({
      description: "By profile field, or `_alias_<kind>` for an alias that the lead gains. `before` is cut after 1,000 characters",
    }),
    error: z.string().nullable(),
    warnings: z.array(ImportWarning.omit({ row: true })),
    conflicts: z
      .array(z.object({ kind: z.enum(ALIAS_KINDS), value: z.string(), lead_id: z.string() }))
      .openapi({ description: "Aliases that stay with the lead that has them" }),
  })
  .openapi("PlannedRow");

export const ImportPlan = z
  .object({
    plan_id: z.string(),
    file_id: z.string(),
    status: z.enum(PLAN_STATUSES),
    problem: z.string().nullable().openapi({ description: "Why the plan failed" }),
    expires_at: Timestamp,
    total_rows: z.number().int(),
    planned_rows: z.number().int(),
    counts: z.object({
      created: z.number().int(),
      changed: z.number().int(),
      unchanged: z.number().int().openapi({ description: "With those that the mode passes over, whose outcome is `skipped`" }),
      failed: z.number().int(),
      conflicts: z.number().int(),
    }),
    columns: z.array(z.object({ column: z.string(), would_change: z.number().int(), spared: z.number().int() })).openapi({
      description:
        "The mapped columns, how many of their cells would change a lead, and how many are left out because a person wrote the field last",
    }),
    rows: z.array(PlannedRow).openapi({ description: "The first 100" }),
    triggers: z
      .object({
        firings: z.number().int(),
        notifications: z.number().int(),
        exact: z.boolean(),
        notes: z.array(z.string()).openapi({ description: "Why the counts may differ from what fires; empty when they are exact" }),
      })
      .openapi({
        description:
          "What the import would fire: triggers of segments that its leads enter or leave, by their state before and after it, and the notifications of those firings. An import makes no events, so triggers of events do not fire",
      }),
    ignored_fields: z.array(z.string()),
    rows_written: z.number().int().openapi({ description: "Rows of D1 that the import writes, its job's own included" }),
    price_usd: z.number().openapi({ description: "What Cloudflare bills for them: $1.00 for a million" }),
    job_id: z.string().nullable().openapi({ description: "The job that carries the plan out" }),
  })
  .openapi("ImportPlan");

const LEAD_ID = "ld_0193f3a2c7b07aa18000c0ffee123456";
const { row: _, ...WARNING } = WARNING_EXAMPLE;

export const PLANNED_ROW_EXAMPLE = {
  row: 2,
  outcome: "changed" as const,
  lead_id: LEAD_ID,
  changes: [{ field: "company", before: "Acme", after: "Acme Corp" }],
  error: null,
  warnings: [WARNING],
  conflicts: [],
};

export const PLAN_EXAMPLE = {
  plan_id: "plan_0193f3a2c7b07aa18000c0ffee123456",
  file_id: "preview_0193f3a2c7b07aa18000c0ffee123456",
  status: "completed" as const,
  problem: null,
  expires_at: "2026-01-16T10:00:00.000Z",
  total_rows: 1,
  planned_rows: 1,
  counts: { created: 0, changed: 1, unchanged: 0, failed: 0, conflicts: 0 },
  columns: [
    { column: "Email", would_change: 0, spared: 0 },
    { column: "Company", would_change: 1, spared: 0 },
  ],
  rows: [PLANNED_ROW_EXAMPLE],
  triggers: { firings: 1, notifications: 2, exact: true, notes: [] },
  ignored_fields: [],
  rows_written: 13,
  price_usd: 0.000013,
  job_id: null,
};

export const plannedRowView = ({ row, outcome, lead_id, changes, error, warnings, conflicts, headers }: ShownPlannedRow) => ({
  row,
  outcome,
  lead_id: lead_id === null ? null : wireLeadId(lead_id),
  changes: changes.map(({ field, before, after }) => ({ field, before, after })),
  error: error === null ? null : rowErrorText(error.code),
  warnings: warnings.map((warning) => {
    const { row: _, ...shown } = showWarning(warning, headers);
    return shown;
  }),
  conflicts: conflicts.map(({ kind, value, owner }) => ({ kind, value, lead_id: wireLeadId(owner) })),
});

export const planView = ({ expires_at, rows, rows_written, ...plan }: PlanDetail) => ({
  plan_id: plan.plan_id,
  file_id: plan.file_id,
  status: plan.status,
  problem: plan.problem,
  expires_at: isoTime(expires_at),
  total_rows: plan.total_rows,
  planned_rows: plan.planned_rows,
  counts: plan.counts,
  columns: plan.columns,
  rows: rows.map(plannedRowView),
  triggers: plan.triggers,
  ignored_fields: plan.ignored_fields,
  rows_written,
  price_usd: Number((rows_written * USD_PER_ROW_WRITTEN).toFixed(6)),
  job_id: plan.job_id,
});
