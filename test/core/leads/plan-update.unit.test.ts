/** What a change does to a lead as loaded. */
import { describe, expect, it } from "vitest";
import type { OnConflict } from "../../../src/core/leads/aliases/place";
import { ALIASES_PER_LEAD_MAX, type Lead, type LeadAlias } from "../../../src/core/leads/lead";
import { type LeadChange, planUpdate } from "../../../src/core/leads/plan-update";

const alias = (kind: "email" | "phone", value: string): LeadAlias => ({ kind, value, raw: value, created_at: 1 });
const LEAD: Lead = {
  lead_id: "a".repeat(32),
  profile: { company: "Acme" },
  aliases: [alias("email", "a@x.com"), alias("phone", "+15550100999")],
  account_id: "acct_a",
  status: "new",
  shown_email: null,
  shown_phone: null,
  owner_id: null,
  owner_name: null,
  consent: null,
  version: 3,
  created_at: 1,
  updated_at: 50,
};
const OTHER = "f".repeat(32);
const plan = (change: LeadChange, { lead = LEAD, owners = {}, onConflict = "record", now = 100 }: PlanOptions = {}) =>
  planUpdate(lead, change, { owners: new Map(Object.entries(owners)), onConflict, region: null, now });
type PlanOptions = { lead?: Lead; owners?: Record<string, string>; onConflict?: OnConflict; now?: number };

describe("planUpdate", () => {
  it("what is left out stays; version and time move", () => {
    expect(plan({})).toEqual({
      lead: { ...LEAD, version: 4, updated_at: 100 },
      given: [],
      attached: [],
      released: [],
      conflicts: [],
      settled: [],
    });
    expect(plan({ status: "lost", profile: { a: 1 }, account_id: null }).lead).toMatchObject({
      status: "lost",
      profile: { a: 1 },
      account_id: null,
    });
  });

  it("the time moves by at least a millisecond, even where the clock stands still or runs back", () => {
    expect(plan({}, { now: 50 }).lead.updated_at).toBe(51);
    expect(plan({}, { now: 7 }).lead.updated_at).toBe(51);
  });

  it("never touches the lead that it was given", () => {
    const before = JSON.stringify(LEAD);
    plan({ email: "b@x.com", phone: null, profile: {} });
    expect(JSON.stringify(LEAD)).toBe(before);
  });

  it("a new email is attached and settles its conflict; the old one is released", () => {
    const planned = plan({ email: "B@x.com" });
    const gained = { kind: "email", value: "b@x.com", raw: "B@x.com", created_at: 100 };
    expect(planned).toMatchObject({ attached: [gained], settled: [gained], released: [alias("email", "a@x.com")], conflicts: [] });
    expect(planned.lead.aliases).toEqual([gained, alias("phone", "+15550100999")]);
  });

  it("another lead's email opens a conflict; showing something else settles it", () => {
    const shown = plan({ email: "taken@x.com" }, { owners: { "email:taken@x.com": OTHER } });
    expect(shown).toMatchObject({ conflicts: [{ kind: "email", value: "taken@x.com", owner: OTHER }], attached: [], settled: [] });
    expect(shown.lead.shown_email).toBe("taken@x.com");
    const back = plan({ email: "a@x.com" }, { lead: shown.lead });
    expect(back).toMatchObject({ settled: [{ kind: "email", value: "taken@x.com" }], conflicts: [] });
    expect(back.lead.shown_email).toBeNull();
  });

  it("email and phone change together", () => {
    const { lead, released } = plan({ email: null, phone: "+15550100111" });
    expect(lead.aliases.map(({ value }) => value)).toEqual(["+15550100111"]);
    expect(released.map(({ value }) => value)).toEqual(["a@x.com", "+15550100999"]);
  });

  it.each([
    ["an email that is invalid", { email: "nobody" }, "invalid_request", ["email"]],
    ["a number that JSON readers would lose", { profile: { a: Number.POSITIVE_INFINITY } }, "invalid_request", ["profile.a"]],
    ["a profile over 256 KB", { profile: { a: "x".repeat(300_000) } }, "too_large", []],
  ])("%s is refused", (_, change, code, paths) => {
    const problems = paths.map((path) => expect.objectContaining({ path }));
    expect(() => plan(change)).toThrow(expect.objectContaining({ code, problems }));
  });

  it("a lead gains no alias over the limit", () => {
    const full = Array.from({ length: ALIASES_PER_LEAD_MAX }, (_, n): LeadAlias => ({ ...alias("email", `c${n}`), kind: "cookie" }));
    expect(() => plan({ email: "b@x.com" }, { lead: { ...LEAD, aliases: full } })).toThrow(expect.objectContaining({ code: "too_large" }));
  });
});
