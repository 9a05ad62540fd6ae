/** The failed rows of imports as files to download. */
import { z } from "@hono/zod-openapi";
import { openErrorsCsv, openErrorsXlsx } from "../../core/imports";
import type { JobKind } from "../../vocabulary";
import { csvResponse, fileResponse } from "../file-response";
import { unitRoute } from "../route";
import { createRouter } from "../router";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const params = z.object({ jobId: z.string().openapi({ example: "job_0193f3a2c7b07aa18000c0ffee123456" }) });
const NO_LONGER_KEPT = "Unknown job, or its file is no longer kept (7 days after the job's end)";
const COLUMNS =
  "The original columns in their order, then `_row`, `_error`, one column of explanations for each column with invalid cells, and `_job`, by which a corrected file is recognised: it can be imported as it is, and its preview suggests the mapping of this job.";

const asCsv = <const Path extends string>(path: Path, operationId: string, tag: string) =>
  unitRoute(path, {
    operationId,
    method: "get",
    tags: [tag],
    summary: "Download the failed rows as CSV",
    description: `${COLUMNS} Written with the original's delimiter and a byte order mark. Cells that begin with \`= + - @\`, a tab or a line end carry an apostrophe so that no spreadsheet runs them.`,
    role: "viewer",
    request: { params },
    responses: { 200: { description: "CSV", content: { "text/csv": { schema: z.string() } } } },
    errors: { 404: NO_LONGER_KEPT },
  });

const asXlsx = <const Path extends string>(path: Path, operationId: string, tag: string) =>
  unitRoute(path, {
    operationId,
    method: "get",
    tags: [tag],
    summary: "Download the failed rows as a workbook",
    description: `${COLUMNS} The cells to mend are in colour.`,
    role: "viewer",
    request: { params },
    responses: { 200: { description: "Workbook", content: { [XLSX]: { schema: z.string().openapi({ format: "binary" }) } } } },
    errors: { 404: NO_LONGER_KEPT, 413: "More rows failed than a sheet can hold" },
  });

const leadsCsv = asCsv("/leads/import/jobs/{jobId}/errors.csv", "getImportErrors", "Lead import");
const leadsXlsx = asXlsx("/leads/import/jobs/{jobId}/errors.xlsx", "getImportErrorsWorkbook", "Lead import");
const eventsCsv = asCsv("/import/jobs/{jobId}/errors.csv", "getEventImportErrors", "Event import");
const eventsXlsx = asXlsx("/import/jobs/{jobId}/errors.xlsx", "getEventImportErrorsWorkbook", "Event import");

export const importErrors = createRouter();
for (const [csv, xlsx, kind] of [
  [leadsCsv, leadsXlsx, "leads"],
  [eventsCsv, eventsXlsx, "events"],
] as const satisfies readonly (readonly [unknown, unknown, JobKind])[]) {
  importErrors.openapi(csv, async (c) => csvResponse(c, await openErrorsCsv(c.get("ctx"), c.req.valid("param").jobId, kind)));
  importErrors.openapi(xlsx, async (c) => {
    const { file_name, bytes } = await openErrorsXlsx(c.get("ctx"), c.req.valid("param").jobId, kind);
    return fileResponse(c, { file_name, type: XLSX, bytes });
  });
}
