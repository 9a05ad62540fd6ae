/** What a patch does to a lead as loaded. */

import { describe, expect, it } from "vitest";
import { changedFields } from "../../../src/core/leads/changed-keys";
import type { Lead } from "../../../src/core/leads/lead";
import { planPatch } from "../../../src/core/leads/patch-lead";
import { mergeProfile, PROFILE_BYTES_MAX, type Profile } from "../../../src/core/leads/profile";
import { utf8Bytes } from "../../../src/text";
import { fc } from "../../support/fast-check";
import { patch, profile } from "../../support/profiles";

describe("plan of a patch", () => {
  const lead = (before: Profile, account_id: string | null = null): Lead => ({
    lead_id: "0".repeat(32),
    profile: before,
    aliases: [],
    account_id,
    status: "new",
    shown_email: null,
    shown_phone: null,
    owner_id: null,
    owner_name: null,
    consent: null,
    version: 1,
    created_at: 1,
    updated_at: 1,
  });

  it("writes exactly when something changes", () => {
    fc.assert(
      fc.property(profile, patch, (attributes, change) => {
        const merged = mergeProfile(attributes, change);
        const { write } = planPatch(lead(attributes), { profile: change }, false, 2);
        const changed = JSON.stringify(merged) !== JSON.stringify(attributes);
        expect(write).toEqual(
          changed ? { profile: JSON.stringify(merged), account_id: null, updated_at: 2, fields: changedFields(attributes, merged) } : null,
        );
        expect(write?.fields).not.toEqual([]);
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
    expect(planPatch(lead({}, "acct_a"), { profile: { a: 1 } }, false, 2).write?.account_id).toBe("acct_a");
  });

  it("the limit counts bytes, not characters", () => {
    const room = PROFILE_BYTES_MAX - utf8Bytes(JSON.stringify({ a: "" }));
    expect(planPatch(lead({}), { profile: { a: "é".repeat(room / 2) } }, false, 2).write).not.toBeNull();
    expect(() => planPatch(lead({}), { profile: { a: "é".repeat(room / 2 + 1) } }, false, 2)).toThrow(/at most 262144/);
  });
});
