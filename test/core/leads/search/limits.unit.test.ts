/** The numbers that lists search by are the ones that the triggers index by. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SOURCE_CHARS_MAX, WORD_CHARS_MAX, WORDS_PER_LEAD_MAX } from "../../../../src/core/leads/search/limits";

const DIRECTORY = new URL("../../../../migrations/", import.meta.url);

/** The triggers that keep lead_terms, as the latest migration defines each. */
const TRIGGERS = new Map(
  readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .flatMap((name) => readFileSync(new URL(name, DIRECTORY), "utf8").split("--> statement-breakpoint"))
    .flatMap((statement) => {
      const name = /CREATE TRIGGER `(lead_terms_\w+)`/.exec(statement)?.[1];
      return name === undefined ? [] : [[name, statement] as const];
    }),
);
const numbersIn = (pattern: RegExp): number[] => [
  ...new Set([...TRIGGERS.values()].flatMap((sql) => [...sql.matchAll(pattern)].map((match) => Number(match[1])))),
];

it("words, their length and the length of a source", () => {
  expect(TRIGGERS.size).toBe(5);
  expect(numbersIn(/\bLIMIT (\d+)/g)).toEqual([WORDS_PER_LEAD_MAX]);
  expect(numbersIn(/substr\(value, 1, (\d+)\)/g)).toEqual([WORD_CHARS_MAX]);
  expect(numbersIn(/substr\(\w+\.profile->>'\$\.source', 1, (\d+)\)/g)).toEqual([SOURCE_CHARS_MAX]);
});
