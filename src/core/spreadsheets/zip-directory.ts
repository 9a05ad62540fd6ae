/** The central directory of a ZIP archive (PKWARE APPNOTE 6.3.10, sections 4.3.12 to 4.3.16, with the Zip64 extension). */

import type { ByteSource } from "./byte-source";
import { DIRECTORY_BYTES_MAX, DIRECTORY_ENTRIES_MAX } from "./limits";
import { damaged, Refusal } from "./problem";

/** `offset` is that of the local header. Sizes are the directory's, so that data descriptors need not be found. */
export type ZipEntry = { name: string; encrypted: boolean; method: number; compressed: number; size: number; offset: number };

const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const ENTRY_BYTES = 46;
const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const LOCATOR_SIGNATURE = 0x07064b50;
const ENTRY_SIGNATURE = 0x02014b50;
const UINT32_MAX = 0xffffffff;
const UINT16_MAX = 0xffff;
const ZIP64_FIELD = 0x0001;

type Ending = { at: number; count: number; size: number; offset: number };

/** The entries by name: without leading slash, with `/`, in lower case, since OPC compares part names so. Two or three range reads. */
export async function readDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const ending = await findEnding(source);
  if (ending.size > DIRECTORY_BYTES_MAX || ending.count > DIRECTORY_ENTRIES_MAX) {
    throw new Refusal("too_large", `the archive lists ${ending.count.toLocaleString("en-US")} files, no workbook does`);
  }
  // Bytes before the archive move all its offsets: self-extracting files, some mail gateways.
  const start = ending.at - ending.size;
  const shift = start - ending.offset;
  if (start < 0 || shift < 0) throw damaged("its directory is missing");
  const view = viewOf(await source.read(start, ending.size));
  const entries = new Map<string, ZipEntry>();
  for (let at = 0, index = 0; index < ending.count; index++) {
    if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== ENTRY_SIGNATURE) throw damaged("its directory is broken");
    const { entry, length } = entryAt(view, at);
    entries.set(partName(entry.name), { ...entry, offset: entry.offset + shift });
    at += length;
  }
  return entries;
}

export function partName(name: string): string {
  return name.replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase();
}

async function findEnding(source: ByteSource): Promise<Ending> {
  const tail_start = Math.max(0, source.size - END_BYTES - COMMENT_BYTES_MAX);
  const view = viewOf(await source.read(tail_start, source.size - tail_start));
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE || at + END_BYTES + view.getUint16(at + 20, true) > view.byteLength) continue;
    const end = {
      at: tail_start + at,
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const is_zip64 = end.count === UINT16_MAX || end.size === UINT32_MAX || end.offset === UINT32_MAX;
    return is_zip64 ? ((await findEnding64(source, end.at)) ?? end) : end;
  }
  throw damaged("its end is missing");
}

async function findEnding64(source: ByteSource, end_at: number): Promise<Ending | null> {
  if (end_at < LOCATOR_BYTES) return null;
  const locator = viewOf(await source.read(end_at - LOCATOR_BYTES, LOCATOR_BYTES));
  if (locator.byteLength < LOCATOR_BYTES || locator.getUint32(0, true) !== LOCATOR_SIGNATURE) return null;
  const at = uint64(locator, 8);
  if (at + END64_BYTES > source.size) throw damaged("its directory is missing");
  const view = viewOf(await source.read(at, END64_BYTES));
  if (view.byteLength < END64_BYTES || view.getUint32(0, true) !== END64_SIGNATURE) throw damaged("its directory is missing");
  return { at, count: uint64(view, 32), size: uint64(view, 40), offset: uint64(view, 48) };
}

function entryAt(view: DataView, at: number): { entry: ZipEntry; length: number } {
  const name_length = view.getUint16(at + 28, true);
  const extra_length = view.getUint16(at + 30, true);
  const length = ENTRY_BYTES + name_length + extra_length + view.getUint16(at + 32, true);
  if (at + length > view.byteLength) throw damaged("its directory is broken");
  const entry = {
    name: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + ENTRY_BYTES, name_length)),
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    method: view.getUint16(at + 10, true),
    compressed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  readZip64Field(entry, view, at + ENTRY_BYTES + name_length, extra_length);
  return { entry, length };
}

/** The field holds, in this order, only those numbers that did not fit into 32 bits. */
function readZip64Field(entry: ZipEntry, view: DataView, start: number, length: number): void {
  for (let at = start; at + 4 <= start + length; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_FIELD && end <= start + length) {
      let value = at + 4;
      for (const key of ["size", "compressed", "offset"] as const) {
        if (entry[key] !== UINT32_MAX || value + 8 > end) continue;
        entry[key] = uint64(view, value);
        value += 8;
      }
      return;
    }
    at = end;
  }
}

function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
