/** Uploads of large files in parts. */
import { z } from "@hono/zod-openapi";
import {
  abortUpload,
  completeUpload,
  createUpload,
  putPart,
  requireUpload,
  UPLOAD_PART_BYTES,
  UploadInput,
  type UploadState,
} from "../../core/imports";
import { isoTime } from "../../time";
import { rememberAfter } from "../idempotency";
import { maxBody } from "../middleware/body";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { PreviewForm } from "./import-preview-form";
import { ImportPreview, PREVIEW_EXAMPLE, previewView } from "./import-preview-view";
import { queryNumber, Timestamp } from "./schemas";

/** R2 takes no more of them. */
const PARTS_MAX = 10_000;

const Part = z.object({ part_no: z.number().int(), size: z.number().int() });
const ImportUpload = z
  .object({
    upload_id: z.string(),
    file_name: z.string(),
    size: z.number().int(),
    part_size: z.number().int().openapi({ description: "Bytes of every part but the last" }),
    part_count: z.number().int(),
    parts: z.array(Part).openapi({ description: "Those that are present" }),
    expires_at: Timestamp,
    file_id: z.string().nullable().openapi({ description: "Once the upload is completed" }),
  })
  .openapi("ImportUpload");

const UPLOAD_EXAMPLE = {
  upload_id: "upl_0193f3a2c7b07aa18000c0ffee123456",
  file_name: "leads.csv",
  size: 104857600,
  part_size: UPLOAD_PART_BYTES,
  part_count: 13,
  parts: [{ part_no: 1, size: UPLOAD_PART_BYTES }],
  expires_at: "2026-01-16T10:00:00.000Z",
  file_id: null,
};

const create = unitRoute("/leads/import/uploads", {
  operationId: "createImportUpload",
  method: "post",
  tags: ["Lead import"],
  summary: "Begin the upload of a large file in parts",
  description: "Up to 200 MB and 2,000,000 rows, in any format that preview takes. The upload is kept for 24 hours and can be resumed.",
  idempotent: true,
  role: "editor",
  stores: true,
  request: { body: jsonBody(UploadInput, { file_name: "leads.csv", size: 104857600 }) },
  responses: { 201: jsonResponse("The upload, and the size of its parts", ImportUpload, { ...UPLOAD_EXAMPLE, parts: [] }) },
  errors: { 400: "Invalid file name or size", 413: "More than 200 MB" },
});

const UploadParams = z.object({ uploadId: z.string().openapi({ example: UPLOAD_EXAMPLE.upload_id }) });
const UPLOAD_NOT_FOUND = { 404: "Upload expired or not found" };

const put = unitRoute("/leads/import/uploads/{uploadId}/parts/{partNo}", {
  operationId: "putImportUploadPart",
  method: "put",
  tags: ["Lead import"],
  summary: "Send a part",
  description:
    "Its raw bytes. Parts are numbered from 1 and come in any order, several at once; one that is sent again replaces the earlier one.",
  role: "editor",
  stores: true,
  guards: [maxBody(UPLOAD_PART_BYTES, `A part is at most ${UPLOAD_PART_BYTES} bytes`)],
  request: {
    params: UploadParams.extend({ partNo: queryNumber(1, PARTS_MAX).openapi({ example: 1 }) }),
    body: { required: true, content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } } },
  },
  responses: { 200: jsonResponse("The part", Part, { part_no: 1, size: UPLOAD_PART_BYTES }) },
  errors: {
    ...UPLOAD_NOT_FOUND,
    400: "No part of this upload, or of another size",
    409: "The upload is completed",
    413: "Larger than a part",
  },
});

const get = unitRoute("/leads/import/uploads/{uploadId}", {
  operationId: "getImportUpload",
  method: "get",
  tags: ["Lead import"],
  summary: "Get an upload and the parts that are present",
  role: "viewer",
  request: { params: UploadParams },
  responses: { 200: jsonResponse("The upload", ImportUpload, UPLOAD_EXAMPLE) },
  errors: UPLOAD_NOT_FOUND,
});

const complete = unitRoute("/leads/import/uploads/{uploadId}/complete", {
  operationId: "completeImportUpload",
  method: "post",
  tags: ["Lead import"],
  summary: "Put the parts together and preview the file",
  description:
    "Returns what preview returns. The columns of a file over 10 MB are judged by its first rows; all of its rows are counted, and a warning says what is not. After an error the call can be repeated, with overrides.",
  idempotent: true,
  role: "editor",
  stores: true,
  request: { params: UploadParams, query: PreviewForm.omit({ file: true }) },
  responses: {
    200: jsonResponse("What the file holds, and an id to start the import with within an hour", ImportPreview, PREVIEW_EXAMPLE),
  },
  errors: {
    ...UPLOAD_NOT_FOUND,
    400: "Invalid CSV format",
    409: "Parts are missing, or the upload is completed",
    413: "More than 2,000,000 rows, or too large for its format",
    415: "A format that is not read",
  },
});

const abort = unitRoute("/leads/import/uploads/{uploadId}", {
  operationId: "abortImportUpload",
  method: "delete",
  tags: ["Lead import"],
  summary: "Abort an upload",
  description: "A file that was completed stays.",
  role: "editor",
  request: { params: UploadParams },
  responses: { 204: { description: "Aborted" } },
  errors: UPLOAD_NOT_FOUND,
});

const uploadView = (upload: UploadState) => ({
  upload_id: upload.upload_id,
  file_name: upload.file_name,
  size: upload.size,
  part_size: upload.part_size,
  part_count: upload.part_count,
  parts: upload.parts.map(({ part_no, size }) => ({ part_no, size })),
  expires_at: isoTime(upload.expires_at),
  file_id: upload.file_id,
});

export const importUploads = createRouter()
  .openapi(create, async (c) => {
    rememberAfter(c);
    const upload = await createUpload(c.get("ctx"), c.req.valid("json"));
    c.header("Location", `/leads/import/uploads/${upload.upload_id}`);
    return c.json(uploadView(upload), 201);
  })
  .openapi(put, async (c) => {
    const { uploadId, partNo } = c.req.valid("param");
    const { part_no, size } = await putPart(c.get("ctx"), uploadId, partNo, new Uint8Array(await c.req.arrayBuffer()));
    return c.json({ part_no, size }, 200);
  })
  .openapi(get, async (c) => c.json(uploadView(await requireUpload(c.get("ctx"), c.req.valid("param").uploadId)), 200))
  .openapi(complete, async (c) => {
    rememberAfter(c);
    return c.json(previewView(await completeUpload(c.get("ctx"), c.req.valid("param").uploadId, c.req.valid("query"))), 200);
  })
  .openapi(abort, async (c) => {
    await abortUpload(c.get("ctx"), c.req.valid("param").uploadId);
    return c.body(null, 204);
  });
