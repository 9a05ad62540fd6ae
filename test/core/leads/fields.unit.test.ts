/** One table says what a lead's standard fields are; what depends on it follows. */
import { describe, expect, it } from "vitest";
import { profileAfter, STANDARD_FIELDS, standardFields } from "../../../src/core/channels/leads/standard-fields";
import { ROLE_NAMES } from "../../../src/core/imports/suggest/header-roles";
import { LEAD_FIELDS, NAME_PARTS, PARTNER_FIELDS, STANDARD_PROFILE_FIELDS, WORKSPACE_FIELDS } from "../../../src/core/leads/fields";
import type { Lead } from "../../../src/core/leads/lead";
import { isAttributeKey } from "../../../src/core/leads/profile";
import { knownFields } from "../../../src/core/leads/profile-fields";
import { ALIAS_KINDS } from "../../../src/vocabulary";

const LEAD: Lead = {
  lead_id: "a".repeat(32),
  profile: {},
  aliases: [],
  account_id: null,
  status: "new",
  shown_email: "a@example.com",
  shown_phone: "+15550100999",
  owner_id: null,
  owner_name: null,
  consent: null,
  version: 1,
  created_at: 1,
  updated_at: 1,
};

describe("the table of lead fields", () => {
  it("names a field as attributes are named, and once in each dialect", () => {
    for (const key of Object.keys(LEAD_FIELDS)) expect(isAttributeKey(key) && key === key.toLowerCase(), key).toBe(true);
    for (const names of [STANDARD_FIELDS, Object.values(LEAD_FIELDS).map(({ label }) => label)]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("says which fields each contract has", () => {
    expect(WORKSPACE_FIELDS).toEqual(["name", "email", "phone", "source"]);
    expect(NAME_PARTS).toEqual(["first_name", "last_name"]);
    expect([...STANDARD_FIELDS].sort()).toEqual(
      ["email", "first_name", "last_name", "phone", "company_name", "source", "referring_employee", "notes", "business_id"].sort(),
    );
  });

  it("a field is kept in the profile, or is an alias of its type", () => {
    for (const { key, type } of PARTNER_FIELDS) {
      if (type === "text") expect(STANDARD_PROFILE_FIELDS).toContain(key);
      else expect(ALIAS_KINDS).toContain(type);
    }
  });

  it("imports know each by its key, in any case, and by the names of columns", () => {
    const known = knownFields([]);
    const roles = new Set(ROLE_NAMES.map(({ role }) => role));
    for (const field of STANDARD_PROFILE_FIELDS) {
      expect(known.get(field)).toBe(field);
      expect(roles).toContain(field);
    }
  });
});

describe("a standard field of the partner API", () => {
  it.each(PARTNER_FIELDS.filter(({ type }) => type === "text"))("$name is written where it is read from", ({ name, key, example }) => {
    const profile = profileAfter({}, { [name]: example });
    expect(profile).toEqual({ [key]: example });
    expect(standardFields({ ...LEAD, profile })[name]).toBe(example);
    expect(standardFields({ ...LEAD, profile: profileAfter(profile, { [name]: null }) })[name]).toBeNull();
  });

  it("an email and a phone are the lead's aliases, never keys of its profile", () => {
    expect(standardFields(LEAD)).toMatchObject({ email: "a@example.com", phone: "+15550100999" });
    expect(profileAfter({}, { email: "b@example.com", phone: "1" })).toEqual({});
  });
});
