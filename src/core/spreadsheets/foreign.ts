/** Files that look like an .xlsx, or are named like one, and are not: each refusal says what to do. */

import type { ByteSource } from "./byte-source";
import { Refusal } from "./problem";
import type { ZipEntry } from "./zip-directory";

const COMPOUND_SIGNATURE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const COMPOUND_HEADER_BYTES = 512;
const DIRECTORY_READ_BYTES = 4096;

/** Files by a part that only they have. */
const FOREIGN: readonly { has: (part: string) => boolean; detail: string }[] = [
  { has: (part) => part === "xl/workbook.bin", detail: "a binary Excel workbook (.xlsb): open it in Excel and save it as .xlsx" },
  { has: (part) => part === "mimetype" || part === "content.xml", detail: "an OpenDocument file: open it and save it as .xlsx" },
  { has: (part) => part.endsWith(".iwa") || part === "index.zip", detail: "an Apple Numbers document: export it as Excel (.xlsx)" },
  { has: (part) => part.startsWith("word/"), detail: "a Word document: save its table as a .xlsx workbook" },
  { has: (part) => part.startsWith("ppt/"), detail: "a PowerPoint presentation: save its table as a .xlsx workbook" },
];

/** The phrase for an archive that is another kind of document, or null. */
export function foreignArchive(parts: Iterable<string>): string | null {
  const names = [...parts];
  if (names.some((part) => part === "xl/workbook.xml")) return null;
  return FOREIGN.find(({ has }) => names.some(has))?.detail ?? null;
}

export function isCompoundFile(bytes: Uint8Array): boolean {
  return COMPOUND_SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** The phrase for a compound file (MS-CFB), by the names in the first sector of its directory. */
export function foreignCompoundFile(directory: Uint8Array): string {
  const names = new TextDecoder("utf-16le").decode(directory);
  if (names.includes("EncryptedPackage")) return "a workbook protected by a password: save it in Excel as .xlsx without one";
  if (names.includes("WordDocument")) return "a Word document: save its table as a .xlsx workbook";
  return "an old Excel workbook (.xls): open it in Excel and save it as .xlsx";
}

/** Where the directory of a compound file begins, from its header. */
export function compoundDirectoryOffset(header: Uint8Array): number {
  if (header.length < COMPOUND_HEADER_BYTES) return 0;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return (view.getUint32(48, true) + 1) * 2 ** Math.min(view.getUint16(30, true), 20);
}

export async function refuseForeign(source: ByteSource): Promise<void> {
  if (source.size === 0) throw new Refusal("invalid", "the file is empty");
  const header = await source.read(0, COMPOUND_HEADER_BYTES);
  if (isCompoundFile(header)) {
    const offset = compoundDirectoryOffset(header);
    const directory = offset < source.size ? await source.read(offset, DIRECTORY_READ_BYTES) : new Uint8Array();
    throw new Refusal("unsupported", foreignCompoundFile(directory));
  }
  if (header[0] !== 0x50 || header[1] !== 0x4b) throw new Refusal("unsupported", "no Excel workbook: save it as .xlsx or CSV");
}

export function refuseForeignArchive(entries: ReadonlyMap<string, ZipEntry>): void {
  const foreign = foreignArchive(entries.keys());
  if (foreign !== null) throw new Refusal("unsupported", foreign);
  if ([...entries.values()].some(({ encrypted }) => encrypted)) {
    throw new Refusal("unsupported", "the file is protected by a password: save it without one");
  }
}
