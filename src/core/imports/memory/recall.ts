/** Which remembered mapping fits a file. */
import type { Ctx } from "../../../context";
import { trailColumns } from "../../csv";
import { readTrail } from "../errors-file/trail";
import { readFile, readRows } from "../file";
import { readLeadMapping, sentMapping } from "../mapping";
import { selectFile, selectJob } from "../store";
import type { Remembered, SuggestedMapping } from "../suggest";
import type { MappingRow } from "./mapping-store";
import { briefly, readRow } from "./mappings";

/** That of the import whose failed rows these are, else the one of the same headers. One round trip for an errors file, none for any other. */
export async function recalledMapping(
  ctx: Ctx,
  table: { headers: readonly string[]; guarded: boolean },
  rows: readonly (readonly string[])[],
  row: MappingRow | null,
): Promise<Remembered | undefined> {
  const parent = await mappingOfParent(ctx, table, rows);
  if (parent) return { mapping: parent, reason: "As in the import that these rows failed in" };
  return row ? { mapping: readRow(row).mapping, reason: "As last time" } : undefined;
}

/**
 * Of a previewed file that holds the failed rows of an import, that import's mapping; null for any other file. Three round trips at most, one
 * of them to R2.
 */
export async function mappingOfFailedRows(ctx: Ctx, fileId: string): Promise<SuggestedMapping | null> {
  const [file] = await ctx.db.all(selectFile(ctx.db, fileId));
  if (!file) return null;
  const content = readFile(file);
  const [chunk] = content.chunks;
  if (!chunk || trailColumns(content) === null) return null;
  const rows = (await readRows(ctx.files, content, chunk)) ?? [];
  return mappingOfParent(
    ctx,
    content,
    rows.map(({ cells }) => cells),
  );
}

async function mappingOfParent(ctx: Ctx, table: { headers: readonly string[]; guarded: boolean }, rows: readonly (readonly string[])[]) {
  const columns = trailColumns(table);
  const [failed] = columns === null ? [] : rows.flatMap((cells) => readTrail(cells, columns).slice(0, 1));
  if (!failed) return null;
  const [job] = await ctx.db.all(selectJob(ctx.db, failed.job_id, "leads"));
  return job ? briefly(sentMapping(readLeadMapping(job.mapping))) : null;
}
