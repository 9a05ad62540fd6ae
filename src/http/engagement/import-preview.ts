/** The lead import contract: preview. */

import { FILE_BYTES_MAX, fileTooLarge, previewImport } from "../../core/imports";
import { maxBody, requireMediaType } from "../middleware/body";
import { jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { PreviewForm } from "./import-preview-form";
import { ImportPreview, PREVIEW_EXAMPLE, previewView } from "./import-preview-view";

/** The parts of the upload's form around the file. */
const FORM_BYTES_MAX = 64 * 1024;

const preview = unitRoute("/leads/import/preview", {
  operationId: "previewImport",
  method: "post",
  tags: ["Lead import"],
  summary: "Upload a CSV file and preview it",
  description: "`suggested_mapping` with `file_id` added is a valid body of start; `columns` says why each column is mapped as it is.",
  role: "editor",
  stores: true,
  guards: [maxBody(FILE_BYTES_MAX + FORM_BYTES_MAX, fileTooLarge().message), requireMediaType("multipart/form-data")],
  request: { body: { required: true, content: { "multipart/form-data": { schema: PreviewForm } } } },
  responses: {
    200: jsonResponse("What the file holds, and an id to start the import with within an hour", ImportPreview, PREVIEW_EXAMPLE),
  },
  errors: {
    400: "File missing or invalid CSV format",
    413: "File exceeds 10 MB limit",
    415: "File must be CSV, or of a format that is read like it",
  },
});

export const importPreview = createRouter().openapi(preview, async (c) => {
  const { file, ...options } = c.req.valid("form");
  if (file.size > FILE_BYTES_MAX) throw fileTooLarge();
  const bytes = new Uint8Array(await file.arrayBuffer());
  return c.json(previewView(await previewImport(c.get("ctx"), { ...options, bytes, file_name: file.name })), 200);
});
