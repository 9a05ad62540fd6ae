import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { LargeCopy } from "../../../../src/core/imports/uploads/large-copy";
import { objectSource } from "../../../../src/core/imports/uploads/object-source";
import { openPartWriter } from "../../../../src/core/imports/uploads/part-writer";

const MB = 1024 * 1024;
const FILE_BYTES = 64 * MB;
const PIECE_BYTES = 4 * MB;
/** The part that is sent and the one that is filled, 8 MB each; a piece as it was read, as it is written, and its last, cut record with it. */
const HELD_BYTES_MAX = 8 * MB + 8 * MB + 3 * PIECE_BYTES;
/** Where each chunk of a thousand rows begins, the first rows and what the compiler keeps. */
const OTHERS_BYTES_MAX = 6 * MB;

const header = "Email,Phone,Company\n";
const row = (at: number) => `person.${String(at).padStart(8, "0")}@example.com,+1415${String(at).padStart(7, "0")},Company ${at % 97}\n`;

/** Bytes that are reachable. Buffers are freed by another thread, after the collection. */
function collector(): () => Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return async () => {
    let least = Number.POSITIVE_INFINITY;
    for (let time = 0; time < 4; time++) {
      collect();
      await setImmediate();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      least = Math.min(least, heapUsed + arrayBuffers);
    }
    return least;
  };
}

/** A bucket with one object of rows, which exist only while they are read; it drops what is written. */
function bucket(onPart: () => Promise<unknown>) {
  const counts = { read: 0, largest_read: 0, written: 0, rows: 0 };
  let rest = header;
  const get = async (_key: string, { range }: { range: { offset: number; length: number } }) => {
    expect(range.offset).toBe(counts.read);
    const texts = [rest];
    for (let size = rest.length; size < range.length; ) {
      const text = row(counts.rows++);
      texts.push(text);
      size += text.length;
    }
    const whole = texts.join("");
    rest = whole.slice(range.length);
    counts.read += range.length;
    counts.largest_read = Math.max(counts.largest_read, range.length);
    return { arrayBuffer: async () => new TextEncoder().encode(whole.slice(0, range.length)).buffer };
  };
  const uploadPart = async (partNumber: number, part: Uint8Array) => {
    counts.written += part.length;
    await onPart();
    return { partNumber, etag: "" };
  };
  const createMultipartUpload = async () => ({ uploadPart, complete: async () => {}, abort: async () => {} });
  return { files: { get, createMultipartUpload } as unknown as R2Bucket, counts };
}

it("a large file is copied with a few pieces of it in memory, at its end as at its beginning", { timeout: 60_000 }, async () => {
  const held = collector();
  const measured: number[] = [];
  const { files, counts } = bucket(async () => measured.push(await held()));
  const writer = await openPartWriter(files, "copy");
  const copy = new LargeCopy(writer, {});
  const source = objectSource(files, "raw", FILE_BYTES);
  const before = await held();
  for (let at = 0; at < FILE_BYTES; at += PIECE_BYTES) await copy.add(await source.read(at, PIECE_BYTES));
  const { row_count } = await copy.end();
  await writer.close();

  expect(counts).toMatchObject({ read: FILE_BYTES, largest_read: PIECE_BYTES });
  expect([FILE_BYTES, FILE_BYTES + 1]).toContain(counts.written);
  expect([counts.rows - 1, counts.rows]).toContain(row_count);
  const [, second = 0, ...later] = measured.map((bytes) => bytes - before);
  expect(later.length).toBeGreaterThanOrEqual(6);
  expect(Math.max(second, ...later)).toBeLessThan(HELD_BYTES_MAX + OTHERS_BYTES_MAX);
  expect(Math.max(...later) - second).toBeLessThan(2 * MB);
});
