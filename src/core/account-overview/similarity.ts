/** How similar the names of two companies are. Pure. */

const CHARS_MAX = 100;
/** Legal forms say nothing about which company it is. */
const LEGAL_FORM =
  /\b(?:inc|incorporated|corp|corporation|co|company|llc|ltd|limited|plc|gmbh|ag|kg|ug|sa|sas|sarl|spa|srl|bv|nv|ab|as|oy|oyj|pty)\b/g;

/** From 0 to 1: one minus the share of letters that have to change (Levenshtein), ignoring case, accents, punctuation and legal forms. */
export function similarity(a: string, b: string): number {
  const [one, other] = [plainName(a), plainName(b)];
  const longest = Math.max(one.length, other.length);
  return longest === 0 ? 0 : 1 - distance(one, other) / longest;
}

function plainName(name: string): string[] {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const short = words(words(plain).replace(LEGAL_FORM, " "));
  return Array.from(short === "" ? words(plain) : short).slice(0, CHARS_MAX);
}

function distance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [at, letter] of a.entries()) {
    const next = [at + 1];
    for (const [to, other] of b.entries()) {
      next.push(Math.min((next[to] ?? 0) + 1, (row[to + 1] ?? 0) + 1, (row[to] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
