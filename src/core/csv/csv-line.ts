import type { Delimiter } from "./table";

const SPECIAL: Record<Delimiter, RegExp> = { ",": /[",\r\n]/, ";": /[";\r\n]/, "\t": /["\t\r\n]/, "|": /["|\r\n]/ };

/** One record by RFC 4180, with its "\r\n". */
export function csvLine(cells: readonly string[], delimiter: Delimiter = ","): string {
  const special = SPECIAL[delimiter];
  const quoted = cells.map((cell) => (special.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(delimiter)}\r\n`;
}
