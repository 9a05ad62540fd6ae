/** The normal form of an alias. */

import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { describe, expect, it } from "vitest";
import { normaliseAlias } from "../../../../src/core/leads/aliases/alias";
import { ALIAS_KINDS } from "../../../../src/vocabulary";
import { fc } from "../../../support/fast-check";

describe("normal form of an alias", () => {
  it.each([
    ["email", " ALEX@Example.com ", null, "alex@example.com"],
    ["email", "alex+tag@example.co.uk", null, "alex+tag@example.co.uk"],
    ["phone", "+1 (555) 010-0999", null, "+15550100999"],
    ["phone", "+1.555.010.0999", null, "+15550100999"],
    ["phone", "(555) 010-0999", "US", "+15550100999"],
    ["phone", "+44 (0)20 7946 0958", null, "+442079460958"],
    ["phone", "020 7946 0958", "GB", "+442079460958"],
    ["phone", "+49 30 901820", "US", "+4930901820"],
    ["phone", "030 901820", null, "030901820"],
    ["phone", "+1 555 010 0999 ext. 12", null, "+15550100999"],
    ["phone", "+1 212 555 0100 x12", null, "+12125550100"],
    ["phone", "(212) 555-0100 x12", "US", "+12125550100"],
    ["phone", "+44 20 7946 0958 x12", null, "+442079460958"],
    ["phone", "+1 212 555 x0100", null, "+1212555"],
    ["external_id", " CRM-42 ", null, "CRM-42"],
    ["social", "https://www.LinkedIn.com/in/Alex/?trk=x", null, "https://linkedin.com/in/alex"],
    ["social", " @Alex ", null, "@Alex"],
    ["social", "https://www.linkedin.com/company/acme/", null, "https://www.linkedin.com/company/acme/"],
  ] as const)("%s %j is kept as %4$j (region %s)", (kind, raw, region, value) => {
    expect(normaliseAlias(kind, raw, region)).toEqual({ value });
  });

  it.each([
    ["email", "", "empty"],
    ["phone", "   ", "empty"],
    ["email", "alex", "invalid_email"],
    ["email", "alex@example", "invalid_email"],
    ["email", "alex smith@example.com", "invalid_email"],
    ["phone", "call me", "invalid_phone"],
    ["phone", "+", "invalid_phone"],
    ["phone", "555-CALL", "invalid_phone"],
    ["cookie", "x".repeat(513), "too_long"],
  ] as const)("%s %j is no alias: %s", (kind, raw, problem) => {
    expect(normaliseAlias(kind, raw, null)).toEqual({ problem });
  });

  const raw = fc.oneof(fc.emailAddress(), fc.string({ maxLength: 40 }), fc.string({ unit: "binary", maxLength: 40 }));

  it("normalising twice is normalising once", () => {
    fc.assert(
      fc.property(fc.constantFrom("email", "external_id", "cookie", "social"), raw, (kind, value) => {
        const once = normaliseAlias(kind, value, null);
        if ("value" in once) expect(normaliseAlias(kind, once.value, null)).toEqual(once);
      }),
    );
  });

  it("however a phone number is punctuated, it is one number", () => {
    const number = fc.constantFrom("+15550100999", "+442079460958", "+4930901820", "+33142685300", "+390669812345", "+81312345678");
    const marks = fc.array(fc.constantFrom("", " ", "-", ".", "\u00a0", "/"), { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(number, marks, fc.constantFrom(null, "US", "GB"), (e164, between, region) => {
        const written = [...e164].map((char, at) => (at > 1 ? `${between[at]}${char}` : char)).join("");
        expect(normaliseAlias("phone", written, region)).toEqual({ value: e164 });
        expect(normaliseAlias("phone", e164, region)).toEqual({ value: e164 });
      }),
    );
  });

  it("space around a value and the case of an email never matter", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALIAS_KINDS), raw, (kind, value) => {
        const plain = normaliseAlias(kind, value, null);
        expect(normaliseAlias(kind, ` \t${value}\n`, null)).toEqual(plain);
        if (kind === "email") expect(normaliseAlias(kind, value.toUpperCase().toLowerCase(), null)).toEqual(plain);
      }),
    );
  });

  it("the short cut for North American numbers says what libphonenumber says", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[2-9][0-9]{9}$/), (digits) => {
        expect(normaliseAlias("phone", `+1 ${digits}`, null)).toEqual({ value: parsePhoneNumberFromString(`+1${digits}`)?.number });
      }),
    );
  });
});
