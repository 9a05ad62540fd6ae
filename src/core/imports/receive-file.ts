/** Takes an upload in: reads it and keeps its normalised copy. */
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { newId, randomHex } from "../../ids";
import type { UploadFormat } from "../../vocabulary";
import { type CsvTable, originalHeaders } from "../csv";
import { type ProfileFieldRow, selectProfileFields } from "../leads";
import { storedChunks } from "./file";
import { FILE_BYTES_MAX, FILE_NAME_CHARS_MAX, HEADER_CHARS_MAX, PREVIEW_TTL_SECONDS } from "./limits";
import { type MappingRow, selectMapping } from "./memory/mapping-store";
import { mappingIdOf } from "./memory/mappings";
import { type ReadTable, readTable } from "./read-table";
import type { Upload } from "./schemas";
import { type FileRow, insertFile } from "./store";

export type ReceivedFile = {
  file_id: string;
  file_name: string;
  format: UploadFormat;
  /** names of a workbook's sheets; the one that was read first */
  sheets: string[];
  table: Omit<CsvTable, "utf8">;
  utf8: Uint8Array;
  expires_at: number;
  /** the unit's own profile fields */
  fields: ProfileFieldRow[];
  /** the mapping that was used last for files of the same headers */
  remembered: MappingRow | null;
};

/** Cutting a text can leave the first half of a surrogate pair at its end. */
const HALF_A_CHARACTER = /[\ud800-\udbff]$/;

/** Where a file is kept. `copied_bytes`: the size of its normalised copy, where that is in R2 already. */
export type FilePlace = Pick<FileRow, "file_id" | "object_key"> & { copied_bytes?: number };

/**
 * One round trip. Throws too_large (over 10 MB), unsupported_media_type (a format that is not read, recognised by content and by name),
 * invalid_request (not readable).
 */
export async function receiveFile(ctx: Ctx, upload: Upload, place: FilePlace | null = null): Promise<ReceivedFile> {
  if (upload.bytes.length > FILE_BYTES_MAX) throw fileTooLarge();
  await ctx.meter.requireStorage();
  return keepTable(ctx, upload, await readTable(upload), place);
}

/** Keeps a table for an hour: at `place`, which may have been used by an earlier try, or at a new one. */
export async function keepTable(
  ctx: Ctx,
  upload: Pick<Upload, "file_name" | "default_region">,
  { table: read, format, sheets }: ReadTable,
  place: FilePlace | null,
): Promise<ReceivedFile> {
  const { utf8, ...table } = read;
  const headers = JSON.stringify(table.headers);
  if (headers.length > HEADER_CHARS_MAX)
    throw new AppError("invalid_request", `Invalid CSV: the header is longer than ${HEADER_CHARS_MAX} characters`);
  const file_name = upload.file_name.slice(0, FILE_NAME_CHARS_MAX).replace(HALF_A_CHARACTER, "");

  const created_at = ctx.now();
  const expires_at = created_at + PREVIEW_TTL_SECONDS * 1000;
  const { file_id, object_key, copied_bytes } = place ?? newPlace(ctx, created_at);
  // the row first: a crash in between leaves a row that the clean-up removes, never an object without a row
  const [, fields, [remembered]] = await ctx.db.batch([
    insertFile(ctx.db, {
      file_id,
      object_key,
      file_name,
      headers,
      delimiter: table.delimiter,
      guarded: table.guarded ? 1 : 0,
      row_count: table.row_count,
      chunks: storedChunks(table.chunks),
      default_region: upload.default_region ?? null,
      format,
      created_at,
      expires_at,
      keep_until: expires_at,
    }),
    selectProfileFields(ctx.db),
    selectMapping(ctx.db, mappingIdOf(originalHeaders(table))),
  ]);
  ctx.meter.countBytes(copied_bytes ?? utf8.length);
  if (copied_bytes === undefined) await ctx.files.put(object_key, utf8, { httpMetadata: { contentType: "text/csv; charset=utf-8" } });
  return { file_id, file_name, format, sheets, table, utf8, expires_at, fields, remembered: remembered ?? null };
}

function newPlace({ unit }: Ctx, now: number): FilePlace {
  const file_id = newId("preview", now);
  return { file_id, object_key: `imports/${unit.unit}/${file_id}/${randomHex(16)}.csv` };
}

export const fileTooLarge = (): AppError => new AppError("too_large", "File exceeds the 10 MB limit");
