const COLUMN_MAX = 16_384;
const UPPER_A = 0x41;
const LOWER_A = 0x61;

/** The column, from 1, of the reference that begins at `at`: 28 for "AB12". 0 when there is none. */
export function columnOf(text: string, at = 0): number {
  let column = 0;
  for (let index = at; column <= COLUMN_MAX; index++) {
    const code = text.charCodeAt(index);
    if (code >= UPPER_A && code < UPPER_A + 26) column = column * 26 + code - UPPER_A + 1;
    else if (code >= LOWER_A && code < LOWER_A + 26) column = column * 26 + code - LOWER_A + 1;
    else break;
  }
  return column <= COLUMN_MAX ? column : 0;
}

/** The row of a reference such as "AB12", or null. */
export function rowOf(reference: string): number | null {
  const digits = /^\$?[A-Za-z]+\$?([1-9]\d{0,6})$/.exec(reference)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** "AB" for 28. */
export function columnName(column: number): string {
  let name = "";
  for (let left = column; left > 0; left = Math.floor((left - 1) / 26)) name = String.fromCharCode(UPPER_A + ((left - 1) % 26)) + name;
  return name;
}
