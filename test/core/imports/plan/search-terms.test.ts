/** The terms that a plan counts are those that the database's triggers keep. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { searchTerms } from "../../../../src/core/imports/plan/search-terms";
import type { Json, StoredAlias } from "../../../../src/core/leads";
import { fc } from "../../../support/fast-check";

const word = fc.constantFrom(
  "Ann",
  "ann-marie",
  "O'Neil",
  "Łucja",
  "ŁUCJA",
  "42",
  "7",
  "x_y",
  "a.b",
  "(Dr)",
  "日本",
  "😀",
  "it's\ta\nname",
  "p1",
  "",
);
const name = fc.array(word, { maxLength: 16 }).map((words) => words.join(" "));
const value: fc.Arbitrary<Json> = fc.oneof(name, name, fc.constantFrom<Json>(null, 5, true, { a: 1 }, "x".repeat(300), "😀".repeat(300)));
const alias: fc.Arbitrary<StoredAlias> = fc.constantFrom<StoredAlias>(
  ["email", "ann.lee+x@pool.example", null, 1],
  ["email", "p1@a.example", null, 1],
  ["phone", "+4930123456", null, 1],
  ["external_id", "p1", null, 1],
);
const lead = fc.record({
  profile: fc.record({ name: value, first_name: value, last_name: value, source: value }, { requiredKeys: [] }),
  aliases: fc.array(alias, { maxLength: 5 }),
  shown_email: fc.constantFrom(null, null, "", "Other@Shown.example", "noat"),
});

let next = 0;
async function storedTerms(given: { profile: object; aliases: StoredAlias[]; shown_email: string | null }): Promise<string[]> {
  const lead_id = String(next++).padStart(32, "0");
  const { profile, aliases, shown_email } = given;
  await env.DB.prepare(
    "INSERT INTO leads (unit, lead_id, profile, aliases, shown_email, version, created_at, updated_at) VALUES (900001, ?1, ?2, ?3, ?4, 1, 1, 1)",
  )
    .bind(lead_id, JSON.stringify(profile), JSON.stringify(aliases), shown_email)
    .run();
  const { results } = await env.DB.prepare("SELECT field, term FROM lead_terms WHERE unit = 900001 AND lead_id = ?1")
    .bind(lead_id)
    .all<{ field: string; term: string }>();
  return results.map(({ field, term }) => (field === "source" ? ` ${term}` : term)).toSorted();
}

it("for leads of any names and addresses", async () => {
  await fc.assert(
    fc.asyncProperty(lead, async (given) => {
      const terms = searchTerms({ ...given, profile: new Map(Object.entries(given.profile)) });
      expect([...terms].toSorted()).toEqual(await storedTerms(given));
    }),
    { numRuns: 300 },
  );
});
