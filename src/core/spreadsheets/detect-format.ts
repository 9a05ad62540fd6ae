/** Tells what kind of file was uploaded: by its content, and by its name where the content leaves it open. */

import { compoundDirectoryOffset, foreignArchive, foreignCompoundFile, isCompoundFile } from "./foreign";
import { markedEncoding } from "./text-encoding";

export type FileFormat =
  | { kind: "csv" | "xlsx" | "ods" | "json" | "ndjson" | "vcard" }
  /** `what` it is and, as `advice`, what to do: two phrases. */
  | { kind: "unsupported"; what: string; advice: string };

const HEAD_BYTES = 65_536;
const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet";

/** `bytes` is the file, or at least its first 64 KB. What is not recognised is taken for CSV, whose reader judges images and the like. */
export function detectFormat(bytes: Uint8Array, file_name: string): FileFormat {
  const extension = /\.([a-z0-9]+)$/i.exec(file_name.trim())?.[1]?.toLowerCase() ?? "";
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] as number) <= 8) return archiveFormat(bytes, extension);
  if (isCompoundFile(bytes)) {
    const offset = compoundDirectoryOffset(bytes);
    return unsupported(foreignCompoundFile(bytes.subarray(offset, offset + 4096)));
  }
  return textFormat(headText(bytes), extension);
}

function archiveFormat(bytes: Uint8Array, extension: string): FileFormat {
  const { names, content } = entryNames(bytes);
  if (names[0] === "mimetype") {
    if (content.startsWith(ODS_TYPE)) return { kind: "ods" };
    return unsupported("an OpenDocument file that is no spreadsheet: save its table as .ods or .xlsx");
  }
  if (names.some((name) => name === "content.xml")) return { kind: "ods" };
  const foreign = foreignArchive(names);
  if (foreign !== null) return unsupported(foreign);
  if (names.some((name) => name.startsWith("xl/"))) return { kind: "xlsx" };
  if (extension === "xlsb") return unsupported("a binary Excel workbook (.xlsb): open it in Excel and save it as .xlsx");
  if (extension === "numbers") return unsupported("an Apple Numbers document: export it as Excel (.xlsx)");
  if (["xlsx", "xlsm", "xltx", "xltm"].includes(extension)) return { kind: "xlsx" };
  if (extension === "ods") return { kind: "ods" };
  if (names.some((name) => name === "[content_types].xml")) return { kind: "xlsx" };
  return unsupported("a ZIP archive: unpack it first");
}

/** Names of entries in both kinds of headers, as far as the bytes go, and the stored text of the first. */
function entryNames(bytes: Uint8Array): { names: string[]; content: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names: string[] = [];
  let content = "";
  for (let at = bytes.indexOf(0x50); at !== -1 && at + 46 <= bytes.length; at = bytes.indexOf(0x50, at + 1)) {
    const signature = view.getUint32(at, true);
    if (signature !== LOCAL_SIGNATURE && signature !== CENTRAL_SIGNATURE) continue;
    const [start, length] =
      signature === LOCAL_SIGNATURE ? [at + 30, view.getUint16(at + 26, true)] : [at + 46, view.getUint16(at + 28, true)];
    const data = start + length;
    if (names.length === 0) content = new TextDecoder().decode(bytes.subarray(data, data + ODS_TYPE.length));
    names.push(new TextDecoder().decode(bytes.subarray(start, data)).replaceAll("\\", "/").toLowerCase());
  }
  return { names, content };
}

function headText(bytes: Uint8Array): string {
  const head = bytes.subarray(0, HEAD_BYTES);
  return new TextDecoder(markedEncoding(head) ?? "utf-8").decode(head).trimStart();
}

function textFormat(head: string, extension: string): FileFormat {
  if (/^BEGIN:VCARD\s/i.test(head)) return { kind: "vcard" };
  if (/^(<!doctype html|<html|<table|<head|<meta|<body|<style)/i.test(head)) {
    return unsupported("a web page, whatever its name says: open it in Excel and save it as .xlsx");
  }
  if (/^<\?xml/i.test(head)) {
    if (head.includes("urn:schemas-microsoft-com:office:spreadsheet"))
      return unsupported("an Excel 2003 XML file: open it in Excel and save it as .xlsx");
    return unsupported("an XML file: save it as CSV or .xlsx");
  }
  if (/^\{\s*["}]/.test(head) || /^\[\s*[{\]]/.test(head)) return { kind: isNdjson(head, extension) ? "ndjson" : "json" };
  if (head.startsWith("{\\rtf")) return unsupported("a text document (RTF): save its table as CSV or .xlsx");
  if (extension === "vcf" && /^BEGIN:VCARD/im.test(head)) return { kind: "vcard" };
  return { kind: "csv" };
}

function isNdjson(head: string, extension: string): boolean {
  return ["ndjson", "jsonl", "jsonlines"].includes(extension) || (/^\{.*\}[ \t]*\r?\n\s*\{/.test(head) && head.startsWith("{"));
}

/** The phrases of foreign files are "what: advice". */
function unsupported(phrase: string): FileFormat {
  const [what = "", advice = ""] = phrase.split(": ", 2);
  return { kind: "unsupported", what, advice };
}
