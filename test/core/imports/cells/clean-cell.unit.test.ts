/** What a cell of an export means: every way in which tools write an identifier, and everything that is none. */

import { describe, expect, it } from "vitest";
import {
  CELL_WARNINGS,
  cleanAliasCell,
  compilePlaceholders,
  DEFAULT_PLACEHOLDERS,
  isTestLead,
  renderCellWarning,
} from "../../../../src/core/imports/cells";
import { normaliseAlias } from "../../../../src/core/leads";
import { ALIAS_KINDS, type AliasKind } from "../../../../src/vocabulary";
import { fc } from "../../../support/fast-check";

const clean = (kind: AliasKind, raw: string, region: string | null = null) => cleanAliasCell(kind, raw, { region });
const values = (kind: AliasKind, raw: string, region: string | null = null) => clean(kind, raw, region).values.map(({ value }) => value);
const codes = (kind: AliasKind, raw: string, region: string | null = null) => clean(kind, raw, region).warnings.map(({ code }) => code);

describe("an email cell", () => {
  it.each([
    ["ann@example.com", "ann@example.com"],
    ["Ann Lee <Ann@Example.com>", "ann@example.com"],
    ['"Lee, Ann" <ann@example.com>', "ann@example.com"],
    ["Lee, Ann <ann@example.com>", "ann@example.com"],
    ["mailto:ann@example.com", "ann@example.com"],
    ["mailto:ann@example.com?subject=Hi", "ann@example.com"],
    ['"ann@example.com"', "ann@example.com"],
    ["„ann@example.com“", "ann@example.com"],
    ["'ann@example.com'", "ann@example.com"],
    ["'ann@example.com", "ann@example.com"],
    ['="ann@example.com"', "ann@example.com"],
    ["<ann@example.com>", "ann@example.com"],
    ["ann@example.com.", "ann@example.com"],
    ["ann@example.com,", "ann@example.com"],
    ["ann@example.com;", "ann@example.com"],
    ["ann@example.com (work)", "ann@example.com"],
    ["Work: ann@example.com", "ann@example.com"],
    ["\u200bann@example.com\ufeff", "ann@example.com"],
    ["\u200eann@example.com\u202c", "ann@example.com"],
    ["ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"],
    ["ann@example.com\u00a0", "ann@example.com"],
    ["p@münchen.de", "p@xn--mnchen-3ya.de"],
    ["o'brien@example.ie", "o'brien@example.ie"],
    ["r&d@example.com", "r&d@example.com"],
    ["bounce=ann@example.com", "bounce=ann@example.com"],
    ["test@example.com", "test@example.com"],
    ["jane@example.com", "jane@example.com"],
    ["john@john.com", "john@john.com"],
  ])("%j is one address", (raw, value) => {
    expect(clean("email", raw)).toMatchObject({ values: [{ value }], warnings: [] });
  });

  it.each([
    "ann@example.com;bob@example.com",
    "ann@example.com, bob@example.com",
    "ann@example.com ::: bob@example.com",
    "ann@example.com\nbob@example.com",
    "ann@example.com / bob@example.com",
    "ann@example.com or bob@example.com",
    "ann@example.com bob@example.com",
    "Ann <ann@example.com>, Bob <bob@example.com>",
    '"Lee, Ann" <ann@example.com>; "Ray, Bob" <bob@example.com>',
    "ann@example.com, Bob Ray <bob@example.com>",
    "ann@example.com; bob@example.com; ANN@example.com",
  ])("%j is two addresses", (raw) => {
    expect([...values("email", raw)].sort()).toEqual(["ann@example.com", "bob@example.com"]);
    expect(codes("email", raw)).toEqual([]);
  });

  it.each([
    ["ann@example.com; call me", ["ann@example.com"], ["invalid_email"]],
    ["ann@example.com; n/a", ["ann@example.com"], ["placeholder"]],
    ["not-an-email", [], ["invalid_email"]],
    ["ann@example", [], ["invalid_email"]],
    ["ask bob@example.com first", [], ["invalid_email"]],
    ["\u212aate@example.com", [], ["invalid_email"]],
    ["", [], []],
    ["\u200b", [], []],
  ])("%j keeps what is good and names what is not", (raw, kept, warned) => {
    expect(values("email", raw)).toEqual(kept);
    expect(codes("email", raw)).toEqual(warned);
  });

  it.each([
    ...["N/A", "n/a", "-None-", "-", "--", "k.A.", "keine", "siehe Handy", "null", "none", "unknown", "?", "нет", "なし"],
    ...["test@test.com", "test@test.de", "noemail@acme.com", "no@email.com", "example@example.com", "email@email.com", "none@none.com"],
    "<test lead: dummy data for email>",
  ])("%j is a placeholder", (raw) => {
    expect(clean("email", raw)).toEqual({ values: [], warnings: [{ code: "placeholder", value: raw }] });
  });
});

describe("a phone cell", () => {
  it.each([
    ["'+4915123456789", null, "+4915123456789"],
    ['="+4915123456789"', null, "+4915123456789"],
    ["=+14155550100", null, "+14155550100"],
    ["p:+4915123456789", null, "+4915123456789"],
    ["tel:+1-415-555-0100", null, "+14155550100"],
    ["tel:+1-415-555-0100;ext=12", null, "+14155550100"],
    ["＋４９ １５１ ２３４５６７８９", null, "+4915123456789"],
    ["٠٠٤٩١٥١٢٣٤٥٦٧٨٩", null, "+4915123456789"],
    ["+49 (0)151 23456789", null, "+4915123456789"],
    ["+49 151 23456789 (mobile)", null, "+4915123456789"],
    ["(mobil) +49 151 23456789", null, "+4915123456789"],
    ["Mobile: +49 151 23456789", null, "+4915123456789"],
    ["Tel. +49 151 23456789", null, "+4915123456789"],
    ["+49 151 23456789.", null, "+4915123456789"],
    ["+49 151 23456789,", null, "+4915123456789"],
    ["+1 415 555 0100 x12", null, "+14155550100"],
    ["+1 415 555 0100, ext. 12", null, "+14155550100"],
    ["+1 415 555 0100 #12", null, "+14155550100"],
    ["+49 30 901820 Durchwahl 12", null, "+4930901820"],
    ["+49 30 901820, DW 12", null, "+4930901820"],
    ["\u202a+49 151 23456789\u202c", null, "+4915123456789"],
    ['"+49 151 23456789"', null, "+4915123456789"],
    ["030 / 901820", "DE", "+4930901820"],
    ["0171/2345678", "DE", "+491712345678"],
    ["4915123456789", "DE", "+4915123456789"],
    ["06-12345678", "NL", "+31612345678"],
    ["090−1234−5678", "JP", "+819012345678"],
    ["(415) 555-0100", "US", "+14155550100"],
    ["0151 23456789", null, "015123456789"],
    ["138 8888 8888", "CN", "+8613888888888"],
  ] as const)("%j in %s is one number", (raw, region, value) => {
    expect(clean("phone", raw, region)).toMatchObject({ values: [{ value }], warnings: [] });
  });

  it.each([
    ["+49 151 23456789; +1 415 555 0100", null],
    ["+49 151 23456789, +1 415 555 0100", null],
    ["+49 151 23456789 / +1 415 555 0100", null],
    ["+49 151 23456789 or +1 415 555 0100", null],
    ["+49 151 23456789 ::: +1 415 555 0100", null],
    ["+49 151 23456789\n+1 415 555 0100", null],
    ["Work: +49 151 23456789, Home: +1 415 555 0100", null],
    ["0151 23456789 oder +1 415 555 0100", "DE"],
  ] as const)("%j is two numbers", (raw, region) => {
    expect(values("phone", raw, region)).toEqual(["+4915123456789", "+14155550100"]);
  });

  it.each([
    ["0", "placeholder"],
    ["123", "placeholder"],
    ["-0-", "placeholder"],
    ["000000", "placeholder"],
    ["1111111", "placeholder"],
    ["1234567890", "placeholder"],
    ["+1 000 000 0000", "placeholder"],
    ["(555) 555-5555", "placeholder"],
    ["siehe Handy", "placeholder"],
    ["k.A.", "placeholder"],
    ["-None-", "placeholder"],
    ["<test lead: dummy data for phone_number>", "placeholder"],
    ["4,91512E+12", "excel_rounded"],
    ["4.91512E+12", "excel_rounded"],
    ["01.11.2026", "date_as_phone"],
    ["2026-11-01", "date_as_phone"],
    ["11/01/2026 10:00", "date_as_phone"],
    ["2024-2025", "date_as_phone"],
    ["555-012", "phone_too_short"],
    ["ann@example.com", "invalid_phone"],
    ["call me", "invalid_phone"],
    ["555-CALL-NOW", "invalid_phone"],
  ])("%j is none: %s", (raw, code) => {
    expect(clean("phone", raw, "US")).toMatchObject({ values: [], warnings: [{ code }] });
  });
});

describe("a profile cell", () => {
  it.each([
    ["https://www.linkedin.com/in/Ann-Lee/", "https://linkedin.com/in/ann-lee"],
    ["http://linkedin.com/in/ann-lee?trk=abc#x", "https://linkedin.com/in/ann-lee"],
    ["LinkedIn.com/in/ann-lee", "https://linkedin.com/in/ann-lee"],
    ["de.linkedin.com/in/ann-lee/en", "https://linkedin.com/in/ann-lee"],
    ["https://m.linkedin.com/in/ann-lee", "https://linkedin.com/in/ann-lee"],
    ["https://www.linkedin.com/in/m%c3%bcller", "https://linkedin.com/in/m%C3%BCller"],
    ["https://www.linkedin.com/in/müller", "https://linkedin.com/in/m%C3%BCller"],
    ["https://twitter.com/AnnLee", "https://x.com/annlee"],
    ["https://x.com/annlee/status/1", "https://x.com/annlee"],
    ["https://m.facebook.com/profile.php?id=42&ref=x", "https://facebook.com/profile.php?id=42"],
    ["https://www.xing.com/profile/Ann_Lee/cv", "https://xing.com/profile/ann_lee"],
    ["https://www.annlee.example/About/?utm_source=x", "https://annlee.example/About"],
    ["@AnnLee", "@AnnLee"],
    ["ann.lee", "ann.lee"],
  ])("%j is %j", (raw, value) => {
    expect(values("social", raw)).toEqual([value]);
    expect(values("social", value)).toEqual([value]);
  });

  it.each(["https://www.linkedin.com/company/acme", "https://linkedin.com/", "https://www.linkedin.com/feed/", "has no profile"])(
    "%j is nobody's profile",
    (raw) => {
      expect(clean("social", raw)).toEqual({ values: [], warnings: [{ code: "not_a_profile", value: raw }] });
    },
  );

  it("two profiles in one cell are two", () => {
    expect(values("social", "https://linkedin.com/in/ann, https://x.com/ann")).toEqual([
      "https://linkedin.com/in/ann",
      "https://x.com/ann",
    ]);
    expect(values("social", "@ann; @bob")).toEqual(["@ann", "@bob"]);
  });
});

describe("an id", () => {
  it.each([
    [' ="00123" ', "00123"],
    ["'00123", "00123"],
    ["l:1234567890", "1234567890"],
    ["CRM-42, old", "CRM-42, old"],
    ["a;b", "a;b"],
  ])("%j is %j", (raw, value) => {
    expect(values("external_id", raw)).toEqual([value]);
  });

  it("is a placeholder only where it repeats", () => {
    for (const raw of ["N/A", "0", "123", "-"]) {
      expect(values("external_id", raw)).toEqual([raw]);
      expect(cleanAliasCell("external_id", raw, { region: null, repeats_in_file: true }).values).toEqual([]);
    }
    expect(cleanAliasCell("external_id", "CRM-42", { region: null, repeats_in_file: true }).values).toHaveLength(1);
  });

  it("that Excel rounded is lost", () => {
    expect(codes("external_id", "4,91512E+12")).toEqual(["excel_rounded"]);
    expect(values("external_id", "12E5")).toEqual(["12E5"]);
  });

  it("a cookie is trimmed and nothing else", () => {
    expect(values("cookie", " 'GA1.2; x ")).toEqual(["'GA1.2; x"]);
  });
});

describe("placeholders", () => {
  it("a unit's own list takes the place of ours, * standing for any text", () => {
    const own = compilePlaceholders([...DEFAULT_PLACEHOLDERS, "*@dummy.example", "Frag Petra"]);
    const kept = (raw: string) => cleanAliasCell("email", raw, { region: null, placeholders: own }).values.length;
    expect(["x@DUMMY.example", "frag petra", "n/a", "x@real.example"].map(kept)).toEqual([0, 0, 0, 1]);
    expect(cleanAliasCell("email", "test@test.com", { region: null, placeholders: compilePlaceholders([]) }).values).toHaveLength(1);
  });

  it("a row of Facebook's test lead is recognised", () => {
    expect(isTestLead(["l:1", "<test lead: dummy data for full_name>", "test@fb.com"])).toBe(true);
    expect(isTestLead(["l:1", "Test Lead", "ann@example.com"])).toBe(false);
  });
});

describe("cleaning", () => {
  const kind = fc.constantFrom(...ALIAS_KINDS);
  const piece = fc.constantFrom(
    ...["ann@example.com", "+49 151 23456789", "0151 2345678", ";", ",", " / ", "'", '"', "<", ">", "(", ")", "=", "x12", "n/a"],
    ...[" ", "\n", "p:", "https://x.com/a", "\u200b", "."],
  );
  const cell = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
  );
  const region = fc.constantFrom(null, "DE", "US");

  it("gives only what the lead store would store, and finds it by what it shows", () => {
    fc.assert(
      fc.property(kind, cell, region, (kind, raw, region) => {
        for (const { value, raw: shown } of cleanAliasCell(kind, raw, { region }).values) {
          expect(value).toBe(value.trim());
          expect(value).not.toBe("");
          if (kind !== "social") expect(normaliseAlias(kind, shown, region)).toEqual({ value });
          if (kind === "email" || kind === "cookie") expect(normaliseAlias(kind, value, region)).toEqual({ value });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("a cell that holds anything is kept or warned about", () => {
    fc.assert(
      fc.property(kind, cell, region, (kind, raw, region) => {
        const { values, warnings } = cleanAliasCell(kind, raw, { region });
        if (/[\p{L}\p{N}]/u.test(raw)) expect(values.length + warnings.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("a cell of which an extension alone is left is warned about", () => {
    expect(codes("phone", "#0")).toEqual(["placeholder"]);
  });

  it("a cell of a whole text is not searched", () => {
    expect(codes("email", "ann@example.com, ".repeat(200))).toEqual(["too_long"]);
    expect(codes("external_id", "x".repeat(513))).toEqual(["too_long"]);
  });

  it("a warning names the column and the value", () => {
    expect(renderCellWarning({ code: "excel_rounded", value: "4,9E+12" }, "Handy")).toBe(
      'Handy: Excel rounded this number ("4,9E+12"): format the column as text',
    );
    const { test_lead: aboutTheRow, ...aboutCells } = CELL_WARNINGS;
    expect(aboutTheRow).toContain("{value}");
    for (const sentence of Object.values(aboutCells)) expect(sentence).toMatch(/\{column\}.*\{value\}/);
  });
});
