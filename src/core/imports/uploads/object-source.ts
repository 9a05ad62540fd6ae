/** An object in R2 as readers of files need it: by ranges. */
import type { ByteSource } from "../../spreadsheets";

/** Whole pieces instead of one open stream: R2 need not wait while a piece is worked on. */
const PIECE_BYTES = 4 * 1024 * 1024;

export function objectSource(files: R2Bucket, key: string, size: number): ByteSource {
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const wanted = Math.min(length, size - offset);
    if (wanted <= 0) return new Uint8Array();
    const object = await files.get(key, { range: { offset, length: wanted } });
    if (!object) throw new Error(`the object of an upload is gone: ${key}`);
    return new Uint8Array(await object.arrayBuffer());
  };
  return {
    size,
    read,
    stream(offset, length) {
      let at = offset;
      const end = Math.min(offset + length, size);
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            if (at >= end) return controller.close();
            const piece = await read(at, Math.min(PIECE_BYTES, end - at));
            at += piece.length;
            controller.enqueue(piece);
          },
        },
        // nothing is read before it is wanted
        { highWaterMark: 0 },
      );
    },
  };
}
