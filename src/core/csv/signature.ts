/** Tells files that are no text by what is in them; names and media types lie. */

const SIGNATURES: readonly { detail: string; magic: readonly number[] }[] = [
  { detail: "PNG image", magic: [0x89, 0x50, 0x4e, 0x47] },
  { detail: "JPEG image", magic: [0xff, 0xd8, 0xff] },
  { detail: "GIF image", magic: ascii("GIF87a") },
  { detail: "GIF image", magic: ascii("GIF89a") },
  { detail: "PDF document", magic: ascii("%PDF-") },
  { detail: "ZIP archive or Excel workbook (.xlsx): save it as CSV", magic: [0x50, 0x4b, 0x03, 0x04] },
  { detail: "ZIP archive without files", magic: [0x50, 0x4b, 0x05, 0x06] },
  { detail: "old Excel workbook (.xls): save it as CSV", magic: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1] },
  { detail: "gzip archive: unpack it first", magic: [0x1f, 0x8b] },
  { detail: "Zstandard archive: unpack it first", magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { detail: "7-Zip archive: unpack it first", magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { detail: "RAR archive: unpack it first", magic: [...ascii("Rar!"), 0x1a, 0x07] },
  { detail: "SQLite database", magic: [...ascii("SQLite format 3"), 0x00] },
];

const SAMPLE_BYTES = 65_536;

/** What the file is instead of text, or null. */
export function findSignature(bytes: Uint8Array): string | null {
  const found = SIGNATURES.find(({ magic }) => magic.every((byte, index) => bytes[index] === byte));
  return found?.detail ?? null;
}

/**
 * Whether the first 64 KB, read in their encoding, are full of control characters. NUL is judged apart: exports that pad their
 * fields with it are readable without it. Random bytes have some 10 % of controls among the rest, text has none.
 */
export function looksBinary(bytes: Uint8Array, encoding: string): boolean {
  const sample = new TextDecoder(encoding).decode(bytes.subarray(0, SAMPLE_BYTES));
  let nuls = 0;
  let controls = 0;
  for (let index = 0; index < sample.length; index++) {
    const code = sample.charCodeAt(index);
    if (code === 0) nuls++;
    else if ((code < 0x20 && (code < 0x09 || code > 0x0d)) || (code >= 0x7f && code < 0xa0)) controls++;
  }
  return nuls > 0.9 * sample.length || controls > 0.05 * (sample.length - nuls);
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
