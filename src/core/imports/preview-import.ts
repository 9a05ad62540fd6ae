import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { newId, randomHex } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { type CsvTable, readCsv } from "../csv";
import { storedChunks } from "./file";
import { FILE_BYTES_MAX, FILE_NAME_CHARS_MAX, HEADER_CHARS_MAX, PREVIEW_TTL_SECONDS } from "./limits";
import { Upload } from "./schemas";
import { insertFile } from "./store";

type Preview = { file_id: string; file_name: string; table: Omit<CsvTable, "utf8">; utf8: Uint8Array; expires_at: number };

/** Cutting a text can leave the first half of a surrogate pair at its end. */
const HALF_A_CHARACTER = /[\ud800-\udbff]$/;
const OTHER_FORMATS = /\.(xlsx|xlsm|xlsb|ods|numbers|pdf|png|jpe?g|gif|webp|zip|gz|json|xml|html?|docx?|pptx?|exe|mp[34])$/i;

/**
 * Reads an upload and keeps its normalised copy for an hour. Throws forbidden (a viewer), too_large (over 10 MB), unsupported_media_type
 * (not CSV, by content or by name), invalid_request (not readable as CSV).
 */
export async function previewImport(ctx: Ctx, given: Upload): Promise<Preview> {
  requireRole(ctx, "editor");
  const upload = parseInput(Upload, given);
  if (upload.bytes.length > FILE_BYTES_MAX) throw fileTooLarge();
  const format = OTHER_FORMATS.exec(upload.file_name)?.[1];
  if (format) throw notCsv(`${upload.file_name} is named as ${format.toUpperCase()}`);
  const read = readCsv(upload.bytes, {
    ...(upload.delimiter ? { delimiter: upload.delimiter } : {}),
    ...(upload.encoding ? { encoding: upload.encoding } : {}),
    ...(upload.header_row === undefined ? {} : { header_row: upload.header_row }),
  });
  if (!read.ok) {
    throw read.problem.kind === "binary"
      ? notCsv(read.problem.detail)
      : new AppError("invalid_request", `Invalid CSV: ${read.problem.detail}`);
  }
  const { utf8, ...table } = read.table;
  const headers = JSON.stringify(table.headers);
  if (headers.length > HEADER_CHARS_MAX)
    throw new AppError("invalid_request", `Invalid CSV: the header is longer than ${HEADER_CHARS_MAX} characters`);
  const file_name = upload.file_name.slice(0, FILE_NAME_CHARS_MAX).replace(HALF_A_CHARACTER, "");

  const created_at = ctx.now();
  const expires_at = created_at + PREVIEW_TTL_SECONDS * 1000;
  const file_id = newId("preview", created_at);
  const object_key = `imports/${ctx.unit.unit}/${file_id}/${randomHex(16)}.csv`;
  // the row first: a crash in between leaves a row that the clean-up removes, never an object without a row
  await ctx.db.batch([
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
      created_at,
      expires_at,
      keep_until: expires_at,
    }),
  ]);
  await ctx.files.put(object_key, utf8, { httpMetadata: { contentType: "text/csv; charset=utf-8" } });
  return { file_id, file_name, table, utf8, expires_at };
}

export const fileTooLarge = (): AppError => new AppError("too_large", "File exceeds the 10 MB limit");

const notCsv = (why: string): AppError => new AppError("unsupported_media_type", `File must be CSV: ${why}`);
