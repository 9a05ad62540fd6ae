/** Mappings that an org unit has used, each remembered by the headers of its files. */
import type { z } from "zod";
import type { Ctx, Statement } from "../../../context";
import { AppError } from "../../../errors";
import { sha256Hex } from "../../../hash";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import { originalHeaders } from "../../csv";
import { readHeaders } from "../file";
import { type StoredMapping, sentMapping } from "../mapping";
import { ImportMapping, RememberedMappingChange } from "../schemas";
import type { FileRow } from "../store";
import { headerShape, type SuggestedMapping } from "../suggest";
import { countMappings, deleteMappingRow, type MappingRow, rememberMapping, selectMappings, updateMapping } from "./mapping-store";

const NAME_CHARS_MAX = 100;

export type RememberedMapping = Omit<MappingRow, "headers" | "mapping"> & { headers: string[]; mapping: SuggestedMapping };

/** The last used first. One round trip. */
export async function listMappings(ctx: Ctx, page: number, limit: number): Promise<{ mappings: RememberedMapping[]; total: number }> {
  const [rows, [count]] = await ctx.db.batch([selectMappings(ctx.db, limit, (page - 1) * limit), countMappings(ctx.db)]);
  return { mappings: rows.map(readRow), total: count?.total ?? 0 };
}

/** Changes what is given. One round trip. Throws forbidden (a viewer), invalid_request, not_found. */
export async function changeMapping(
  ctx: Ctx,
  mappingId: string,
  given: z.input<typeof RememberedMappingChange>,
): Promise<RememberedMapping> {
  requireRole(ctx, "editor");
  const { name, mapping } = parseInput(RememberedMappingChange, given);
  const change = { name: name ?? null, mapping: mapping === undefined ? null : JSON.stringify(briefly(mapping)) };
  const [row] = await ctx.db.all(updateMapping(ctx.db, mappingId, change));
  if (!row) throw noSuchMapping();
  return readRow(row);
}

/** Files with these headers then get fresh guesses. One round trip. Throws forbidden (a viewer), not_found. */
export async function forgetMapping(ctx: Ctx, mappingId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [row] = await ctx.db.all(deleteMappingRow(ctx.db, mappingId));
  if (!row) throw noSuchMapping();
}

export const readRow = ({ headers, mapping, ...row }: MappingRow): RememberedMapping => ({
  ...row,
  headers: JSON.parse(headers) as string[],
  mapping: JSON.parse(mapping) as SuggestedMapping,
});

/** Of the files with these columns, in any order. */
export const mappingIdOf = (headers: readonly string[]): string => `map_${sha256Hex(headerShape(headers)).slice(0, 32)}`;

/** For the batch that starts an import: its mapping for the next file of the same headers. */
export function rememberUse(
  ctx: Ctx,
  file: Pick<FileRow, "file_name" | "headers" | "guarded">,
  mapping: StoredMapping,
): Statement<never>[] {
  const headers = originalHeaders(readFileHeaders(file));
  const remembered = {
    mapping_id: mappingIdOf(headers),
    name: file.file_name.slice(0, NAME_CHARS_MAX).toWellFormed(),
    headers: JSON.stringify(headers),
    mapping: JSON.stringify(briefly(sentMapping(mapping))),
  };
  return rememberMapping(ctx.db, remembered, ctx.now());
}

const readFileHeaders = ({ headers, guarded }: Pick<FileRow, "headers" | "guarded">) => ({
  headers: readHeaders(headers),
  guarded: guarded === 1,
});

/** A mapping as a person would write it: without defaults. */
export function briefly(mapping: ImportMapping): SuggestedMapping {
  const { primary_identifier, field_mappings, alias_mappings, ...options } = mapping;
  const usual: Record<string, unknown> = ImportMapping.parse({ primary_identifier });
  const unusual = Object.entries(options).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key]));
  return { primary_identifier, field_mappings, alias_mappings, ...Object.fromEntries(unusual) } as SuggestedMapping;
}

const noSuchMapping = (): AppError => new AppError("not_found", "No mapping is remembered under this id");
