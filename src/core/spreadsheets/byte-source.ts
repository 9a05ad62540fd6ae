/** What a reader needs of a file: its size and ranges of it, so that bytes in memory and objects in R2 read alike. */
export type ByteSource = {
  size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  stream(offset: number, length: number): ReadableStream<Uint8Array>;
};

const PIECE_BYTES = 65_536;

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    stream: (offset, length) => streamOf(bytes.subarray(offset, offset + length)),
  };
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) {
        controller.enqueue(bytes.slice(at, at + PIECE_BYTES));
        at += PIECE_BYTES;
      }
      if (at >= bytes.length) controller.close();
    },
  });
}
