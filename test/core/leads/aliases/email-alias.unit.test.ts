/** Which addresses are emails, and which of them are the same one. */

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { normaliseAlias } from "../../../../src/core/leads/aliases/alias";
import { fc } from "../../../support/fast-check";

const read = (raw: string) => normaliseAlias("email", raw, null);

describe("an email alias", () => {
  it.each([
    ["p@münchen.de", "p@xn--mnchen-3ya.de"],
    ["P@MÜNCHEN.DE", "p@xn--mnchen-3ya.de"],
    ["p@XN--MNCHEN-3YA.de", "p@xn--mnchen-3ya.de"],
    ["иван@почта.рф", "иван@xn--80a1acny.xn--p1ai"],
    ["a@xn--80a1acny.xn--p1ai", "a@xn--80a1acny.xn--p1ai"],
    ["taro@例え。jp", "taro@xn--r8jz45g.jp"],
    ["müller@example.com", "müller@example.com"],
    ["mu\u0308ller@example.com", "müller@example.com"],
    ["o'brien@example.ie", "o'brien@example.ie"],
    ["r&d@example.com", "r&d@example.com"],
    ["bounce=ann@example.com", "bounce=ann@example.com"],
    ["a/b!c#d$e%f*g?h^i`j{k|l}m~n@example.com", "a/b!c#d$e%f*g?h^i`j{k|l}m~n@example.com"],
  ])("%j is %j", (raw, value) => {
    expect(read(raw)).toEqual({ value });
  });

  it.each([
    ["the Kelvin sign is not a k", "\u212aate@example.com"],
    ["nor in a domain", "kate@\u212aate.com"],
    ["the long s is not an s", "\u017fam@example.com"],
    ["a full-width letter is not the plain one", "\uff41nn@example.com"],
    ["a ligature is not its letters", "\ufb01nn@example.com"],
    ["a dotted capital I is not an i", "\u0130rem@example.com"],
    ["a domain is not a URL", "ann@münchen.de/x"],
    ["nor has a port", "ann@münchen.de:80"],
    ["nor is an address", "ann@１２７.0.0.1"],
    ["two at signs", "ann@münchen@example.com"],
    ["two dots", "ann..bob@example.com"],
    ["a dot at the end", "ann.@münchen.de"],
    ["no local part", "@münchen.de"],
    ["one label", "ann@münchen"],
  ])("%s: %j is invalid", (_, raw) => {
    expect(read(raw)).toEqual({ problem: "invalid_email" });
  });

  it("the dotless i is a letter of its own", () => {
    expect(read("\u0131rem@example.com")).toEqual({ value: "\u0131rem@example.com" });
  });

  it("two addresses are the same only where they differ in the case of their letters or in the spelling of their domain", () => {
    const local = fc.string({
      unit: fc.constantFrom(..."kKsSiI\u212a\u017f\u0131\u0130\u00fc\u00dc\u00e5\u212b\u03c3\u03a3"),
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(local, (name) => {
        const once = read(`${name}@example.com`);
        if (!("value" in once)) return;
        expect(read(once.value)).toEqual(once);
        if (/[^\0-\x7f]/.test(name)) expect(once.value).toMatch(/[^\0-\x7f]/);
      }),
    );
  });

  it("what was an email before is the same email now", () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        if (z.regexes.email.test(address)) expect(read(address)).toEqual({ value: address.toLowerCase() });
      }),
    );
  });
});
