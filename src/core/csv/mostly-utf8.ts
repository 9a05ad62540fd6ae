/** Files glued together of several encodings: UTF-8, but for some lines. Pure. */

/** So many characters have to be UTF-8 for each byte that is not: other encodings seldom look like it, those of two bytes in a third of cases at most. */
const CHARACTERS_PER_ODD_BYTE = 3;
const CHARACTERS_MIN = 3;

/** The share of the characters beyond ASCII that are UTF-8; null where they are too few for it to be UTF-8. */
export function mostlyUtf8(bytes: Uint8Array): number | null {
  let characters = 0;
  let odd = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length === 0) odd += 1;
    else if (length > 1) characters += 1;
    at += Math.max(1, length);
  }
  return characters < CHARACTERS_MIN || characters < CHARACTERS_PER_ODD_BYTE * odd ? null : characters / (characters + odd);
}

/** Of the character at a place, in bytes; 0: it is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  for (let next = 1; next < length; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
