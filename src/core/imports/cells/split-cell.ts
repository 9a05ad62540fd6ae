/** The values of a cell that holds several. */

export const VALUES_MAX = 20;

/** Separators that no identifier contains: semicolon, " ::: " of Google's exports, line ends, bars. */
const HARD = /\s*(?:;|:::|\||\r\n|\r|\n|\t)\s*/;
/** Separators that may as well stand inside a value. */
const SOFT = [/\s*[,、，]\s*/, /\s+\/\s+/, /\s+(?:or|oder|ou|and|und|et|y|и|или)\s+/i];

/** Splits by what separates in any case, then by what separates only where `isWhole` holds for every part. */
export function splitCell(text: string, isWhole: (part: string) => boolean): string[] {
  return text
    .split(HARD)
    .filter(Boolean)
    .flatMap((part) => splitSoft(part, isWhole));
}

function splitSoft(text: string, isWhole: (part: string) => boolean): string[] {
  for (const separator of SOFT) {
    const parts = text.split(separator).filter(Boolean);
    if (parts.length < 2) continue;
    const values = parts.flatMap((part) => splitSoft(part, isWhole));
    if (values.every(isWhole)) return values;
  }
  return [text];
}
