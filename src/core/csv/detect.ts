/** Guesses which columns hold email addresses and phone numbers, from their names and from the first rows. */

import { namesEmail, namesFax, namesPhone } from "./header-words";

const EMAIL = /^[^\s@"<>(),;:]+@[^\s@"<>(),;:]+$/;
const PHONE_CHARACTERS = /^[\d\s()+.\-/]+$/;
const PHONE_FORMATTING = /[+\s()-]/;
/** Dates, US postcodes, social security numbers and grouped thousands are formatted digits too. */
const OTHER_NUMBER = /^(\d{1,4}([-/.])\d{1,2}\2\d{1,4}|\d{5}-\d{4}|\d{3}-\d{2}-\d{4}|-?\d{1,3}(\s\d{3})+|-[\d.]+)$/;
const FLAG = /^(yes|no|y|n|true|false|on|off|[01])$/i;

const EMAIL_LENGTH_MAX = 320;
const PHONE_LENGTH_MAX = 40;
/** The share of cells that speaks for a column whatever its name, and the one below which they speak against its name. */
const PROVING_SHARE = 0.6;
const REFUTING_SHARE = 0.2;
/** Fewer wrong cells than this are bad data rather than another kind of column. */
const REFUTING_CELLS = 5;

export type Detected = { email_columns: string[]; phone_columns: string[] };

export function detectColumns(headers: readonly string[], rows: readonly (readonly string[])[]): Detected {
  const detected: Detected = { email_columns: [], phone_columns: [] };
  headers.forEach((header, index) => {
    const cells = rows.map((cells) => cells[index]?.trim() ?? "").filter((cell) => cell !== "");
    const emails = share(cells, isEmail);
    if (emails >= PROVING_SHARE || (namesEmail(header) && !refuted(cells, emails))) detected.email_columns.push(header);
    else if (isPhoneColumn(header, cells)) detected.phone_columns.push(header);
  });
  return detected;
}

function isPhoneColumn(header: string, cells: readonly string[]): boolean {
  if (namesFax(header)) return false;
  if (share(cells, isFormattedPhone) >= PROVING_SHARE) return true;
  return namesPhone(header) && !refuted(cells, share(cells, couldBePhone));
}

function refuted(cells: readonly string[], fitting: number): boolean {
  if (cells.length === 0 || fitting >= REFUTING_SHARE) return false;
  return cells.length >= REFUTING_CELLS || cells.every((cell) => FLAG.test(cell));
}

function share(cells: readonly string[], holds: (cell: string) => boolean): number {
  return cells.length === 0 ? 0 : cells.filter(holds).length / cells.length;
}

export function isEmail(cell: string): boolean {
  return cell.length <= EMAIL_LENGTH_MAX && EMAIL.test(cell) && cell.indexOf(".", cell.indexOf("@") + 2) !== -1 && !cell.endsWith(".");
}

export function isFormattedPhone(cell: string): boolean {
  return couldBePhone(cell) && PHONE_FORMATTING.test(cell) && !OTHER_NUMBER.test(cell);
}

/** Under a header that says phone, bare digits will do, and short local numbers. */
function couldBePhone(cell: string): boolean {
  if (cell.length > PHONE_LENGTH_MAX) return false;
  const number = cell.replace(/\s*(x|ext\.?)\s*\d{1,6}$/i, "");
  if (!PHONE_CHARACTERS.test(number)) return false;
  const digits = number.replace(/\D/g, "").length;
  return digits >= 7 && digits <= 15;
}
