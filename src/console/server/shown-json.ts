/** JSON of somebody else's, which may be large: a page of it is loaded every few seconds. */
const CHARS_MAX = 4_000;

/** `cut`: only its beginning. */
export function shownJson(value: unknown): { text: string; cut: boolean } {
  const text = JSON.stringify(value, null, 2);
  return { text: text.slice(0, CHARS_MAX), cut: text.length > CHARS_MAX };
}
