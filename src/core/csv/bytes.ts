/** The characters that matter to CSV, as bytes of UTF-8. All delimiters are ASCII, so a byte is never part of another character. */

export const NUL = 0x00;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;

/** The length in bytes of the whitespace character at `at`, 0 when there is none. Whitespace is what String.trim removes. */
export function spaceLength(utf8: Uint8Array, at: number): number {
  const byte = utf8[at];
  if (byte === undefined) return 0;
  if (byte < 0x80) return byte === SPACE || (byte >= 0x09 && byte <= 0x0d) ? 1 : 0;
  if (byte === 0xc2) return utf8[at + 1] === 0xa0 ? 2 : 0;
  if (byte !== 0xe1 && byte !== 0xe2 && byte !== 0xe3 && byte !== 0xef) return 0;
  return isWideSpace((byte << 16) | ((utf8[at + 1] ?? 0) << 8) | (utf8[at + 2] ?? 0)) ? 3 : 0;
}

/** The first position at or after `at`, not beyond `end`, that is not whitespace. */
export function skipSpace(utf8: Uint8Array, at: number, end: number): number {
  let position = at;
  while (position < end) {
    const length = spaceLength(utf8, position);
    if (length === 0) break;
    position += length;
  }
  return position;
}

function isWideSpace(character: number): boolean {
  if (character >= 0xe28080 && character <= 0xe2808a) return true; // U+2000 to U+200A
  switch (character) {
    case 0xe19a80: // U+1680 ogham space mark
    case 0xe280a8: // U+2028 line separator
    case 0xe280a9: // U+2029 paragraph separator
    case 0xe280af: // U+202F narrow no-break space
    case 0xe2819f: // U+205F medium mathematical space
    case 0xe38080: // U+3000 ideographic space
    case 0xefbbbf: // U+FEFF byte order mark
      return true;
    default:
      return false;
  }
}
