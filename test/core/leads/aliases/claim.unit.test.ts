/** An alias never moves, whoever claims it and in whatever order. */

import { describe, expect, it } from "vitest";
import { type Alias, aliasKey } from "../../../../src/core/leads/aliases/alias";
import { claimAliases, PlannedOwners } from "../../../../src/core/leads/aliases/claim";
import { ALIAS_KINDS } from "../../../../src/vocabulary";
import { fc } from "../../../support/fast-check";

const email = (value: string): Alias => ({ kind: "email", value });
const OWNERS = new Map([
  ["email:own@x.com", "lead"],
  ["email:taken@x.com", "other"],
]);

describe("claimAliases", () => {
  it("attaches what nobody has, once, and leaves what another lead has where it is", () => {
    const given = ["free@x.com", "own@x.com", "taken@x.com", "free@x.com"].map(email);
    expect(claimAliases("lead", given, OWNERS)).toEqual({
      attached: [email("free@x.com")],
      conflicts: [{ alias: email("taken@x.com"), owner: "other" }],
      withheld: [],
    });
  });

  it("a kind is part of the alias", () => {
    const cookie: Alias = { kind: "cookie", value: "taken@x.com" };
    expect(claimAliases("lead", [cookie], OWNERS)).toEqual({ attached: [cookie], conflicts: [], withheld: [] });
  });

  it("attaches no more than there is room for, and still reports conflicts", () => {
    const given = ["a@x.com", "b@x.com", "taken@x.com", "c@x.com"].map(email);
    expect(claimAliases("lead", given, OWNERS, 1)).toEqual({
      attached: [email("a@x.com")],
      conflicts: [{ alias: email("taken@x.com"), owner: "other" }],
      withheld: [],
    });
    expect(claimAliases("lead", given, OWNERS, 0).attached).toEqual([]);
    expect(claimAliases("lead", given, OWNERS, -5).attached).toEqual([]);
  });
});

const alias = fc.record({ kind: fc.constantFrom(...ALIAS_KINDS), value: fc.constantFrom("a", "b", "c", "d") });
const claims = fc.array(fc.record({ lead: fc.constantFrom("1", "2", "3"), given: fc.array(alias, { maxLength: 6 }) }), { maxLength: 12 });
const stored = fc.dictionary(alias.map(aliasKey), fc.constantFrom("1", "2", "3")).map((owners) => new Map(Object.entries(owners)));

it("in any sequence of claims each alias keeps its first owner, and every alias that is given is attached, owned or a conflict", () => {
  fc.assert(
    fc.property(stored, claims, (before, sequence) => {
      const owners = new PlannedOwners(before);
      const first = new Map(before);
      for (const { lead, given } of sequence) {
        const { attached, conflicts } = claimAliases(lead, given, owners);
        owners.attach(lead, attached);
        for (const one of given) if (!first.has(aliasKey(one))) first.set(aliasKey(one), lead);
        for (const one of given) expect(owners.get(aliasKey(one))).toBe(first.get(aliasKey(one)));
        const refused = given.filter((one) => first.get(aliasKey(one)) !== lead);
        expect(conflicts).toEqual(refused.map((one) => ({ alias: one, owner: first.get(aliasKey(one)) })));
      }
      for (const [key, owner] of before) expect(owners.get(key)).toBe(owner);
    }),
  );
});
