/** The planned rows of a chunk as an object in R2: NDJSON, what was read in its first line. */
import { sha256Hex } from "../../../hash";
import type { PlannedRow } from "./planned-row";
import type { ChunkReads } from "./reads";

/** `sha256` is the object's; `run` distinguishes the objects of runs that plan the same chunk at the same time. */
export type PlannedObject = { run: string; sha256: string };
type PlannedObjectContent = { reads: ChunkReads; rows: PlannedRow[] };

export const planPrefix = (unit: number, planId: string): string => `imports/${unit}/${planId}/`;
const keyOf = (prefix: string, no: number, { run }: Pick<PlannedObject, "run">): string => `${prefix}${no}-${run}.ndjson`;

/** `reads` is the JSON of a `ChunkReads`; `stored` resolves when the object is. */
export function writeObject(
  files: R2Bucket,
  prefix: string,
  no: number,
  run: string,
  { reads, rows }: { reads: string; rows: readonly PlannedRow[] },
): { object: PlannedObject; text: string; stored: Promise<unknown> } {
  const text = `${[reads, ...rows.map((row) => JSON.stringify(row))].join("\n")}\n`;
  const object = { run, sha256: sha256Hex(text) };
  const stored = files.put(keyOf(prefix, no, object), text, { httpMetadata: { contentType: "application/x-ndjson" } });
  // a failure is thrown where it is awaited
  stored.catch(() => {});
  return { object, text, stored };
}

/** Why a plan fails whose objects are gone: for one, an erased person was among its rows. */
export const PLAN_ROWS_GONE = "Rows of the plan were erased: plan again";

/** Null when the object is gone or another one. */
export async function readObject(files: R2Bucket, prefix: string, no: number, object: PlannedObject): Promise<PlannedObjectContent | null> {
  const text = await (await files.get(keyOf(prefix, no, object)))?.text();
  if (text === undefined || sha256Hex(text) !== object.sha256) return null;
  const [reads = "{}"] = text.split("\n", 1);
  return { reads: JSON.parse(reads), rows: readRows(text) };
}

/** The planned rows of an object's text. */
export const readRows = (text: string): PlannedRow[] =>
  text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line): PlannedRow => JSON.parse(line));

/** Another object of the plan, of a run. */
export const indexKey = (prefix: string, run: string): string => `${prefix}index-${run}.bin`;

/** The id of the plan that an object belongs to; null for another object. */
export function planOfObject(unit: number, key: string): string | null {
  const [, of, planId] = /^imports\/(\d+)\/([^/]+)\/\d+-[0-9a-f]+\.ndjson$/.exec(key) ?? [];
  return planId !== undefined && of === String(unit) ? planId : null;
}

const OBJECTS_PER_LIST = 1_000;

/** Deletes every object of a plan; returns how many. */
export async function removeObjects(files: R2Bucket, prefix: string): Promise<number> {
  for (let removed = 0; ; ) {
    const { objects, truncated } = await files.list({ prefix, limit: OBJECTS_PER_LIST });
    if (objects.length > 0) await files.delete(objects.map(({ key }) => key));
    removed += objects.length;
    if (!truncated) return removed;
  }
}
