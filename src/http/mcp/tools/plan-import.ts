import { z } from "@hono/zod-openapi";
import type { Ctx } from "../../../context";
import {
  COLUMN_MODES,
  editFile,
  IMPORT_MODES,
  type ImportMappingInput,
  type PlanDetail,
  planImport as plan,
  previewImport,
  requirePlan,
  rowErrorText,
  showWarning,
} from "../../../core/imports";
import { publicLeadId } from "../../../core/leads";
import { isoTime } from "../../../time";
import { invalidRequest } from "../../../validation";
import { ALIAS_KINDS, oneOf, PLAN_STATUSES, ROW_OUTCOMES } from "../../../vocabulary";
import { readPlanId, signedPlanId } from "../plan-id";
import { changeText, cutChange, lines } from "../shown";
import { defineTool } from "../tool";

const TEXT_CHARS_MAX = 500_000;
const ROWS_SHOWN_MAX = 10;

const Identifier = z.object({ column: z.string(), kind: z.enum(ALIAS_KINDS, oneOf(ALIAS_KINDS)) });
const Columns = z.record(z.string(), z.string());

/** As the body of an import has them. */
const MAPPING = {
  primary_identifier: Identifier.optional().describe("The column that finds a lead; left out: the columns are mapped by what they hold"),
  identifiers: z.array(Identifier).optional().describe("Where a row has no usable primary identifier"),
  field_mappings: Columns.optional().describe('Columns to profile fields: {"First Name": "first_name"}'),
  alias_mappings: Columns.optional().describe('Columns to further aliases: {"Mobile": "_alias_phone"}'),
  mode: z.enum(IMPORT_MODES, oneOf(IMPORT_MODES)).optional(),
  column_modes: z.record(z.string(), z.enum(COLUMN_MODES, oneOf(COLUMN_MODES))).optional(),
  unless_edited_by: z
    .record(z.string(), z.literal("person"))
    .optional()
    .describe("Columns that leave a field alone that a person wrote last"),
  create_fields: z.array(z.string()).optional().describe("Profile fields to define with the import"),
  keep_unmapped_columns: z.boolean().optional(),
  strict: z.boolean().optional().describe("An invalid cell fails its row, instead of being dropped with a warning"),
};

const Row = z.object({
  row: z.number().int(),
  outcome: z.enum(ROW_OUTCOMES),
  lead_id: z.string().nullable(),
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
  error: z.string().nullable(),
  warnings: z.array(z.string()),
});

export const planImport = defineTool({
  name: "plan_import",
  title: "Plan an import",
  description:
    "Shows what an import of leads would do, row by row, and writes no lead. The rows are given as text (CSV with a header, tab-separated, JSON or NDJSON) or as the file_id of an upload. commit_plan with the plan_id does exactly this. With plan_id alone: the progress of a plan that takes longer than 5 seconds.",
  effect: "plans",
  input: z.strictObject({
    text: z.string().max(TEXT_CHARS_MAX, `must be at most ${TEXT_CHARS_MAX} characters: upload a file and give its file_id`).optional(),
    file_name: z.string().min(1, "must not be empty").optional().describe("Of the text, as the list of jobs shows it"),
    file_id: z.string().optional().describe("Of POST /leads/import/preview, or of an upload in parts"),
    plan_id: z.string().optional(),
    ...MAPPING,
  }),
  output: z.object({
    plan_id: z.string(),
    file_id: z.string(),
    status: z.enum(PLAN_STATUSES),
    problem: z.string().nullable().describe("Why the plan failed"),
    expires_at: z.string(),
    total_rows: z.number().int(),
    planned_rows: z.number().int(),
    counts: z.object({
      created: z.number().int(),
      changed: z.number().int(),
      unchanged: z.number().int(),
      failed: z.number().int(),
      conflicts: z.number().int(),
    }),
    mapping: z.record(z.string(), z.unknown()).nullable().describe("What the columns were taken for"),
    ignored_fields: z.array(z.string()).describe("Profile fields that are not defined"),
    rows: z.array(Row).describe(`The first ${ROWS_SHOWN_MAX}`),
  }),
  call: async (ctx, { text, file_name = "agent.csv", file_id, plan_id, primary_identifier, ...options }) => {
    if ([text, file_id, plan_id].filter((given) => given !== undefined).length !== 1)
      throw invalidRequest([{ path: "text", message: "give one of text, file_id, plan_id" }]);
    if (plan_id !== undefined) return shown(ctx, await requirePlan(ctx, readPlanId(ctx, plan_id).plan_id), null);
    const file = await mapped(ctx, { text, file_name, file_id }, { ...(options as Options), primary_identifier });
    return shown(ctx, await plan(ctx, file.file_id, file.mapping), file.mapping);
  },
});

type Options = Omit<ImportMappingInput, "primary_identifier">;
type Mapping = Options & { primary_identifier: ImportMappingInput["primary_identifier"] | undefined };

/** A file, and a mapping of its columns: the one that is given, else the suggested one. */
async function mapped(
  ctx: Ctx,
  { text, file_name, file_id }: { text: string | undefined; file_name: string; file_id: string | undefined },
  { primary_identifier, ...options }: Mapping,
): Promise<{ file_id: string; mapping: ImportMappingInput }> {
  if (file_id !== undefined && primary_identifier) return { file_id, mapping: { ...options, primary_identifier } };
  const preview =
    text === undefined
      ? await editFile(ctx, file_id ?? "", [])
      : await previewImport(ctx, { bytes: new TextEncoder().encode(text), file_name, encoding: "utf-8" });
  if (primary_identifier) return { file_id: preview.file_id, mapping: { ...options, primary_identifier } };
  const suggested = preview.suggested_mapping;
  if (suggested) return { file_id: preview.file_id, mapping: { ...suggested, ...options } };
  const columns = preview.columns.map(({ column }) => JSON.stringify(column)).join(", ");
  throw invalidRequest([{ path: "primary_identifier", message: `no column identifies anybody: say which does. Columns: ${columns}` }]);
}

function shown(ctx: Ctx, found: PlanDetail, mapping: ImportMappingInput | null) {
  const plan_id = signedPlanId(ctx, found.plan_id);
  const { status, counts, total_rows, planned_rows } = found;
  const rows = found.rows.slice(0, ROWS_SHOWN_MAX).map(rowView);
  const next = {
    in_progress: "plan_import with this plan_id shows how far it is",
    completed: "commit_plan does it",
    failed: found.problem ?? "",
  };
  const numbers = `${counts.created} created, ${counts.changed} changed, ${counts.unchanged} unchanged, ${counts.failed} failed`;
  return {
    data: {
      plan_id,
      file_id: found.file_id,
      status,
      problem: found.problem,
      expires_at: isoTime(found.expires_at),
      total_rows,
      planned_rows,
      counts,
      mapping: mapping && { ...mapping },
      ignored_fields: found.ignored_fields,
      rows,
    },
    text: lines(
      `Plan ${plan_id} is ${status}: of ${total_rows} rows ${planned_rows} are planned, ${numbers}. No lead is written: ${next[status]}.`,
      rows.map(({ row, outcome, changes, error }) => `row ${row} ${outcome}: ${error ?? changes.map(changeText).join("; ")}`),
    ),
  };
}

const rowView = ({ row, outcome, lead_id, changes, error, warnings, headers }: PlanDetail["rows"][number]) => ({
  row,
  outcome,
  lead_id: lead_id === null ? null : publicLeadId(lead_id),
  changes: changes.map(cutChange),
  error: error === null ? null : rowErrorText(error.code),
  warnings: warnings.map((warning) => showWarning(warning, headers).warning),
});
