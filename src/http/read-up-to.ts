/** The bytes of a stream; null for one of more, whose rest is left to `drainBody`. */
export async function readUpTo(stream: ReadableStream<Uint8Array>, bytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    size += piece.value.length;
    if (size > bytes) {
      reader.releaseLock();
      return null;
    }
    pieces.push(piece.value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}
