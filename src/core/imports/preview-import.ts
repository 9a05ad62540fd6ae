import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import { originalHeaders, parseChunk } from "../csv";
import { knownFields } from "../leads";
import { recalledMapping } from "./memory/recall";
import { type ReceivedFile, receiveFile } from "./receive-file";
import { Upload } from "./schemas";
import { type Suggestion, suggestMapping } from "./suggest";

/** Rows by which columns are judged. */
const JUDGED_ROWS_MAX = 500;

export type Preview = Omit<ReceivedFile, "utf8" | "fields" | "remembered"> & Suggestion;

/**
 * Reads an upload, keeps its normalised copy for an hour, and suggests what its columns mean. One round trip, two for an errors file of ours. Throws forbidden (a
 * viewer), too_large (over 10 MB), unsupported_media_type (a format that is not read), invalid_request (not readable).
 */
export async function previewImport(ctx: Ctx, given: Upload): Promise<Preview> {
  requireRole(ctx, "editor");
  const upload = parseInput(Upload, given);
  return previewReceived(ctx, upload, await receiveFile(ctx, upload));
}

/** Suggests what the columns of a file mean; `utf8` has its beginning at least. */
export async function previewReceived(
  ctx: Ctx,
  upload: Pick<Upload, "default_region">,
  { utf8, fields, remembered, ...received }: ReceivedFile,
): Promise<Preview> {
  const { row_count } = received.table;
  const rows = firstRows({ utf8, table: received.table });
  const suggestion = suggestMapping({
    headers: originalHeaders(received.table),
    rows,
    row_count,
    known_fields: [...knownFields(fields).values()],
    region: upload.default_region ?? ctx.unit.default_region,
    remembered: await recalledMapping(ctx, received.table, rows, remembered),
  });
  return { ...received, ...suggestion };
}

function firstRows({ utf8, table }: Pick<ReceivedFile, "utf8" | "table">): string[][] {
  const rows: string[][] = [];
  for (const { offset, length, first_row } of table.chunks) {
    if (rows.length >= JUDGED_ROWS_MAX) break;
    const chunk = parseChunk(utf8.subarray(offset, offset + length), { first_row, delimiter: table.delimiter, guarded: table.guarded });
    for (const { cells } of chunk) rows.push(cells);
  }
  return rows.slice(0, JUDGED_ROWS_MAX);
}
