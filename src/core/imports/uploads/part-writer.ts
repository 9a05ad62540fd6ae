/** Writes an object of unknown size: R2 takes it in parts of one size. */

const PART_BYTES = 8 * 1024 * 1024;

export type PartWriter = { write(bytes: Uint8Array): Promise<void>; close(): Promise<number>; abort(): Promise<void> };

export async function openPartWriter(files: R2Bucket, key: string): Promise<PartWriter> {
  const upload = await files.createMultipartUpload(key, { httpMetadata: { contentType: "text/csv; charset=utf-8" } });
  const parts: R2UploadedPart[] = [];
  let buffer = new Uint8Array(PART_BYTES);
  let filled = 0;
  let size = 0;
  const flush = async () => {
    const part = buffer.subarray(0, filled);
    // R2 may still read the part while the next one is filled
    buffer = new Uint8Array(PART_BYTES);
    filled = 0;
    parts.push(await upload.uploadPart(parts.length + 1, part));
  };
  return {
    async write(bytes) {
      size += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        const taken = bytes.subarray(at, at + PART_BYTES - filled);
        buffer.set(taken, filled);
        filled += taken.length;
        at += taken.length;
        if (filled === PART_BYTES) await flush();
      }
    },
    async close() {
      if (filled > 0) await flush();
      await upload.complete(parts);
      return size;
    },
    abort: () => upload.abort().catch(() => {}),
  };
}
