/**
 * The spreadsheet guard: an apostrophe before cells which a spreadsheet would run as a formula (CSV injection, OWASP). Cells that
 * already look guarded get one more, so that taking one off is exact. A carriage return comes back as a newline, hence both.
 */

const RISKY = /^'*[=+\-@\t\r\n＝＋－＠]/;
const GUARDED = /^'+[=+\-@\t\r\n＝＋－＠]/;

/** The cell, with an apostrophe before it if it begins with = + - @ (full-width ones too), a tab or a line end, or looks guarded already. */
export function guardCell(cell: string): string {
  return RISKY.test(cell) ? `'${cell}` : cell;
}

/** The exact inverse of `guardCell`; leaves alone what it never makes. */
export function unguardCell(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}
