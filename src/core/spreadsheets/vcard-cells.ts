/** From the lines of one vCard to the cells of a row. */

import type { VcardLine } from "./vcard-lines";

/** The order of the columns; those that repeat follow their first: "Phone", "Phone 2". */
export const VCARD_COLUMNS = [
  "Name",
  "First Name",
  "Middle Name",
  "Last Name",
  "Name Prefix",
  "Name Suffix",
  "Email",
  "Phone",
  "Fax",
  "Company",
  "Department",
  "Job Title",
  "Website",
  "Street",
  "City",
  "Region",
  "Postal Code",
  "Country",
  "Birthday",
  "Categories",
  "Note",
] as const;

export type VcardColumn = (typeof VCARD_COLUMNS)[number];

/** Several values a column, best first. */
export type VcardCells = Map<VcardColumn, string[]>;

const VALUES_MAX = 10;
const REPEATED = new Set<VcardColumn>(["Email", "Phone", "Fax", "Website"]);
const NAME_PARTS: readonly VcardColumn[] = ["Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix"];

type Found = { column: VcardColumn; value: string; preference: number };

export function vcardCells(lines: readonly VcardLine[]): VcardCells {
  const found = lines.flatMap(readLine).filter(({ value }) => value !== "");
  const cells: VcardCells = new Map();
  for (const { column, value } of found.sort((one, other) => one.preference - other.preference)) {
    const values = cells.get(column) ?? [];
    const most = REPEATED.has(column) ? VALUES_MAX : 1;
    if (values.length < most && !values.includes(value)) cells.set(column, [...values, value]);
  }
  return cells;
}

function readLine(line: VcardLine): Found[] {
  const preference = preferenceOf(line);
  return Object.entries(valuesOf(line)).map(([column, value]) => ({ column: column as VcardColumn, value: value.trim(), preference }));
}

function valuesOf({ name, parameters, value }: VcardLine): Partial<Record<VcardColumn, string>> {
  switch (name) {
    case "FN":
      return { Name: unescaped(value) };
    case "N":
      return Object.fromEntries(components(value).map((part, index) => [NAME_PARTS[index] ?? "Name Suffix", part]));
    case "EMAIL":
      return { Email: unescaped(value).replace(/^mailto:/i, "") };
    case "TEL":
      return { [parameters.get("TYPE")?.includes("FAX") ? "Fax" : "Phone"]: unescaped(value).replace(/^tel:/i, "") };
    case "ORG":
      return { Company: components(value)[0] ?? "", Department: components(value)[1] ?? "" };
    case "TITLE":
      return { "Job Title": unescaped(value) };
    case "URL":
      return { Website: unescaped(value) };
    case "ADR":
      return address(components(value));
    case "BDAY":
      return { Birthday: unescaped(value) };
    case "CATEGORIES":
      return {
        Categories: value
          .split(/(?<!\\),/)
          .map(unescaped)
          .join("; "),
      };
    case "NOTE":
      return { Note: unescaped(value) };
    default:
      return {};
  }
}

/** Post office box and additions belong to the street. */
function address(parts: readonly string[]): Partial<Record<VcardColumn, string>> {
  const [box = "", addition = "", street = "", city = "", region = "", postal = "", country = ""] = parts;
  const line = [street, addition, box].filter((part) => part !== "").join(", ");
  return { Street: line, City: city, Region: region, "Postal Code": postal, Country: country };
}

/** PREF=1 is best (4.0), TYPE=PREF says the same (2.1 and 3.0); the rest keeps its order. */
function preferenceOf({ parameters }: VcardLine): number {
  if (parameters.get("TYPE")?.includes("PREF")) return 1;
  const given = Number(parameters.get("PREF")?.[0]);
  return given >= 1 && given <= 100 ? given : 101;
}

function components(value: string): string[] {
  return value.split(/(?<!\\);/).map((part) => unescaped(part).trim());
}

function unescaped(value: string): string {
  return value.replace(/\\([nN,;:\\])/g, (_, escaped: string) => (escaped.toLowerCase() === "n" ? "\n" : escaped));
}
