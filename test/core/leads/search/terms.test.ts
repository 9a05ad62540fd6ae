/** What lists find leads by is kept in step by triggers, whoever writes, and is what the migration filled in for leads of before. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { deleteLead } from "../../../../src/core/erasure";
import { createLead, listLeads, type Profile, updateLead } from "../../../../src/core/leads";
import { mintCtx } from "../../../support/context";
import { fc } from "../../../support/fast-check";
import { CONTACTS_MAPPING, contactsCsv, importCsv } from "../../../support/imports";

const OPTIONS = { onConflict: "record", source: "test" } as const;

/** The migration's own statements that fill in words, sources and counts. */
const BACKFILL = env.TEST_MIGRATIONS.flatMap(({ queries }) => queries).filter((text) => /^\s*INSERT INTO lead_/.test(text));

async function kept(unit: number): Promise<{ terms: unknown[]; counts: unknown[] }> {
  const rows = async (text: string) => (await env.DB.prepare(text).bind(unit).all()).results;
  return {
    terms: await rows("SELECT field, term, lead_id FROM lead_terms WHERE unit = ?1 AND field <> 'status' ORDER BY field, term, lead_id"),
    counts: await rows("SELECT status, leads FROM lead_counts WHERE unit = ?1 AND leads <> 0 ORDER BY status"),
  };
}

/** The same, computed anew from the leads. */
async function filledIn(unit: number): Promise<{ terms: unknown[]; counts: unknown[] }> {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM lead_terms WHERE field <> 'status'"),
    env.DB.prepare("DELETE FROM lead_counts"),
    ...BACKFILL.map((text) => env.DB.prepare(text)),
  ]);
  return kept(unit);
}

it("the migrations fill in words, sources and counts, and the words of names that are split anew", () => {
  expect(BACKFILL).toHaveLength(4);
});

it("imports, again and changed, leave what a lead's row says and nothing else", async () => {
  const ctx = await mintCtx();
  const { client } = ctx.tenant;
  const mapping = { ...CONTACTS_MAPPING, field_mappings: { "First Name": "name", Source: "source" } };
  const csv = (count: number, name: string, source: string) =>
    contactsCsv(count, { name: (n) => `${name} ${n}-x` })
      .split("\n")
      .map((line, at) => (line === "" ? "" : `${line},${at === 0 ? "Source" : source}`))
      .join("\n");
  await importCsv(client, csv(300, "Émile", "fair"), mapping);
  await importCsv(client, csv(200, "Jane", "web"), mapping);
  await importCsv(client, contactsCsv(100).replaceAll("+12", "+13"), CONTACTS_MAPPING);
  const now = await kept(ctx.db.unit);
  expect(now.counts).toEqual([{ status: "new", leads: 300 }]);
  expect(await filledIn(ctx.db.unit)).toEqual(now);
});

const text = fc.oneof(
  fc.constantFrom(
    "John Smith",
    "o'brien-lee",
    "  a  b ",
    "",
    "x".repeat(300),
    "Émile\tZola\n",
    '"\\',
    "1 2 3",
    "john john",
    "a\u001fb c",
    "jo.hn_s+x (y)",
  ),
  fc.string({ maxLength: 30, unit: "grapheme" }),
);
const profile: fc.Arbitrary<Profile> = fc.dictionary(
  fc.constantFrom("name", "first_name", "last_name", "source", "company", "notes"),
  fc.oneof(text, fc.constantFrom(5, true, ["a b"], { x: "y z" })),
  { noNullPrototype: true },
);
const email = fc.constantFrom("a@x.com", "john.smith@acme.com", "j_s+1@acme.com", "12-34@acme.com", "o'brien@x.org", "b@x.com");

it("any sequence of writes leaves what a lead's row says and nothing else", async () => {
  const ctx = await mintCtx();
  const step = fc.record({
    at: fc.nat(4),
    kind: fc.constantFrom("create", "profile", "email", "none", "status", "delete"),
    profile,
    email,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const ids: string[] = [];
      for (const { at, kind, profile, email } of steps) {
        const id = ids[at % Math.max(1, ids.length)];
        if (kind === "create" || id === undefined) {
          const aliases = [{ kind: "email" as const, value: email }];
          ids.push((await createLead(ctx, { profile, aliases }, OPTIONS)).lead_id);
        } else if (kind === "delete") {
          await deleteLead(ctx, id);
          ids.splice(ids.indexOf(id), 1);
        } else {
          const change = { profile: { profile }, email: { email }, none: { email: null }, status: { status: "lost" as const } }[kind];
          await updateLead(ctx, id, () => ({ change, result: null }), OPTIONS);
        }
      }
      const now = await kept(ctx.db.unit);
      expect(await filledIn(ctx.db.unit)).toEqual(now);
      for (const id of ids) await deleteLead(ctx, id);
      expect(await kept(ctx.db.unit)).toEqual({ terms: [], counts: [] });
    }),
    { numRuns: 60 },
  );
});

it.each([
  ["İbrahim Çelik", ["İbrahim", "Çelik", "çelik"]],
  ["Andre\u0301 Müller", ["André", "andre\u0301", "müller", "MÜLLER", "Mu\u0308ller"]],
  ["山田　太郎", ["山田", "太郎", "山田　太郎"]],
  ["Jo\nNewline", ["jo", "newline"]],
  ["Jo\r\vTabbed\u2009Thin", ["tabbed", "thin"]],
])("a lead named %j is found by each of its words, in its own spelling", async (name, searches) => {
  const ctx = await mintCtx();
  const { lead_id } = await createLead(ctx, { profile: { name }, aliases: [{ kind: "cookie", value: "c1" }] }, OPTIONS);
  for (const search of searches) {
    const { leads } = await listLeads(ctx, { page: 1, limit: 10, search });
    expect(
      leads.map((lead) => lead.lead_id),
      search,
    ).toEqual([lead_id]);
  }
});
