/** An uploaded file's normalised copy in R2, read chunk by chunk. */
import { type Chunk, type CsvRow, type Delimiter, parseChunk } from "../csv";
import type { FileRow } from "./store";

export type ImportFile = {
  object_key: string;
  headers: string[];
  delimiter: Delimiter;
  guarded: boolean;
  chunks: Chunk[];
};

type StoredChunk = [offset: number, length: number, first_row: number, rows: number];

export const storedChunks = (chunks: readonly Chunk[]): string =>
  JSON.stringify(chunks.map(({ offset, length, first_row, rows }): StoredChunk => [offset, length, first_row, rows]));

export function readFile({ object_key, headers, delimiter, guarded, chunks }: FileRow): ImportFile {
  const stored: StoredChunk[] = JSON.parse(chunks);
  return {
    object_key,
    headers: readHeaders(headers),
    delimiter,
    guarded: guarded === 1,
    chunks: stored.map(([offset, length, first_row, rows]) => ({ offset, length, first_row, rows })),
  };
}

export function readHeaders(json: string): string[] {
  return JSON.parse(json);
}

/** The rows of one chunk; null when the object is gone. */
export async function readRows(files: R2Bucket, file: ImportFile, chunk: Chunk): Promise<CsvRow[] | null> {
  const object = await files.get(file.object_key, { range: { offset: chunk.offset, length: chunk.length } });
  if (!object) return null;
  const bytes = new Uint8Array(await object.arrayBuffer());
  return parseChunk(bytes, { first_row: chunk.first_row, delimiter: file.delimiter, guarded: file.guarded });
}
