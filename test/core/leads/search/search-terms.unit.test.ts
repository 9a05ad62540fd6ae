/** What a search looks for. */
import { describe, expect, it } from "vitest";
import { cutTo, WORD_CHARS_MAX } from "../../../../src/core/leads/search/limits";
import { searchTerms } from "../../../../src/core/leads/search/terms";

const words = (search: string) => searchTerms(search).map(({ prefix }) => prefix);
const spellings = (search: string) => searchTerms(search)[0]?.spellings;

describe("searchTerms", () => {
  it.each([
    ["", []],
    [" \t\n", []],
    ["Jo", ["jo"]],
    ["jo  SMITH acme.com", ["acme.com", "smith", "jo"]],
    ["john John JOHN", ["john"]],
  ])("%j is looked for as %j, the longest word first", (search, expected) => {
    expect(words(search)).toEqual(expected);
  });

  it("the first ten words count", () => {
    const ten = Array.from({ length: 10 }, (_, n) => `w${n}`);
    expect(words([...ten, "more"].join(" "))).toEqual(ten);
  });

  it("a word is looked for in the spellings that SQLite, which lower-cases ASCII only, may have kept", () => {
    expect(spellings("smith")).toEqual(["smith"]);
    expect(spellings("зоя")).toEqual(["зоя", "Зоя", "ЗОЯ"]);
    expect(spellings("İbrahim")).toContain("İbrahim");
  });

  it("a letter is looked for composed and decomposed, however it was typed", () => {
    const both = ["émile", "e\u0301mile", "Émile"];
    expect(spellings("ÉMILE")).toEqual(expect.arrayContaining(both));
    expect(spellings("E\u0301mile")).toEqual(expect.arrayContaining(both));
    expect(words("E\u0301mile")).toEqual(["émile"]);
  });

  it("a long word is cut where the index cuts it, by characters", () => {
    expect(spellings("x".repeat(100))).toEqual(["x".repeat(WORD_CHARS_MAX)]);
    expect(spellings("𝒜".repeat(100))?.[0]).toBe("𝒜".repeat(WORD_CHARS_MAX));
    expect(cutTo(2, "a𝒜b")).toBe("a𝒜");
  });
});
