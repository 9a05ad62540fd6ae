/** What a lead shows, owns and is refused when it is created or given another email or phone. */
import { describe, expect, it } from "vitest";
import { EmailTaken, type OnConflict, placeNewAliases, replaceShown, requireAlias } from "../../../../src/core/leads/aliases/place";
import type { LeadAlias } from "../../../../src/core/leads/lead";

const OTHER = "f".repeat(32);
const LEAD = "a".repeat(32);
const email = (raw: string): LeadAlias => requireAlias("email", raw, null, 1);
const phone = (raw: string): LeadAlias => requireAlias("phone", raw, null, 1);
const NOBODY = new Map<string, string>();
const TAKEN = new Map([
  ["email:taken@x.com", OTHER],
  ["phone:+15551234567", OTHER],
]);
const lead = (aliases: LeadAlias[], shown: { shown_email?: string; shown_phone?: string } = {}) => ({
  lead_id: LEAD,
  aliases,
  shown_email: null,
  shown_phone: null,
  ...shown,
});

describe("placeNewAliases", () => {
  it("gives a lead what nobody has, in the order given and each once", () => {
    const given = [email("A@x.com"), phone("+15550100999"), email("a@X.com"), email("b@x.com")];
    expect(placeNewAliases(LEAD, given, NOBODY, "refuse")).toEqual({
      aliases: [given[0], given[1], given[3]],
      shown_email: null,
      shown_phone: null,
      conflicts: [],
    });
  });

  it("shows the first of a kind as it was written, even if it is another lead's", () => {
    expect(placeNewAliases(LEAD, [email("Taken@x.com"), email("own@x.com"), phone("+1 555 123 4567")], TAKEN, "record")).toEqual({
      aliases: [email("own@x.com")],
      shown_email: "Taken@x.com",
      shown_phone: "+1 555 123 4567",
      conflicts: [
        { kind: "email", value: "taken@x.com", owner: OTHER },
        { kind: "phone", value: "+15551234567", owner: OTHER },
      ],
    });
    expect(placeNewAliases(LEAD, [email("own@x.com"), email("taken@x.com")], TAKEN, "record").shown_email).toBeNull();
  });

  it("refuses a taken email where it is to be refused, never a phone", () => {
    expect(() => placeNewAliases(LEAD, [email("Taken@x.com")], TAKEN, "refuse")).toThrow(EmailTaken);
    expect(placeNewAliases(LEAD, [phone("+15551234567")], TAKEN, "refuse").conflicts).toHaveLength(1);
  });
});

describe("replaceShown", () => {
  const replace = (of: ReturnType<typeof lead>, alias: LeadAlias | null, on: OnConflict = "refuse") =>
    replaceShown(of, "email", alias, TAKEN, on);

  it("a new email takes the place of the shown one, which is released", () => {
    const [old, other] = [email("old@x.com"), email("other@x.com")];
    expect(replace(lead([old, other]), email("new@x.com"))).toEqual({
      aliases: [email("new@x.com"), other],
      shown: null,
      attached: email("new@x.com"),
      released: old,
      conflict: null,
    });
  });

  it("one of its own moves to the front with its new spelling, and nothing is released", () => {
    const [first, second] = [email("a@x.com"), email("b@x.com")];
    expect(replace(lead([first, second]), email("B@x.com"))).toEqual({
      aliases: [{ ...second, raw: "B@x.com" }, first],
      shown: null,
      attached: null,
      released: null,
      conflict: null,
    });
  });

  it("another lead's is refused, or shown while the lead keeps its own", () => {
    const own = email("own@x.com");
    expect(() => replace(lead([own]), email("taken@x.com"))).toThrow(EmailTaken);
    expect(replace(lead([own]), email("Taken@x.com"), "record")).toEqual({
      aliases: [own],
      shown: "Taken@x.com",
      attached: null,
      released: null,
      conflict: { kind: "email", value: "taken@x.com", owner: OTHER },
    });
  });

  it("what the lead shows already may be written back, even where conflicts are refused", () => {
    expect(replace(lead([], { shown_email: "Taken@x.com" }), email("taken@x.com")).conflict?.owner).toBe(OTHER);
  });

  it("clearing releases the shown alias and shows no other", () => {
    const [first, second] = [email("a@x.com"), email("b@x.com")];
    expect(replace(lead([first, second]), null)).toMatchObject({ aliases: [second], shown: "", released: first });
    expect(replace(lead([first]), null)).toMatchObject({ aliases: [], shown: null, released: first });
    // what is shown only is nobody's to release
    expect(replace(lead([first], { shown_email: "taken@x.com" }), null)).toMatchObject({ aliases: [first], shown: "", released: null });
  });
});
