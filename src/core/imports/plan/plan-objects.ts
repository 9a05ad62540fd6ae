/** The planned rows of a chunk as an object in R2: NDJSON, what was read in its first line. */
import { sha256Hex } from "../../../hash";
import type { PlannedRow } from "./planned-row";
import type { ChunkReads } from "./reads";

/** `sha256` is the object's; `run` distinguishes the objects of runs that plan the same chunk at the same time. */
export type PlannedObject = { run: string; sha256: string };
export type PlannedObjectContent = { reads: ChunkReads; rows: PlannedRow[] };

export const planPrefix = (unit: number, planId: string): string => `imports/${unit}/${planId}/`;
const keyOf = (prefix: string, no: number, { run }: Pick<PlannedObject, "run">): string => `${prefix}${no}-${run}.ndjson`;

/** `stored` resolves when the object is. */
export function writeObject(
  files: R2Bucket,
  prefix: string,
  no: number,
  run: string,
  { reads, rows }: PlannedObjectContent,
): { object: PlannedObject; stored: Promise<unknown> } {
  const text = `${[reads, ...rows].map((line) => JSON.stringify(line)).join("\n")}\n`;
  const object = { run, sha256: sha256Hex(text) };
  const stored = files.put(keyOf(prefix, no, object), text, { httpMetadata: { contentType: "application/x-ndjson" } });
  // a failure is thrown where it is awaited
  stored.catch(() => {});
  return { object, stored };
}

/** Throws when the object is gone or another one: it is kept as long as its plan. */
export async function readObject(files: R2Bucket, prefix: string, no: number, object: PlannedObject): Promise<PlannedObjectContent> {
  const text = await (await files.get(keyOf(prefix, no, object)))?.text();
  if (text === undefined || sha256Hex(text) !== object.sha256) throw new Error(`the object of a planned chunk is gone: ${prefix}${no}`);
  const [reads = "{}", ...lines] = text.trimEnd().split("\n");
  return { reads: JSON.parse(reads), rows: lines.map((line): PlannedRow => JSON.parse(line)) };
}
