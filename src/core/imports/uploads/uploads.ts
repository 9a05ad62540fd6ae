/** Uploads of large files in parts: begun, sent part by part in any order, listed, aborted. */
import { z } from "zod";
import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import { newId, randomHex } from "../../../ids";
import { isStorable, NOT_STORABLE } from "../../../schemas";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import { FILE_NAME_CHARS_MAX, UPLOAD_BYTES_MAX, UPLOAD_PART_BYTES, UPLOAD_TTL_SECONDS } from "../limits";
import { deleteUpload, insertUpload, type PartRow, savePart, selectParts, selectUpload, type UploadRow } from "./store";

export const UploadInput = z.object({
  file_name: z
    .string()
    .min(1, "must not be empty")
    .max(FILE_NAME_CHARS_MAX, `must be at most ${FILE_NAME_CHARS_MAX} characters`)
    .refine(isStorable, NOT_STORABLE),
  size: z.number().int("must be a whole number of bytes").min(1, "must be at least 1"),
});
export type UploadInput = z.output<typeof UploadInput>;

export type UploadState = UploadRow & { parts: PartRow[]; part_count: number };

/** Begins an upload, kept for 24 hours. One D1 round trip. Throws forbidden (a viewer), invalid_request, too_large (over 200 MB). */
export async function createUpload(ctx: Ctx, given: UploadInput): Promise<UploadState> {
  requireRole(ctx, "editor");
  const { file_name, size } = parseInput(UploadInput, given);
  if (size > UPLOAD_BYTES_MAX) throw new AppError("too_large", `The file would be ${size} bytes; at most ${UPLOAD_BYTES_MAX} are taken`);
  await ctx.meter.requireStorage();
  const now = ctx.now();
  const upload_id = newId("upl", now);
  const folder = `imports/${ctx.unit.unit}/${upload_id}/${randomHex(16)}`;
  const raw_key = `${folder}.raw`;
  const { uploadId } = await ctx.files.createMultipartUpload(raw_key);
  const upload = {
    upload_id,
    raw_key,
    r2_upload_id: uploadId,
    object_key: `${folder}.csv`,
    file_name,
    size,
    part_size: UPLOAD_PART_BYTES,
    created_at: now,
    expires_at: now + UPLOAD_TTL_SECONDS * 1000,
  };
  await ctx.db.batch([insertUpload(ctx.db, upload)]);
  return { ...upload, file_id: null, parts: [], part_count: partCount(upload) };
}

/** Stores part `partNo`, from 1, in place of an earlier one of that number. Throws forbidden, not_found, invalid_request (number or size), conflict (completed). */
export async function putPart(ctx: Ctx, uploadId: string, partNo: number, bytes: Uint8Array): Promise<PartRow> {
  requireRole(ctx, "editor");
  const upload = await requireOpen(ctx, uploadId);
  const count = partCount(upload);
  if (!Number.isInteger(partNo) || partNo < 1 || partNo > count)
    throw invalidPart("part_no", `must be a whole number from 1 to ${count} (got ${partNo})`);
  const size = partNo < count ? upload.part_size : upload.size - (count - 1) * upload.part_size;
  if (bytes.length !== size) throw invalidPart("body", `part ${partNo} must be ${size} bytes (got ${bytes.length})`);
  const { etag } = await ctx.files.resumeMultipartUpload(upload.raw_key, upload.r2_upload_id).uploadPart(partNo, bytes);
  const part = { part_no: partNo, etag, size };
  await ctx.db.batch([savePart(ctx.db, uploadId, part)]);
  return part;
}

/** One D1 round trip. Throws not_found. */
export async function requireUpload(ctx: Ctx, uploadId: string): Promise<UploadState> {
  const [[upload], parts] = await ctx.db.batch([selectUpload(ctx.db, uploadId, ctx.now()), selectParts(ctx.db, uploadId)]);
  if (!upload) throw noSuchUpload();
  return { ...upload, parts, part_count: partCount(upload) };
}

/** Throws forbidden (a viewer), not_found. */
export async function abortUpload(ctx: Ctx, uploadId: string): Promise<void> {
  requireRole(ctx, "editor");
  const upload = await requireUpload(ctx, uploadId);
  await dropObjects(ctx.files, upload);
  await ctx.db.batch(deleteUpload(ctx.db, uploadId));
}

/** Removes what is stored of an upload, but for the copy of one that was completed. */
export async function dropObjects(
  files: R2Bucket,
  upload: Pick<UploadRow, "raw_key" | "r2_upload_id" | "object_key" | "file_id">,
): Promise<void> {
  // an upload that is completed, or aborted before, cannot be aborted
  await files
    .resumeMultipartUpload(upload.raw_key, upload.r2_upload_id)
    .abort()
    .catch(() => {});
  await files.delete(upload.file_id === null ? [upload.raw_key, upload.object_key] : [upload.raw_key]);
}

/** As `requireUpload`; throws conflict for one that is completed. */
export async function requireOpen(ctx: Ctx, uploadId: string): Promise<UploadState> {
  const upload = await requireUpload(ctx, uploadId);
  if (upload.file_id !== null) throw new AppError("conflict", `The upload is completed: its file_id is ${upload.file_id}`);
  return upload;
}

const partCount = ({ size, part_size }: Pick<UploadRow, "size" | "part_size">): number => Math.ceil(size / part_size);
const noSuchUpload = (): AppError => new AppError("not_found", "Upload expired or not found (uploads expire after 24 hours)");
const invalidPart = (path: string, message: string): AppError =>
  new AppError("invalid_request", `${path}: ${message}`, [{ path, message }]);
