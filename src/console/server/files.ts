/** Bytes in and streams out: what is no call. */
import { Hono } from "hono";
import { z } from "zod";
import { DELIMITERS, ENCODINGS } from "../../core/csv";
import {
  completeUpload,
  FILE_BYTES_MAX,
  fileTooLarge,
  followJob,
  openErrorsCsv,
  openErrorsXlsx,
  previewImport,
  putPart,
  UPLOAD_PART_BYTES,
} from "../../core/imports";
import { exportLeads, PART_LEADS_MAX } from "../../core/lead-exports";
import { parseLeadId } from "../../core/leads";
import { AppError } from "../../errors";
import { eventStream, waiting } from "../../http/event-stream";
import { csvResponse, fileResponse } from "../../http/file-response";
import { maxBody } from "../../http/middleware/body";
import type { HttpEnv } from "../../http/router";
import { definedFields } from "../../schemas";
import { parseInput } from "../../validation";
import { jsonOf } from "./body";
import { ListFilter } from "./calls/leads";
import { entering } from "./enter";
import { jobView, previewView } from "./import-views";

const text = z.string().min(1).optional();
/** How a file is read where the guesses are changed. */
const Reading = z.object({
  delimiter: z.enum(DELIMITERS).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  sheet: text,
  header_row: z.coerce.number().int().min(0).max(9_999_999).optional(),
});
const Named = Reading.extend({ file_name: z.string().min(1) });

const bytesOf = async (request: Request): Promise<Uint8Array> => new Uint8Array(await request.arrayBuffer());

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

export const files = new Hono<HttpEnv>();

files.put("/files", entering({ reads: false }), maxBody(FILE_BYTES_MAX, fileTooLarge().message), async (c) => {
  const { file_name, ...reading } = parseInput(Named, c.req.query());
  return c.json(previewView(await previewImport(c.get("ctx"), { ...definedFields(reading), file_name, bytes: await bytesOf(c.req.raw) })));
});

files.put("/uploads/:upload/:part{[0-9]+}", entering({ reads: false }), maxBody(UPLOAD_PART_BYTES), async (c) => {
  await putPart(c.get("ctx"), c.req.param("upload"), Number(c.req.param("part")), await bytesOf(c.req.raw));
  return c.body(null, 204);
});

files.put("/uploads/:upload", entering({ reads: false }), async (c) =>
  c.json(previewView(await completeUpload(c.get("ctx"), c.req.param("upload"), definedFields(parseInput(Reading, c.req.query()))))),
);

files.get("/stream/imports/:job", entering({ reads: true }), async (c) => {
  const { wait, stop } = waiting();
  const after = Number(c.req.header("Last-Event-ID") ?? "-1");
  if (!Number.isInteger(after)) throw new AppError("invalid_request", "Last-Event-ID must be the number of a chunk");
  const events = await followJob(c.get("ctx"), c.req.param("job"), "leads", { after, wait });
  return events === null ? c.body(null, 204) : eventStream(c, framesOf(events), { stop });
});

files.get("/files/failed/:job/:format{csv|xlsx}", entering({ reads: true }), async (c) => {
  const { job, format } = c.req.param();
  if (format === "csv") return csvResponse(c, await openErrorsCsv(c.get("ctx"), job, "leads"));
  return fileResponse(c, { ...(await openErrorsXlsx(c.get("ctx"), job, "leads")), type: XLSX });
});

/** A selection, or what the list is narrowed to. A long list goes in parts: X-Next-Cursor says where the next one begins. */
const LeadsExport = z.strictObject({ ids: z.array(z.string()).optional(), filter: ListFilter.optional(), cursor: z.string().optional() });

files.post("/export/leads", entering({ reads: true }), async (c) => {
  const { ids, filter = {}, cursor } = parseInput(LeadsExport, await jsonOf(c));
  const criteria = ids === undefined ? filter : { ids: ids.flatMap((id) => parseLeadId(id) ?? []) };
  const part = { limit: PART_LEADS_MAX, ...definedFields({ cursor }) };
  const { body, next_cursor } = await exportLeads(c.get("ctx"), "csv", criteria, part);
  if (next_cursor !== null) c.header("X-Next-Cursor", next_cursor);
  return fileResponse(c, { file_name: "leads.csv", type: "text/csv; charset=utf-8", bytes: body });
});

async function* framesOf(events: NonNullable<Awaited<ReturnType<typeof followJob>>>) {
  for await (const event of events) {
    if (event.type === "ping") yield { comment: "ping" };
    else yield { event: event.type, id: event.chunk, data: event.type === "done" ? jobView(event.data) : event.data };
  }
}
