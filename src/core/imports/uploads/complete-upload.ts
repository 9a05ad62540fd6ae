import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import { FILE_BYTES_MAX } from "../limits";
import { type Preview, previewReceived } from "../preview-import";
import { receiveFile } from "../receive-file";
import { Upload } from "../schemas";
import { receiveLargeFile } from "./receive-large-file";
import { finishUpload } from "./store";
import { requireOpen, type UploadState } from "./uploads";

/**
 * Puts the parts together and previews the file as `previewImport` does. A file over 10 MB is read piece by piece. Calling it again after a failure continues and returns the same file. Throws forbidden, not_found, conflict (parts are missing, or
 * it is completed), and what `previewImport` throws.
 */
export async function completeUpload(ctx: Ctx, uploadId: string, options: Omit<Upload, "bytes" | "file_name">): Promise<Preview> {
  requireRole(ctx, "editor");
  const upload = await requireOpen(ctx, uploadId);
  await joinParts(ctx, upload);
  const given = parseInput(Upload, { ...options, bytes: new Uint8Array(0), file_name: upload.file_name });
  // derived from the upload, so that a retry returns the same file: two files of one object would expire apart
  const place = { file_id: uploadId.replace(/^upl_/, "preview_"), object_key: upload.object_key };
  const received =
    upload.size <= FILE_BYTES_MAX
      ? await receiveFile(ctx, { ...given, bytes: await readWhole(ctx, upload) }, place)
      : await receiveLargeFile(ctx, upload, given, place);
  const preview = await previewReceived(ctx, given, received);
  await ctx.db.batch(finishUpload(ctx.db, uploadId, preview.file_id));
  await ctx.files.delete(upload.raw_key);
  return preview;
}

async function joinParts(ctx: Ctx, { raw_key, r2_upload_id, size, parts, part_count }: UploadState): Promise<void> {
  const present = new Set(parts.map(({ part_no }) => part_no));
  const missing = Array.from({ length: part_count }, (_, at) => at + 1).filter((no) => !present.has(no));
  if (missing.length > 0) throw new AppError("conflict", `Parts are missing: ${missing.join(", ")}`);
  try {
    await ctx.files
      .resumeMultipartUpload(raw_key, r2_upload_id)
      .complete(parts.map(({ part_no, etag }) => ({ partNumber: part_no, etag })));
  } catch (error) {
    // put together by an earlier call that failed later
    if ((await ctx.files.head(raw_key))?.size !== size) throw error;
  }
}

async function readWhole(ctx: Ctx, { raw_key }: UploadState): Promise<Uint8Array> {
  const object = await ctx.files.get(raw_key);
  if (!object) throw new Error(`the object of an upload is gone: ${raw_key}`);
  return new Uint8Array(await object.arrayBuffer());
}
