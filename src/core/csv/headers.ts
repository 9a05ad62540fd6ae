/** Names for the columns: every one has a name, no two have the same, and the first bearer keeps it. */

const SHOWN_LENGTH_MAX = 60;

export type NamedHeaders = { headers: string[]; warnings: string[] };

export function nameHeaders(cells: readonly string[]): NamedHeaders {
  const given = cells.map((cell) => cell.trim());
  const taken = new Set(given);
  const seen = new Set<string>();
  const empty: number[] = [];
  const repeated: number[] = [];
  const headers = given.map((name, index) => {
    if (name !== "" && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    (name === "" ? empty : repeated).push(index);
    const unique = name === "" ? firstFree(`Column ${index + 1}`, taken, 1) : firstFree(name, taken, 2);
    taken.add(unique);
    return unique;
  });
  return { headers, warnings: [...emptyWarning(empty, headers), ...repeatedWarning(repeated, given, headers)] };
}

function firstFree(name: string, taken: ReadonlySet<string>, from: number): string {
  let number = from;
  let candidate = number === 1 ? name : `${name} (${number})`;
  while (taken.has(candidate)) {
    number++;
    candidate = `${name} (${number})`;
  }
  return candidate;
}

function emptyWarning(empty: readonly number[], headers: readonly string[]): string[] {
  const first = empty[0];
  if (first === undefined) return [];
  const shown = `shown as ${quote(headers[first])}`;
  if (empty.length === 1) return [`The header of column ${first + 1} is empty: ${shown}`];
  return [`${empty.length} headers are empty: the first is column ${first + 1}, ${shown}`];
}

function repeatedWarning(repeated: readonly number[], given: readonly string[], headers: readonly string[]): string[] {
  const first = repeated[0];
  if (first === undefined) return [];
  const shown = `shown as ${quote(headers[first])}`;
  if (repeated.length === 1) return [`Column ${first + 1} repeats the header ${quote(given[first])}: ${shown}`];
  return [`${repeated.length} columns repeat a header: the first is column ${first + 1}, ${quote(given[first])}, ${shown}`];
}

function quote(name = ""): string {
  return name.length > SHOWN_LENGTH_MAX ? `"${name.slice(0, SHOWN_LENGTH_MAX)}…"` : `"${name}"`;
}
