/** Exports of the usual tools, imported by their suggestion alone: nobody is merged with somebody else, hardly anybody is lost. */
import { describe, expect, it } from "vitest";
import { readCsv } from "../../../../src/core/csv";
import { cleanAliasCell, isTestLead } from "../../../../src/core/imports/cells";
import { type Suggestion, suggestMapping } from "../../../../src/core/imports/suggest";
import { EXPORTS, type ExportFile, type Identifier } from "../../../fixtures/exports/exports";
import { rowsOf } from "../../csv/reading";

const STANDARD = ["first_name", "last_name", "name", "company", "title", "industry", "country", "source", "notes", "business_id"];
const REACHED_SHARE = 0.95;

describe("an export is imported by its suggested mapping", () => {
  it("there are twenty-one of them", () => expect(EXPORTS).toHaveLength(21));

  it.each(EXPORTS.map((file) => [file.name, file] as const))("%s", (_, file) => {
    const { expected } = file;
    const { headers, rows } = read(file);
    expect(headers).toEqual(expected.headers);
    expect(rows).toHaveLength(expected.people.length);
    const suggestion = suggestMapping({
      headers,
      rows: rows.slice(0, 200),
      row_count: rows.length,
      known_fields: STANDARD,
      region: expected.region,
    });
    const mapping = suggestion.suggested_mapping;
    if (mapping === null) throw new Error("no mapping is suggested");
    expect(mapping.primary_identifier).toEqual(expected.primary);
    expect(mapping.identifiers ?? []).toEqual(expect.arrayContaining(expected.identifiers));
    for (const column of expected.no_alias) expect(aliasColumns(suggestion).map((alias) => alias.column)).not.toContain(column);

    const leads = importRows(headers, rows, suggestion, expected.region);
    const people = leads.map((lead) => [...new Set(lead.rows.map((row) => expected.people[row] ?? null))]);
    expect(people.filter((found) => found.length > 1)).toEqual([]);
    expect(people.filter((found) => found[0] === null)).toEqual([]);
    const identified = new Set(expected.people.filter((person) => person !== null));
    const reached = new Set(people.flat());
    expect([...identified].filter((person) => !reached.has(person)).length).toBeLessThanOrEqual((1 - REACHED_SHARE) * identified.size);
  });
});

function read({ bytes, expected }: ExportFile): { headers: string[]; rows: string[][] } {
  const result = readCsv(bytes);
  if (!result.ok) throw new Error(result.problem.detail);
  expect(result.table.encoding).toBe(expected.encoding);
  return { headers: result.table.headers, rows: rowsOf(result.table).map(({ cells }) => cells) };
}

function aliasColumns({ suggested_mapping: mapping }: Suggestion): Identifier[] {
  if (mapping === null) return [];
  const aliases = Object.entries(mapping.alias_mappings).map(([column, key]) => ({ column, kind: key.slice("_alias_".length) }));
  return [mapping.primary_identifier, ...(mapping.identifiers ?? []), ...(aliases as Identifier[])];
}

type Lead = { rows: number[] };

/** As the import decides: the first usable identifier of a row finds its lead, further ones belong to whom they came to first. */
function importRows(headers: string[], rows: string[][], suggestion: Suggestion, region: string | null): Lead[] {
  const identifiers = aliasColumns(suggestion);
  const finding = 1 + (suggestion.suggested_mapping?.identifiers?.length ?? 0);
  const leads: Lead[] = [];
  const owners = new Map<string, Lead>();
  rows.forEach((cells, row) => {
    if (isTestLead(cells)) return;
    const keys = identifiers.map(({ column, kind }) =>
      cleanAliasCell(kind, cells[headers.indexOf(column)] ?? "", { region }).values.map(({ value }) => `${kind}:${value}`),
    );
    const key = keys.slice(0, finding).flat()[0];
    if (key === undefined) return;
    const lead = owners.get(key) ?? { rows: [] };
    if (lead.rows.length === 0) leads.push(lead);
    lead.rows.push(row);
    for (const alias of keys.flat()) if (!owners.has(alias)) owners.set(alias, lead);
  });
  return leads;
}
