/** The merge of a profile, and its limits. */

import { describe, expect, it } from "vitest";
import { isAttributeKey, mergeProfile } from "../../../src/core/leads/profile";
import { fc } from "../../support/fast-check";
import { patch, profile } from "../../support/profiles";

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

it("a key's length is counted in characters", () => {
  expect(isAttributeKey("𝒜".repeat(64))).toBe(true);
  expect(isAttributeKey("𝒜".repeat(65))).toBe(false);
  expect(isAttributeKey("a\n")).toBe(false);
});
