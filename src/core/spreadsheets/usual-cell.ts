const LOWER_C = 0x63;
const SPACE = 0x20;
const QUOTE = 0x22;

/** Where the start tag of a cell `<c …><v>` at `at` ends; -1 for anything else, and a tag with a ">" in an attribute. */
export function usualCellTagEnd(text: string, at: number): number {
  if (text.charCodeAt(at + 1) !== LOWER_C || text.charCodeAt(at + 2) !== SPACE) return -1;
  const end = text.indexOf(">", at);
  return end === -1 || text.charCodeAt(end - 1) !== QUOTE || !text.startsWith("<v>", end + 1) ? -1 : end;
}
