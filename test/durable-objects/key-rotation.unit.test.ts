import { describe, expect, it } from "vitest";
import { isKeyDue, keyTextsOf } from "../../src/durable-objects/key-rotation";

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const keysOfAge = (...days: number[]) => days.map((age) => ({ created_at: NOW - age * DAY, jwk: `key of ${age}` }));

describe("the signing keys of an installation", () => {
  it("are created when there is none, and when the newest is 90 days old", () => {
    expect([[], keysOfAge(89.9), keysOfAge(90), keysOfAge(200, 10)].map((keys) => isKeyDue(keys, NOW))).toEqual([true, false, true, false]);
  });

  it.each([
    ["the first key signs at once", [0], ["key of 0"]],
    ["a new key is published a day before it signs", [90, 0.5], ["key of 90", "key of 0.5"]],
    ["then it signs, and the one before verifies for a day", [91.5, 1.5], ["key of 1.5", "key of 91.5"]],
    ["after that the one before no longer verifies", [92.5, 2.5], ["key of 2.5"]],
    ["an older one never does", [182, 91.5, 1.5], ["key of 1.5", "key of 91.5"]],
  ])("%s", (_, ages, signing) => {
    expect(keyTextsOf(keysOfAge(...ages), NOW).signing).toEqual(signing);
  });

  it("all recognise what they have tagged", () => {
    expect(keyTextsOf(keysOfAge(182, 91.5, 1.5), NOW).tagging).toEqual(["key of 1.5", "key of 91.5", "key of 182"]);
  });
});
