/** The pure parts of a lead: the normal form of its aliases, the merge of its profile, the plan of a patch. */

import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { describe, expect, it } from "vitest";
import { normaliseAlias } from "../../../src/core/leads/alias";
import type { Lead } from "../../../src/core/leads/lead";
import { planPatch } from "../../../src/core/leads/patch-lead";
import { isAttributeKey, mergeProfile, PROFILE_BYTES_MAX, type Profile } from "../../../src/core/leads/profile";
import { utf8Bytes } from "../../../src/text";
import { ALIAS_KINDS } from "../../../src/vocabulary";

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
    ["social", "https://LinkedIn.com/in/Alex", null, "https://LinkedIn.com/in/Alex"],
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

const key = fc.oneof(
  fc.constantFrom("name", "first_name", "last_name", "__proto__", "constructor", "1", "0"),
  fc.stringMatching(/^[a-z]{1,3}$/),
);
const profile = fc
  .array(
    fc.tuple(
      key,
      fc.jsonValue().filter((value) => value !== null),
    ),
  )
  .map((entries) => Object.fromEntries(entries) as Profile);
const patch = fc.array(fc.tuple(key, fc.jsonValue())).map((entries) => Object.fromEntries(entries) as Profile);

describe("merge of a profile", () => {
  it("the merged profile holds exactly what was written, what was there and not touched, and no null", () => {
    fc.assert(
      fc.property(profile, patch, (before, change) => {
        const after = mergeProfile(before, change);
        const written = (name: string) => Object.hasOwn(change, name) && change[name] !== null;
        const parts = written("first_name") || written("last_name");
        for (const name of new Set([...Object.keys(before), ...Object.keys(change)])) {
          const superseded = name === "name" ? parts : /^(first|last)_name$/.test(name) && written("name") && !parts;
          const expected = Object.hasOwn(change, name) ? change[name] : superseded ? null : before[name];
          expect(Object.hasOwn(after, name) ? after[name] : null).toEqual(expected);
        }
        expect(Object.values(after)).not.toContain(null);
      }),
    );
  });

  it("merging the same patch again changes nothing, and neither argument is touched", () => {
    fc.assert(
      fc.property(profile, patch, (before, change) => {
        const texts = [JSON.stringify(before), JSON.stringify(change)];
        const once = mergeProfile(before, change);
        expect(JSON.stringify(mergeProfile(once, change))).toBe(JSON.stringify(once));
        expect([JSON.stringify(before), JSON.stringify(change)]).toEqual(texts);
      }),
    );
  });
});

describe("plan of a patch", () => {
  const lead = (before: Profile, account_id: string | null = null): Lead => ({
    lead_id: "0".repeat(32),
    profile: before,
    aliases: [],
    account_id,
    status: "new",
    shown_email: null,
    shown_phone: null,
    version: 1,
    created_at: 1,
    updated_at: 1,
  });

  it("writes exactly when something changes", () => {
    fc.assert(
      fc.property(profile, patch, (attributes, change) => {
        const merged = mergeProfile(attributes, change);
        const { write } = planPatch(lead(attributes), { attributes: change }, false, 2);
        const changed = JSON.stringify(merged) !== JSON.stringify(attributes);
        expect(write).toEqual(changed ? { profile: JSON.stringify(merged), account_id: null, updated_at: 2 } : null);
      }),
    );
  });

  it("an account is linked when it exists, and an unknown one leaves the old link", () => {
    expect(planPatch(lead({}, "acct_a"), { account_id: "acct_b" }, true, 2)).toMatchObject({
      account_linked: true,
      write: { account_id: "acct_b" },
    });
    expect(planPatch(lead({}, "acct_a"), { account_id: "acct_b" }, false, 2)).toEqual({ account_linked: false, write: null });
    expect(planPatch(lead({}, "acct_a"), { account_id: "acct_a" }, true, 2)).toEqual({ account_linked: true, write: null });
    expect(planPatch(lead({}, "acct_a"), { attributes: { a: 1 } }, false, 2).write?.account_id).toBe("acct_a");
  });

  it("the limit counts bytes, not characters", () => {
    const room = PROFILE_BYTES_MAX - utf8Bytes(JSON.stringify({ a: "" }));
    expect(planPatch(lead({}), { attributes: { a: "é".repeat(room / 2) } }, false, 2).write).not.toBeNull();
    expect(() => planPatch(lead({}), { attributes: { a: "é".repeat(room / 2 + 1) } }, false, 2)).toThrow(/at most 262144/);
  });

  it("a key's length is counted in characters", () => {
    expect(isAttributeKey("𝒜".repeat(64))).toBe(true);
    expect(isAttributeKey("𝒜".repeat(65))).toBe(false);
    expect(isAttributeKey("a\n")).toBe(false);
  });
});
