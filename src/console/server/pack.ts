/**
 * The browser's side as build.ts packs it: four bytes with the length of an index in JSON, the index, then every file, compressed by gzip. One
 * module that holds bytes costs a cold isolate nothing until somebody opens the console.
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

/** A file's compressed bytes; null: there is none. */
export function findPackedFile(path: string): { type: string; body: Uint8Array<ArrayBuffer> } | null {
  const { index, at } = open();
  const file = Object.hasOwn(index.files, path) ? index.files[path] : undefined;
  return file ? { type: file.type, body: new Uint8Array(bytes, at + file.start, file.length) } : null;
}
