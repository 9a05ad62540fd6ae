/** The content of one entry of an archive, streamed and counted. */

import type { ByteSource } from "./byte-source";
import { RATIO_FROM_BYTES, type ReadLimits } from "./limits";
import { damaged, Refusal } from "./problem";
import type { ZipEntry } from "./zip-directory";

const HEADER_BYTES = 30;
const HEADER_SIGNATURE = 0x04034b50;
/** Compressed bytes that are inflated at a time: 16 MB at most. */
const INFLATED_PIECE_BYTES = 16_384;
/** Inflated bytes that are read at a time. */
const INFLATED_READ_BYTES = 131_072;
const STORED = 0;
const DEFLATED = 8;

/** Counts what all entries of one file inflate to. */
export class InflateBudget {
  readonly #limits: ReadLimits;
  #total = 0;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  /** `inflated` bytes of the entry are out so far, `more` of them since the last call. */
  spend(entry: ZipEntry, inflated: number, more: number): void {
    this.#total += more;
    if (inflated > this.#limits.entry_bytes || this.#total > this.#limits.total_bytes) {
      throw new Refusal("too_large", `the file unpacks to more than ${megabytes(this.#limits)} MB: split it, or save it as CSV`);
    }
    if (inflated > RATIO_FROM_BYTES && inflated > this.#limits.ratio * entry.compressed) {
      throw new Refusal("too_large", `the file unpacks to more than ${this.#limits.ratio} times its size: save it as CSV`);
    }
  }
}

function megabytes(limits: ReadLimits): number {
  return Math.round(Math.min(limits.entry_bytes, limits.total_bytes) / 1024 / 1024);
}

/** Yields the inflated bytes. One range read for the local header, then one streamed range. */
export async function* entryBytes(source: ByteSource, entry: ZipEntry, budget: InflateBudget): AsyncGenerator<Uint8Array, void> {
  if (entry.encrypted) throw new Refusal("unsupported", "the file is protected by a password: save it without one");
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new Refusal("unsupported", `the archive uses compression method ${entry.method}: open the file in Excel and save it as .xlsx`);
  }
  const start = await dataStart(source, entry);
  const watched = watch(source.stream(start, entry.compressed));
  const content = entry.method === STORED ? watched.stream : watched.stream.pipeThrough(new DecompressionStream("deflate-raw") as Inflater);
  const read = readerOf(content);
  let inflated = 0;
  try {
    for (;;) {
      const piece = await read().catch(() => {
        throw watched.failure() ?? damaged("its compressed data is broken");
      });
      if (!piece) break;
      inflated += piece.length;
      budget.spend(entry, inflated, piece.length);
      yield piece;
    }
  } finally {
    // Only the source is cancelled: a decompression stream of Node that is cancelled at work throws where nobody can catch it.
    watched.stop();
  }
  if (inflated !== entry.size) throw damaged("a part has another length than its directory says");
}

/** Reads large pieces where the platform can gather them: it inflates 4 KB at a time, and each piece passes several asynchronous steps. */
function readerOf(stream: ReadableStream<Uint8Array>): () => Promise<Uint8Array | null> {
  const gathering = byobReader(stream);
  if (!gathering) {
    const reader = stream.getReader();
    return async () => (await reader.read()).value ?? null;
  }
  return async () => {
    const { value } = await gathering.readAtLeast(INFLATED_READ_BYTES, new Uint8Array(INFLATED_READ_BYTES));
    return value && value.length > 0 ? value : null;
  };
}

/** Of the platform, beyond the standard. */
type GatheringReader = { readAtLeast(bytes: number, into: Uint8Array): Promise<{ value?: Uint8Array }> };

/** Null for a stream that has no such reader: that of a stored part, and each of Node. */
function byobReader(stream: ReadableStream<Uint8Array>): GatheringReader | null {
  try {
    const reader: object = stream.getReader({ mode: "byob" });
    return "readAtLeast" in reader ? (reader as GatheringReader) : null;
  } catch {
    return null;
  }
}

/** The platform's types give the two ends different kinds of bytes. */
type Inflater = { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };

/** The local header repeats the name with an extra field of a length of its own, so only it tells where the data begins. */
async function dataStart(source: ByteSource, entry: ZipEntry): Promise<number> {
  const header = await source.read(entry.offset, HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.byteLength < HEADER_BYTES || view.getUint32(0, true) !== HEADER_SIGNATURE) throw damaged("a part is missing");
  const start = entry.offset + HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.compressed > source.size) throw damaged("a part is cut off");
  return start;
}

type Watched = { stream: ReadableStream<Uint8Array>; failure: () => unknown; stop: () => void };

/**
 * The same bytes in small pieces, since a decompression stream queues all that one piece inflates to, which is up to 1,032 times as
 * much. Remembers whether it was the source that failed: that is no fault of the file.
 */
function watch(source: ReadableStream<Uint8Array>): Watched {
  const reader = source.getReader();
  let failure: unknown = null;
  let piece: Uint8Array = new Uint8Array();
  let stopped = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        while (piece.length === 0) {
          const next = await reader.read();
          if (stopped) return;
          if (next.done) return controller.close();
          piece = next.value;
        }
        controller.enqueue(piece.slice(0, INFLATED_PIECE_BYTES));
        piece = piece.subarray(INFLATED_PIECE_BYTES);
      } catch (error) {
        failure = error;
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const stop = () => {
    stopped = true;
    reader.cancel().catch(() => {});
  };
  return { stream, failure: () => failure, stop };
}
