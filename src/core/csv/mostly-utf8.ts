/** Files that are UTF-8 except for some lines, such as files of several encodings that were joined. Pure. */

/**
 * UTF-8 characters needed for each byte that is not UTF-8. Text in other encodings seldom looks like UTF-8; in encodings of two bytes, a third of
 * the cases at most.
 */
const CHARACTERS_PER_ODD_BYTE = 3;
const CHARACTERS_MIN = 3;

/** The share of the characters beyond ASCII that are UTF-8; null when they are too few for the file to be UTF-8. */
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

/** The length in bytes of the UTF-8 character at `at`; 0 when there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 0;
  for (let next = 1; next < length; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
