/** The pure middle of an import: mapping, reading a row, finding its lead, planning a chunk. */

import { describe, expect, it } from "vitest";
import { type RowInput, readImportRow, rowError, rowReader } from "../../../src/core/imports/import-row";
import { resolveMapping } from "../../../src/core/imports/mapping";
import { type LeadDiff, planChunk } from "../../../src/core/imports/plan-chunk";
import { resolveRows } from "../../../src/core/imports/resolve-rows";
import { ImportMapping } from "../../../src/core/imports/schemas";
import { knownFields } from "../../../src/core/leads";
import type { AliasKind } from "../../../src/vocabulary";

const HEADERS = ["Email", "Name", "Phone", "Phone (2)", "Note"];
const NOW = 1_750_000_000_000;

const mapping = (changes: Partial<ImportMapping> = {}): ImportMapping =>
  ImportMapping.parse({ primary_identifier: { column: "Email", kind: "email" }, ...changes });

describe("resolveMapping", () => {
  const known = knownFields([{ key: "seat", name: "Seat" }]);

  it("addresses columns by their place, fields by the name they were defined with", () => {
    const { resolved, problems, ignored_fields } = resolveMapping(
      mapping({ field_mappings: { " Name ": "FIRST_NAME", Note: "sEAT" }, alias_mappings: { "Phone (2)": "_alias_phone" } }),
      HEADERS,
      known,
    );
    expect({ problems, ignored_fields }).toEqual({ problems: [], ignored_fields: [] });
    expect(resolved).toEqual({
      primary: { column: 0, kind: "email" },
      fallbacks: [],
      fields: [
        { column: 1, field: "first_name" },
        { column: 4, field: "Seat" },
      ],
      aliases: [{ column: 3, kind: "phone" }],
      targets: [],
    });
  });

  it("takes column names to the letter: Email is not email", () => {
    const { problems } = resolveMapping(mapping({ primary_identifier: { column: "email", kind: "email" } }), HEADERS, known);
    expect(problems.map(({ path }) => path)).toEqual(["primary_identifier.column"]);
  });

  it("does not take the names of built-in properties for columns, fields or kinds", () => {
    const { problems, ignored_fields } = resolveMapping(
      mapping({
        primary_identifier: { column: "toString", kind: "constructor" },
        field_mappings: { Note: "constructor" },
        alias_mappings: { Phone: "_alias_constructor", hasOwnProperty: "_alias_phone" },
      }),
      HEADERS,
      known,
    );
    expect(ignored_fields).toEqual(["constructor"]);
    expect(problems.map(({ path }) => path)).toEqual([
      "primary_identifier.column",
      "primary_identifier.kind",
      "alias_mappings.Phone",
      "alias_mappings.hasOwnProperty",
    ]);
  });

  it("names a field that is unknown and a column that is missing, both", () => {
    const { problems, ignored_fields } = resolveMapping(mapping({ field_mappings: { Nope: "nothing" } }), HEADERS, known);
    expect(problems.map(({ path }) => path)).toEqual(["field_mappings.Nope"]);
    expect(ignored_fields).toEqual(["nothing"]);
  });
});

describe("readImportRow", () => {
  const readWith = (changes: Partial<ImportMapping>) => {
    const sent = mapping({
      field_mappings: { Name: "name", Note: "notes", Phone: "notes" },
      alias_mappings: { Phone: "_alias_phone", "Phone (2)": "_alias_phone" },
      ...changes,
    });
    const { resolved } = resolveMapping(sent, HEADERS, knownFields([]));
    const reader = rowReader({ ...sent, resolved, region: null, ignored_fields: [], repeated: [] });
    return (cells: string[]) => {
      const result = readImportRow({ row: 7, cells }, reader);
      return "input" in result ? result.input : "error" in result ? result.error : "skipped";
    };
  };
  const read = readWith({});

  it("skips empty cells: no patch, no alias", () => {
    expect(read(["Ann@Example.com", " ", "", "  ", ""])).toEqual({
      row: 7,
      primary: { kind: "email", value: "ann@example.com", raw: "Ann@Example.com", column: 0 },
      aliases: [],
      patch: new Map(),
      patchJson: "{}",
    });
  });

  it("reads cells that are not there as empty", () => {
    expect(read(["ann@example.com"])).toMatchObject({ patch: new Map(), aliases: [] });
    expect(read([])).toEqual(rowError(7, "missing_identifier", 0, ""));
  });

  it("of two columns for one field the last that says something wins", () => {
    expect(read(["ann@example.com", "", "555-0100", "", "text"])).toMatchObject({ patchJson: '{"notes":"555-0100"}' });
    expect(read(["ann@example.com", "", "", "", "text"])).toMatchObject({ patchJson: '{"notes":"text"}' });
  });

  it("removes the parts of a name that a full name replaces", () => {
    expect(read(["ann@example.com", "Ann Lee", "", "", ""])).toMatchObject({
      patch: new Map([
        ["name", "Ann Lee"],
        ["first_name", null],
        ["last_name", null],
      ]),
    });
  });

  it("blames the first identifier that is wrong, by its column", () => {
    expect(read(["ann@", "", "call me"])).toEqual(rowError(7, "invalid_email", 0, "ann@"));
    expect(readWith({ strict: true })(["ann@example.com", "", "", " call me "])).toEqual(rowError(7, "invalid_phone", 3, "call me"));
  });

  it("drops an alias that is invalid, unless the mapping is strict", () => {
    expect(read(["ann@example.com", "", "", " call me "])).toMatchObject({ primary: { value: "ann@example.com" }, aliases: [] });
  });

  it("finds a row without a usable email by its fallbacks, in their order", () => {
    const byPhone = readWith({
      identifiers: [
        { column: "Phone (2)", kind: "phone" },
        { column: "Phone", kind: "phone" },
      ],
    });
    expect(byPhone(["N/A", "", "+12015550100", "+12015550101"])).toMatchObject({
      primary: { kind: "phone", value: "+12015550101" },
      aliases: [{ kind: "phone", value: "+12015550100" }],
    });
    expect(byPhone(["ann@example.com", "", "+12015550100", ""])).toMatchObject({ primary: { kind: "email" } });
  });

  it.each([
    ["", "missing_identifier"],
    ["-", "invalid_email"],
    ["N/A", "invalid_email"],
    ["test@test.com", "missing_identifier"],
    ["ann@", "invalid_email"],
  ] as const)("names the row error for the primary identifier when none is usable: %j is %s", (cell, code) => {
    const byPhone = readWith({ identifiers: [{ column: "Phone", kind: "phone" }] });
    expect(byPhone([cell, "", "call me", ""])).toEqual(rowError(7, code, 0, cell));
  });

  it("reads several addresses of a cell as several aliases", () => {
    expect(read(["ann@example.com; <a.lee@example.org>"])).toMatchObject({
      primary: { value: "ann@example.com" },
      aliases: [{ value: "a.lee@example.org" }],
    });
  });

  it("skips the test leads of ad platforms", () => {
    expect(read(["test@fb.com", "<test lead: dummy data for first_name>"])).toBe("skipped");
  });
});

const input = (row: number, email: string, phone = "", patch: Record<string, string | null> = {}): RowInput => ({
  row,
  primary: alias("email", email, 0),
  aliases: phone ? [alias("phone", phone, 1)] : [],
  patch: new Map(Object.entries(patch)),
  patchJson: JSON.stringify(patch),
});
const alias = (kind: AliasKind, value: string, column: number) => ({ kind, value, raw: value, column });

function resolve(rows: RowInput[], owners: Record<string, string> = {}) {
  let next = 0;
  return resolveRows(rows, new Map(Object.entries(owners)), () => `new-${++next}`);
}

describe("resolveRows", () => {
  it("only the primary identifier finds a lead: a known phone does not", () => {
    const [row] = resolve([input(2, "ann@x", "1")], { "phone:1": "L1" });
    expect(row).toMatchObject({ lead_id: "new-1", created: true, conflicts: [{ row: 2, kind: "phone", value: "1", owner: "L1" }] });
    expect(row?.attached.map(({ kind }) => kind)).toEqual(["email"]);
  });

  it("a row sees the leads and aliases of the rows before it, not of those after it", () => {
    const rows = resolve([input(2, "ann@x", "1"), input(3, "bob@x", "1"), input(4, "ann@x", "2"), input(5, "bob@x", "2")]);
    expect(rows.map(({ lead_id, created, isNew }) => [lead_id, created, isNew])).toEqual([
      ["new-1", true, true],
      ["new-2", true, true],
      ["new-1", false, true],
      ["new-2", false, true],
    ]);
    expect(rows.flatMap(({ conflicts }) => conflicts.map(({ row, owner }) => [row, owner]))).toEqual([
      [3, "new-1"],
      [5, "new-1"],
    ]);
  });

  it("one alias under two columns is attached once", () => {
    const twice = { ...input(2, "ann@x", "1"), aliases: [alias("phone", "1", 1), alias("phone", "1", 2), alias("email", "ann@x", 3)] };
    expect(resolve([twice])[0]?.attached.map(({ kind, value }) => `${kind}:${value}`)).toEqual(["email:ann@x", "phone:1"]);
  });
});

describe("planChunk", () => {
  const diff = (bytes: number, ...changed: string[]): LeadDiff => ({ bytes, merged: null, aliases: 1, changed: new Set(changed) });
  const plan = (rows: RowInput[], owners: Record<string, string> = {}, diffs: [number, LeadDiff][] = []) =>
    planChunk(resolve(rows, owners), new Map(diffs), NOW);

  it("one insert for a new lead however many rows it has, the last value of each field", () => {
    const { inserts, updates, counts } = plan([
      input(2, "ann@x", "", { a: "1", b: "1" }),
      input(3, "ann@x", "9", { a: "2" }),
      input(4, "ann@x", "", { a: "2" }),
    ]);
    expect(inserts).toEqual([
      {
        lead_id: "new-1",
        profile: { a: "2", b: "1" },
        aliases: [
          ["email", "ann@x", null, NOW],
          ["phone", "9", null, NOW],
        ],
      },
    ]);
    expect(updates).toEqual([]);
    expect(counts).toEqual({ created: 1, changed: 1, unchanged: 1 });
  });

  it("a new lead has no nulls: what a row removes was never there", () => {
    expect(plan([input(2, "ann@x", "", { name: "Ann", first_name: null })]).inserts[0]?.profile).toEqual({ name: "Ann" });
  });

  it("nothing is written for a stored lead that says the same", () => {
    const { updates, counts } = plan([input(2, "ann@x", "", { a: "1" })], { "email:ann@x": "L1" }, [[0, diff(10)]]);
    expect(updates).toEqual([]);
    expect(counts).toEqual({ created: 0, changed: 0, unchanged: 1 });
  });

  it("a second row is compared with what the first one wrote, not with what is stored", () => {
    const stored = { "email:ann@x": "L1" };
    // stored a = "2": the first row changes it to "1", the second changes it back
    const rows = [input(2, "ann@x", "", { a: "1" }), input(3, "ann@x", "", { a: "2" })];
    const { updates, counts } = plan(rows, stored, [
      [0, diff(10, "a")],
      [1, diff(10)],
    ]);
    expect(counts).toEqual({ created: 0, changed: 2, unchanged: 0 });
    expect(updates).toMatchObject([{ lead_id: "L1", profile: { a: "2" }, written: ["a"], aliases: [] }]);
  });

  it("a stored lead keeps the nulls of a patch: they remove what is stored", () => {
    const { updates } = plan([input(2, "ann@x", "", { name: "Ann", first_name: null })], { "email:ann@x": "L1" }, [[0, diff(10, "name")]]);
    expect(updates[0]?.profile).toEqual({ name: "Ann", first_name: null });
  });

  it("a row that is too large is rejected and counted nowhere, measured in bytes", () => {
    const large = input(3, "bob@x", "1", { note: "é".repeat(140_000) });
    const { rejected, inserts, counts } = plan([input(2, "ann@x", "", { note: "é".repeat(100_000) }), large]);
    expect(rejected).toEqual([rowError(3, "profile_too_large", null, "")]);
    expect(counts).toEqual({ created: 1, changed: 0, unchanged: 0 });
    expect(inserts.map(({ lead_id }) => lead_id)).toEqual(["new-1"]);
  });

  it("a large profile that a row does not change is no reason to reject the row", () => {
    const { rejected, counts } = plan([input(2, "ann@x", "", { note: "x".repeat(200_000) })], { "email:ann@x": "L1" }, [
      [0, diff(200_020)],
    ]);
    expect({ rejected, counts }).toEqual({ rejected: [], counts: { created: 0, changed: 0, unchanged: 1 } });
  });
});
