/** Exports of an organization, and how their rows are put back. */
import { z } from "@hono/zod-openapi";
import { downloadTable, type ExportState, RESTORED_TABLES, requireExport, restoreTable, startExport } from "../../core/backup";
import { openFiles, openShards } from "../../open-context";
import { isoTime, isoTimeOrNull } from "../../time";
import { rememberAfter } from "../idempotency";
import { maxBody, requireMediaType } from "../middleware/body";
import { adminRoute, jsonResponse } from "../route";
import { createRouter } from "../router";
import { operator } from "./operator";

const tags = ["Admin"];
const NDJSON = "application/x-ndjson";
const RESTORE_BYTES_MAX = 8 * 1024 * 1024;
const EXPORTS = "/admin/organizations/{organization_id}/exports/{export_id}";

const params = z.object({ organization_id: z.string().openapi({ example: "org_0193f3a2c7b07aa18000c0ffee123456" }) });
const exportParams = params.extend({ export_id: z.string().openapi({ example: "exp_0193f3a2c7b07aa18000c0ffee123456" }) });
const Table = z.string().openapi({ description: "A table that the export lists", example: "leads" });

const ExportView = z
  .object({
    export_id: z.string(),
    organization_id: z.string(),
    status: z.enum(["running", "completed"]),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime(),
    tables: z
      .array(z.object({ table: z.string(), rows: z.number().int() }))
      .openapi({ description: "In the order in which they are restored" }),
  })
  .openapi("OrganizationExport");
const EXAMPLE = {
  export_id: "exp_0193f3a2c7b07aa18000c0ffee123456",
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  status: "completed" as const,
  created_at: "2026-01-15T10:00:00.000Z",
  completed_at: "2026-01-15T10:00:04.000Z",
  expires_at: "2026-01-22T10:00:00.000Z",
  tables: [
    { table: "organizations", rows: 1 },
    { table: "leads", rows: 1204 },
  ],
};

const start = adminRoute("/admin/organizations/{organization_id}/export", {
  operationId: "exportOrganization",
  method: "post",
  tags,
  summary: "Export all data of an organization",
  description:
    "All rows of the organization in every table; credentials are exported as their stored hashes. Poll the export until it is `completed`; it is kept for 7 days. It is not a snapshot: changes made meanwhile may be included or not.",
  idempotent: true,
  request: { params },
  responses: { 202: jsonResponse("The export has begun", ExportView, { ...EXAMPLE, status: "running" as const, completed_at: null }) },
  errors: { 400: "Malformed Idempotency-Key" },
});

const get = adminRoute(EXPORTS, {
  operationId: "getExport",
  method: "get",
  tags,
  summary: "Get an export of an organization",
  request: { params: exportParams },
  responses: { 200: jsonResponse("The export", ExportView, EXAMPLE) },
});

const download = adminRoute(`${EXPORTS}/tables/{table}`, {
  operationId: "downloadExportedTable",
  method: "get",
  tags,
  summary: "Download the rows of an exported table",
  request: { params: exportParams.extend({ table: Table }) },
  responses: {
    200: {
      description: "JSON lines, one row each",
      content: { [NDJSON]: { schema: z.string(), example: '{"unit":7,"account_id":"acct_…"}\n' } },
    },
  },
  errors: { 409: "The export is still running" },
});

const restore = adminRoute(
  "/admin/restore/{table}",
  {
    operationId: "restoreTable",
    method: "post",
    tags,
    summary: "Put exported rows of a table back",
    description:
      "Rows that are there stay as they are, so a call can be repeated. Restore the tables in the order in which the export lists them, large ones in several calls.",
    idempotent: true,
    request: {
      params: z.object({ table: Table }),
      body: { required: true as const, content: { [NDJSON]: { schema: z.string(), example: '{"unit":7,"account_id":"acct_…"}\n' } } },
    },
    responses: { 200: jsonResponse("The rows that the table has gained", z.object({ rows: z.number().int() }), { rows: 1204 }) },
    errors: {
      400: `A line or the table is invalid. Tables: ${RESTORED_TABLES.slice(0, 3).join(", ")} …`,
      409: "An org unit's key belongs to another one here",
      413: "Request body over 8 MB",
      415: `Content-Type is not ${NDJSON}`,
    },
  },
  [maxBody(RESTORE_BYTES_MAX), requireMediaType(NDJSON)],
);

export const backup = createRouter()
  .openapi(start, async (c) => {
    rememberAfter(c);
    const world = { shards: openShards(c.env), files: openFiles(c.env) };
    return c.json(view(await startExport(operator(c), c.req.valid("param").organization_id, world)), 202);
  })
  .openapi(get, async (c) => {
    const { organization_id, export_id } = c.req.valid("param");
    return c.json(view(await requireExport(operator(c), organization_id, export_id, openFiles(c.env))), 200);
  })
  .openapi(download, async (c) => {
    const { organization_id, export_id, table } = c.req.valid("param");
    const rows = await downloadTable(operator(c), organization_id, export_id, table, openFiles(c.env));
    const headers = { "Content-Type": NDJSON, "Cache-Control": "no-store" };
    // the router's types take every media type that ends in json for JSON
    return new Response(rows, { headers }) as never;
  })
  .openapi(restore, async (c) => {
    rememberAfter(c);
    const world = { shards: openShards(c.env), files: openFiles(c.env) };
    const lines = new TextDecoder().decode(await c.req.arrayBuffer());
    return c.json(await restoreTable(operator(c), c.req.valid("param").table, lines, world), 200);
  });

const view = ({ export_id, organization_id, status, created_at, completed_at, expires_at, tables }: ExportState) => ({
  export_id,
  organization_id,
  status,
  created_at: isoTime(created_at),
  completed_at: isoTimeOrNull(completed_at),
  expires_at: isoTime(expires_at),
  tables: RESTORED_TABLES.flatMap((table) => (tables[table] ? [{ table, rows: tables[table].rows }] : [])),
});
