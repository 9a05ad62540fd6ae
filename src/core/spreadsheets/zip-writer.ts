/** A ZIP archive as a stream: sizes follow the data of each entry, so nothing needs to be known beforehand. */

import { crc32 } from "./crc32";

export type ZipPart = { name: string; content: Iterable<string> | AsyncIterable<string> };

type Written = { name: Uint8Array; crc: number; compressed: number; size: number; offset: number };

const VERSION = 20;
/** Sizes in a data descriptor, names in UTF-8. */
const FLAGS = 0x0808;
const DEFLATED = 8;
/** 1 January 1980, the earliest date there is: the archive depends on nothing but its content. */
const DATE = 0x0021;

/** Yields the archive piece by piece; holds only the directory and what one piece of text compresses to. */
export async function* writeZip(parts: Iterable<ZipPart>): AsyncGenerator<Uint8Array, void> {
  const written: Written[] = [];
  let offset = 0;
  for (const part of parts) {
    const entry = { name: new TextEncoder().encode(part.name), crc: 0, compressed: 0, size: 0, offset };
    const header = words([0x04034b50, 4], ...common([0, 0, 0]), [entry.name.length, 2], [0, 2]);
    yield header;
    yield entry.name;
    yield* compress(part.content, entry);
    const descriptor = words([0x08074b50, 4], [entry.crc, 4], [entry.compressed, 4], [entry.size, 4]);
    yield descriptor;
    offset += header.length + entry.name.length + entry.compressed + descriptor.length;
    written.push(entry);
  }
  let directory_size = 0;
  for (const entry of written) {
    const sizes: [number, number, number] = [entry.crc, entry.compressed, entry.size];
    const head = words([0x02014b50, 4], [VERSION, 2], ...common(sizes), [entry.name.length, 2], [0, 8], [0, 4], [entry.offset, 4]);
    yield head;
    yield entry.name;
    directory_size += head.length + entry.name.length;
  }
  yield words([0x06054b50, 4], [0, 4], [written.length, 2], [written.length, 2], [directory_size, 4], [offset, 4], [0, 2]);
}

/** The fields that both headers share, from the version to the sizes. */
function common([crc, compressed, size]: [number, number, number]): [number, number][] {
  return [
    [VERSION, 2],
    [FLAGS, 2],
    [DEFLATED, 2],
    [0, 2],
    [DATE, 2],
    [crc, 4],
    [compressed, 4],
    [size, 4],
  ];
}

/** Yields the compressed bytes and counts them in `entry`. */
async function* compress(content: ZipPart["content"], entry: Written): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  const texts = Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : content[Symbol.iterator]();
  let stopped = false;
  const plain = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await texts.next();
      if (stopped) return;
      if (next.done) return controller.close();
      const bytes = encoder.encode(next.value);
      entry.crc = crc32(bytes, entry.crc);
      entry.size += bytes.length;
      controller.enqueue(bytes);
    },
  });
  const reader = plain.pipeThrough(new CompressionStream("deflate-raw") as Deflater).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      entry.compressed += value.length;
      yield value;
    }
  } finally {
    // Only the texts are ended: a compression stream of Node that is cancelled at work throws where nobody can catch it.
    stopped = true;
    await texts.return?.();
  }
}

/** The platform's types give the two ends different kinds of bytes. */
type Deflater = { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };

/** Numbers of 2, 4 or 8 bytes, little-endian. */
function words(...fields: [number, number][]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [, width]) => sum + width, 0));
  let at = 0;
  for (const [number, width] of fields) {
    for (let index = 0; index < Math.min(width, 4); index++) bytes[at + index] = number >>> (8 * index);
    at += width;
  }
  return bytes;
}
