/** Leads as files, and the person's own copy of one. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { copyOfLead, EXPORT_FIELDS, type ExportFormat, exportLeads, PART_LEADS_MAX, type PersonCopy } from "../../core/lead-exports";
import { criteriaOf } from "../../core/lead-overview";
import { isoTime } from "../../time";
import { pathLead } from "../middleware/merged-lead";
import { jsonResponse, unitRoute } from "../route";
import { createRouter, type HttpEnv } from "../router";
import { LeadFilterQuery } from "./lead-filter-query";
import { LEAD_EXAMPLE, LeadParams, LeadView, leadView } from "./lead-views";
import { queryNumber, Timestamp } from "./schemas";

const tags = ["Leads"];
const CURSOR_HEADER = "X-Next-Cursor";

const Query = z.object({
  columns: z
    .string()
    .optional()
    .openapi({
      description: `Names with commas between: ${EXPORT_FIELDS.join(", ")}, kinds of aliases, metadata keys. Left out: all that an import gives back`,
      example: "lead_id,email,first_name",
    }),
  cursor: z
    .string()
    .optional()
    .openapi({ description: `${CURSOR_HEADER} of the part before, or the id of the last lead that was received` }),
  limit: queryNumber(1, PART_LEADS_MAX).optional().openapi({ description: "Leads that a part goes through; the whole list when left out" }),
  ...LeadFilterQuery,
});

const TYPES = {
  csv: { type: "text/csv", example: "\ufeff_alias_email,first_name\r\nalex@example.com,Alex\r\n" },
  ndjson: { type: "application/x-ndjson", example: '{"_alias_email":"alex@example.com","first_name":"Alex"}\n' },
  xlsx: { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example: undefined },
} as const satisfies Record<ExportFormat, { type: string; example: string | undefined }>;

const DESCRIPTION: Record<ExportFormat, string> = {
  csv: "Cells that begin with `= + - @`, a tab or a line end carry an apostrophe, so that no spreadsheet runs them; an import takes it off again.",
  ndjson: "One JSON object a line; values keep their JSON types.",
  xlsx: "Every cell is text, so no spreadsheet runs it.",
};

const exportRoute = <const Format extends ExportFormat>(format: Format) =>
  unitRoute(`/leads/export.${format}`, {
    operationId: `exportLeads${format[0]?.toUpperCase()}${format.slice(1)}`,
    method: "get",
    tags,
    summary: `Export leads as ${format === "csv" ? "CSV" : format === "xlsx" ? "an Excel workbook" : "NDJSON"}`,
    description: `The leads that match the filters of GET /leads, oldest first, streamed. Aliases are columns named \`_alias_<kind>\`, which an import maps by itself: exported, imported into an empty org unit and exported again, the file is the same. ${DESCRIPTION[format]} A part of a list says in ${CURSOR_HEADER} where the next one begins; the last part has no such header.`,
    role: "viewer",
    request: { query: Query },
    responses: {
      200: {
        description: "The file",
        headers: {
          [CURSOR_HEADER]: { description: "Where the next part begins", schema: { type: "string" } },
        },
        content: { [TYPES[format].type]: { schema: z.string(), ...(TYPES[format].example ? { example: TYPES[format].example } : {}) } },
      },
    },
    errors: { 400: "An unknown filter, column or cursor; or no `limit` where there are more than 400,000 leads" },
  });

const csv = exportRoute("csv");
const ndjson = exportRoute("ndjson");
const xlsx = exportRoute("xlsx");

const Copy = z.object({
  exported_at: Timestamp,
  lead: LeadView,
  records: z
    .record(z.string(), z.array(z.record(z.string(), z.unknown())))
    .openapi({ description: "What else is kept of the lead, by table" }),
});

const copy = unitRoute("/lead/{leadId}/export", {
  operationId: "exportLead",
  method: "get",
  tags,
  summary: "Export everything that is kept of a lead",
  description: "The person's own copy, as JSON: the lead, its events, scores, conflicts and every other record, streamed.",
  role: "viewer",
  request: { params: LeadParams },
  responses: {
    200: jsonResponse("The copy", Copy, { exported_at: "2026-01-15T10:00:00.000Z", lead: LEAD_EXAMPLE, records: { events: [] } }),
  },
  errors: { 404: "Lead not found" },
});

export const leadExports = createRouter()
  .openapi(csv, (c) => exported(c, "csv", c.req.valid("query")))
  .openapi(ndjson, (c) => exported(c, "ndjson", c.req.valid("query")))
  .openapi(xlsx, (c) => exported(c, "xlsx", c.req.valid("query")))
  .openapi(copy, async (c) => {
    const ctx = c.get("ctx");
    const { overview, records } = await copyOfLead(ctx, pathLead(c));
    const head = { exported_at: isoTime(ctx.now()), lead: leadView(overview, ctx.unit.organization_id) };
    c.header("Content-Type", "application/json");
    return c.body(copyStream(head, records), 200) as never;
  });

async function exported(c: Context<HttpEnv>, format: ExportFormat, query: z.output<typeof Query>) {
  const ctx = c.get("ctx");
  const { columns, cursor, limit, ...named } = query;
  const given = { columns: columns?.split(",").map((name) => name.trim()), cursor, limit };
  const { next_cursor, body } = await exportLeads(ctx, format, criteriaOf(named, c.req.query(), ctx.now()), given);
  if (next_cursor) c.header(CURSOR_HEADER, next_cursor);
  c.header("Content-Type", TYPES[format].type === "text/csv" ? "text/csv; charset=utf-8" : TYPES[format].type);
  c.header("Content-Disposition", `attachment; filename="leads.${format}"`);
  return c.body(body, 200) as never;
}

/** `{"exported_at":…,"lead":…,"records":{"events":[…]}}`, page by page. */
function copyStream(head: object, records: PersonCopy["records"]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let open: string | null = null;
  let text = `${JSON.stringify(head).slice(0, -1)},"records":{`;
  return new ReadableStream({
    async pull(controller) {
      const next = await records.next();
      if (next.done) {
        controller.enqueue(encoder.encode(`${text}${open === null ? "" : "]"}}}`));
        return controller.close();
      }
      const { table, rows } = next.value;
      const rest = rows.map((row) => JSON.stringify(row)).join(",");
      text += open === table ? `,${rest}` : `${open === null ? "" : "],"}${JSON.stringify(table)}:[${rest}`;
      open = table;
      controller.enqueue(encoder.encode(text));
      text = "";
    },
    async cancel() {
      await records.return(undefined);
    },
  });
}
