/** Which remembered mapping fits a file. */
import type { Ctx } from "../../../context";
import { trailColumns } from "../../csv";
import { readTrail } from "../errors-file/trail";
import { readLeadMapping, sentMapping } from "../mapping";
import { selectJob } from "../store";
import type { Remembered } from "../suggest";
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

async function mappingOfParent(ctx: Ctx, table: { headers: readonly string[]; guarded: boolean }, rows: readonly (readonly string[])[]) {
  const columns = trailColumns(table);
  const [failed] = columns === null ? [] : rows.flatMap((cells) => readTrail(cells, columns).slice(0, 1));
  if (!failed) return null;
  const [job] = await ctx.db.all(selectJob(ctx.db, failed.job_id, "leads"));
  return job ? briefly(sentMapping(readLeadMapping(job.mapping))) : null;
}
