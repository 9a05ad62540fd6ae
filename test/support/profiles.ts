/** Arbitrary profiles and patches of them. */

import type { Profile } from "../../src/core/leads";
import { fc } from "./fast-check";

const key = fc.oneof(
  fc.constantFrom("name", "first_name", "last_name", "__proto__", "constructor", "1", "0"),
  fc.stringMatching(/^[a-z]{1,3}$/),
);
export const profile = fc
  .array(
    fc.tuple(
      key,
      fc.jsonValue().filter((value) => value !== null),
    ),
  )
  .map((entries) => Object.fromEntries(entries) as Profile);
export const patch = fc.array(fc.tuple(key, fc.jsonValue())).map((entries) => Object.fromEntries(entries) as Profile);
