/** Removes what names a person in places without a key for it: rows found by value, and the objects of the unit. Repeating it does no harm. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import type { Erased } from "./erase-unit";
import { redactLines } from "./traces";
import {
  blankChunks,
  deleteDeadLetters,
  deleteNaming,
  SEARCHED_TABLES,
  type SearchedTable,
  selectNaming,
  selectSliceEnd,
} from "./traces-store";

/** Rows that one statement looks through. */
const ROWS_PER_SLICE = 2_000;
const OBJECTS_LISTED_MAX = 1_000;
/** Larger objects are searched piece by piece, and deleted where they name the person. */
const OBJECT_BYTES_MAX = 16 * 1024 * 1024;
const PIECE_OVERLAP_BYTES = 4_096;

/** One or two D1 round trips for each 2,000 rows of the tables that are searched, and the reading of every object of the unit. */
export async function eraseTraces(ctx: Ctx, terms: readonly string[], erased: Erased): Promise<void> {
  const json = JSON.stringify(terms);
  for (const table of [...SEARCHED_TABLES, "import_chunks" as const]) await eraseRows(ctx, table, json, erased);
  add(erased, "dead_letters", (await ctx.db.all(deleteDeadLetters(ctx.db, json))).length);
  for (const prefix of [`imports/${ctx.unit.unit}/`, `spill/${ctx.unit.unit}/`]) await eraseObjects(ctx, prefix, terms, erased);
}

export function add({ rows }: Erased, table: string, count: number): void {
  if (count > 0) rows[table] = (rows[table] ?? 0) + count;
}

async function eraseRows({ db }: Ctx, table: SearchedTable, terms: string, erased: Erased): Promise<void> {
  for (let after: string | null = null; ; ) {
    const found: { naming: { key: string }[]; end: { last: string; rows: number }[] } = await queryGroups(db, {
      naming: [selectNaming(db, table, terms, after, ROWS_PER_SLICE)],
      end: [selectSliceEnd(db, table, after, ROWS_PER_SLICE)],
    });
    const keys = found.naming.map(({ key }) => key);
    if (keys.length > 0) {
      const write = table === "import_chunks" ? blankChunks(db, keys, terms) : deleteNaming(db, table, keys);
      add(erased, table, (await db.all(write)).length);
    }
    const end = found.end[0];
    if (!end || end.rows < ROWS_PER_SLICE) return;
    after = end.last;
  }
}

async function eraseObjects({ files }: Ctx, prefix: string, terms: readonly string[], erased: Erased): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await files.list({ prefix, limit: OBJECTS_LISTED_MAX, ...(cursor === undefined ? {} : { cursor }) });
    for (const { key, size } of page.objects) if (await eraseObject(files, key, size, terms)) erased.objects += 1;
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
}

/** Overwrites the lines of an object that name the person; an object of JSON lines loses them. Returns whether there were any. */
async function eraseObject(files: R2Bucket, key: string, size: number, terms: readonly string[]): Promise<boolean> {
  if (size > OBJECT_BYTES_MAX) {
    const named = await namesInPieces(files, key, size, terms);
    if (named) await files.delete(key);
    return named;
  }
  const object = await files.get(key);
  if (!object) return false;
  const bytes = new Uint8Array(await object.arrayBuffer());
  const { httpMetadata = {} } = object;
  if (httpMetadata.contentType?.includes("json") || key.endsWith(".ndjson")) {
    const lines = new TextDecoder().decode(bytes).split("\n");
    const kept = lines.filter((line) => !terms.some((term) => line.toLowerCase().includes(term)));
    if (kept.length === lines.length) return false;
    await (kept.every((line) => line === "") ? files.delete(key) : files.put(key, kept.join("\n"), { httpMetadata }));
    return true;
  }
  if (redactLines(bytes, terms) === 0) return false;
  await files.put(key, bytes, { httpMetadata });
  return true;
}

async function namesInPieces(files: R2Bucket, key: string, size: number, terms: readonly string[]): Promise<boolean> {
  for (let offset = 0; offset < size; offset += OBJECT_BYTES_MAX) {
    const object = await files.get(key, { range: { offset, length: Math.min(OBJECT_BYTES_MAX + PIECE_OVERLAP_BYTES, size - offset) } });
    if (object && redactLines(new Uint8Array(await object.arrayBuffer()), terms) > 0) return true;
  }
  return false;
}
