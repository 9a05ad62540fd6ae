/**
 * The browser's side as build.ts packs it: four bytes with the length of an index in JSON, the index, then all files, compressed by gzip as one: apart
 * they would be a fifth larger. One module that holds bytes costs a cold isolate nothing until somebody opens the console.
 */
import bytes from "../dist/console.pack";

export type PackedFile = { type: string; start: number; length: number };
/** `preload`: scripts that the entry imports; `pages`: those of each page, by the first part of its address. */
type PackIndex = {
  files: Record<string, PackedFile>;
  script: string;
  preload: string[];
  pages: Record<string, string[]>;
  stylesheet: string;
};

const HEAD_BYTES = 4;
let opened: { index: PackIndex; at: number } | undefined;

function open(): { index: PackIndex; at: number } {
  if (!opened) {
    const length = new DataView(bytes).getUint32(0);
    const at = HEAD_BYTES + length;
    opened = { index: JSON.parse(new TextDecoder().decode(bytes.slice(HEAD_BYTES, at))) as PackIndex, at };
  }
  return opened;
}

export const packIndex = (): PackIndex => open().index;

let files: Uint8Array<ArrayBuffer> | undefined;
/** by name; the first request for a file compresses it */
const compressed = new Map<string, Uint8Array<ArrayBuffer>>();

/** A file by its name, compressed if `gzip`; null when there is no such file. */
export async function findPackedFile(name: string, gzip: boolean): Promise<{ type: string; body: Uint8Array<ArrayBuffer> } | null> {
  const { index, at } = open();
  const file = Object.hasOwn(index.files, name) ? index.files[name] : undefined;
  if (!file) return null;
  files ??= await through(new DecompressionStream("gzip"), new Uint8Array(bytes, at));
  const plain = files.subarray(file.start, file.start + file.length);
  if (!gzip) return { type: file.type, body: plain };
  const body = compressed.get(name) ?? (await through(new CompressionStream("gzip"), plain));
  compressed.set(name, body);
  return { type: file.type, body };
}

async function through(stream: CompressionStream | DecompressionStream, body: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([body]).stream().pipeThrough(stream)).arrayBuffer());
}
