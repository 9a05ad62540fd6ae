/** Removes what names a person in places without a key for it: rows found by value, and the objects of the unit. Repeating it does no harm. */
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import type { Erased } from "./erase-unit";
import { jsonNames, redactLines, soughtInJson, type Term } from "./traces";
import {
  blankNaming,
  deleteDeadLetters,
  deleteNaming,
  isBlanked,
  SEARCHED_TABLES,
  type SearchedTable,
  selectNaming,
  selectSliceEnd,
} from "./traces-store";

/** Rows that one statement looks through. */
const ROWS_PER_SLICE = 2_000;
const OBJECTS_PER_SLICE = 100;
/** Larger objects are searched piece by piece, and deleted where they name the person. */
const OBJECT_BYTES_MAX = 16 * 1024 * 1024;
const PIECE_OVERLAP_BYTES = 4_096;
/** At the cut ends of a piece a letter replaces what might look like a whole word. */
const CUT_BYTES = 8;
const LETTER = "x".charCodeAt(0);

/** Where a search goes on: at a stage, after a row or an object. */
export type TracePosition = { stage: number; after: string | null };
export const TRACES_BEGIN: TracePosition = { stage: 0, after: null };

/** Large, and not needed for looking up or changing a lead. */
const imports = () => import("../imports");

type Search = { ctx: Ctx; terms: readonly Term[]; json: string; erased: Erased };
/** Searches one slice; returns where the next one begins, null for none. */
type Stage = (search: Search, after: string | null) => Promise<string | null>;

const STAGES: readonly Stage[] = [
  ...SEARCHED_TABLES.map(
    (table): Stage =>
      (search, after) =>
        eraseRows(search, table, after),
  ),
  async ({ ctx, json, erased }) => {
    add(erased, "dead_letters", (await ctx.db.all(deleteDeadLetters(ctx.db, json))).length);
    return null;
  },
  ...["imports", "spill"].map(
    (folder): Stage =>
      (search, after) =>
        eraseObjects(search, `${folder}/${search.ctx.unit.unit}/`, after),
  ),
];

export const isSearched = ({ stage }: TracePosition): boolean => stage === STAGES.length;

/**
 * Searches from a position to the end, or until `hasRoom` returns false, and adds what it removes to `erased`. Returns where it stopped.
 * One or two D1 round trips for each 2,000 rows of the searched tables, and one read of every object of the unit.
 */
export async function eraseTraces(
  ctx: Ctx,
  terms: readonly Term[],
  erased: Erased,
  from: TracePosition = TRACES_BEGIN,
  hasRoom: () => boolean = () => true,
): Promise<TracePosition> {
  const search: Search = { ctx, terms, erased, json: JSON.stringify(soughtInJson(terms)) };
  let { stage, after } = from;
  for (let slices = 0; slices === 0 || hasRoom(); slices++) {
    const searchSlice = STAGES[stage];
    if (!searchSlice) break;
    after = await searchSlice(search, after);
    if (after === null) stage += 1;
  }
  return { stage, after };
}

export function add({ rows }: Erased, table: string, count: number): void {
  if (count > 0) rows[table] = (rows[table] ?? 0) + count;
}

async function eraseRows({ ctx: { db }, json, erased }: Search, table: SearchedTable, after: string | null): Promise<string | null> {
  const found = await queryGroups(db, {
    naming: [selectNaming(db, table, json, after, ROWS_PER_SLICE)],
    end: [selectSliceEnd(db, table, after, ROWS_PER_SLICE)],
  });
  const keys = found.naming.map(({ key }) => key);
  if (keys.length > 0) {
    const write = isBlanked(table) ? blankNaming(db, table, keys, json) : deleteNaming(db, table, keys);
    add(erased, table, (await db.all(write)).length);
  }
  const end = found.end[0];
  return end && end.rows === ROWS_PER_SLICE ? end.last : null;
}

async function eraseObjects({ ctx, terms, erased }: Search, prefix: string, after: string | null): Promise<string | null> {
  const page = await ctx.files.list({ prefix, limit: OBJECTS_PER_SLICE, ...(after === null ? {} : { startAfter: after }) });
  for (const { key, size } of page.objects) erased.objects += await eraseObject(ctx, key, size, terms);
  return page.truncated ? (page.objects.at(-1)?.key ?? null) : null;
}

/**
 * Overwrites the lines of an object that name the person; an object of JSON lines loses them. A plan whose object names the person fails, and loses
 * its objects: they are only valid as they were written. Returns how many objects were changed or deleted.
 */
async function eraseObject(ctx: Ctx, key: string, size: number, terms: readonly Term[]): Promise<number> {
  const { files } = ctx;
  const { failErasedPlan, planOfObject } = await imports();
  const planId = planOfObject(ctx.unit.unit, key);
  const forget = async () => (planId === null ? files.delete(key).then(() => 1) : failErasedPlan(ctx, planId));
  if (size > OBJECT_BYTES_MAX) return (await namesInPieces(files, key, size, terms)) ? forget() : 0;
  const object = await files.get(key);
  if (!object) return 0;
  const bytes = new Uint8Array(await object.arrayBuffer());
  const { httpMetadata = {} } = object;
  if (httpMetadata.contentType?.includes("json") || key.endsWith(".ndjson")) {
    const lines = new TextDecoder().decode(bytes).split("\n");
    const kept = lines.filter((line) => !jsonNames(line, terms));
    if (kept.length === lines.length) return 0;
    if (planId !== null || kept.every((line) => line === "")) return forget();
    await files.put(key, kept.join("\n"), { httpMetadata });
    return 1;
  }
  if (redactLines(bytes, terms) === 0) return 0;
  await files.put(key, bytes, { httpMetadata });
  return 1;
}

/** Pieces overlap on both sides: what lies across an end of one is whole in its neighbour, where the characters around it are known. */
async function namesInPieces(files: R2Bucket, key: string, size: number, terms: readonly Term[]): Promise<boolean> {
  for (let start = 0; start < size; start += OBJECT_BYTES_MAX) {
    const offset = Math.max(0, start - PIECE_OVERLAP_BYTES);
    const end = Math.min(start + OBJECT_BYTES_MAX + PIECE_OVERLAP_BYTES, size);
    const object = await files.get(key, { range: { offset, length: end - offset } });
    if (!object) continue;
    const bytes = new Uint8Array(await object.arrayBuffer());
    if (offset > 0) bytes.fill(LETTER, 0, CUT_BYTES);
    if (end < size) bytes.fill(LETTER, bytes.length - CUT_BYTES);
    if (redactLines(bytes, terms) > 0) return true;
  }
  return false;
}
