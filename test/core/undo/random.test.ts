/**
 * Random files over a random store, random edits after them through every dialect, then an undo: compared with a model that records only who
 * wrote each field last.
 */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { fc } from "../../support/fast-check";
import { importCsv, type Mapping } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { dryRun, imported, undone } from "../../support/undo";

const RUNS = 12;
const TIMEOUT_MS = 120_000;

const EMAILS = ["a@pool.example", "b@pool.example", "c@pool.example", "d@pool.example"];
const PHONES = ["+12125550100", "+12125550101"];
const FIELDS = { Title: "title", Company: "company", Country: "country" };
const KEYS = Object.values(FIELDS);

type Row = { email: string; phone: string; gap: boolean; cells: string[] };
const row = (values: string[]): fc.Arbitrary<Row> =>
  fc.record({
    email: fc.constantFrom(...EMAILS),
    phone: fc.constantFrom("", "", ...PHONES),
    gap: fc.nat(5).map((n) => n === 0),
    cells: fc.tuple(...KEYS.map(() => fc.constantFrom("", ...values))),
  });
type Edit = { email: string; key: string; value: string | null } | { email: string; phone: string };
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    email: fc.constantFrom(...EMAILS),
    key: fc.constantFrom(...KEYS, "seat"),
    value: fc.constantFrom("edited", "two", "three", null),
  }),
  fc.record({ email: fc.constantFrom(...EMAILS), phone: fc.constantFrom(...PHONES, "+12125550109") }),
);

const rowOf = (country: string, gap: boolean): Row => ({ email: "d@pool.example", phone: "", gap, cells: ["", "", country] });

/** A thousand blank lines end a chunk: what follows is committed by another batch. */
const csvOf = (rows: Row[]): string =>
  `Email,Phone,${Object.keys(FIELDS).join(",")}\n${rows.map(({ gap, email, phone, cells }) => `${gap ? "\n".repeat(1000) : ""}${[email, phone, ...cells].join(",")}\n`).join("")}`;
const MAPPING: Mapping = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: FIELDS,
  alias_mappings: { Phone: "_alias_phone" },
};

type Stored = { lead_id: string; profile: Record<string, unknown>; aliases: string[][]; rest: unknown };
async function leadsOf(unit: number): Promise<Map<string, Stored>> {
  const { results } = await env.DB.prepare(
    "SELECT lead_id, profile, aliases, account_id, status, owner_id, shown_email, shown_phone FROM leads WHERE unit = ?1",
  )
    .bind(unit)
    .all<{ lead_id: string; profile: string; aliases: string }>();
  return new Map(
    results.map(({ lead_id, profile, aliases, ...rest }) => [
      lead_id,
      { lead_id, profile: JSON.parse(profile), aliases: JSON.parse(aliases), rest },
    ]),
  );
}

/** By-alias, by id and through the list of a lead's aliases. */
async function apply(client: Client, each: Edit): Promise<void> {
  const found = await client.get(`/lead/by-alias?value=${each.email}`);
  if (found.status === 404) return;
  const { lead_id } = await found.json<{ lead_id: string }>();
  if ("phone" in each) {
    const answer = await client.post(`/lead/${lead_id}/aliases`, { kind: "phone", value: each.phone });
    expect([200, 201, 409]).toContain(answer.status);
    return;
  }
  const answer = await client.patch("/lead/by-alias/metadata", { alias_value: each.email, attributes: { [each.key]: each.value } });
  expect(answer.status).toBe(200);
}

const fieldOf = (lead: Stored | undefined, key: string): unknown => lead?.profile[key];

/** Every field of every lead: written later, it stays; else it is what it was before. */
function expectTakenBack(
  before: Map<string, Stored>,
  written: Map<string, Stored>,
  edited: Map<string, Stored>,
  after: Map<string, Stored>,
) {
  for (const [id, was] of before) {
    const [job, later, now] = [written.get(id), edited.get(id), after.get(id)];
    for (const key of [...KEYS, "seat"]) {
      const untouched = fieldOf(job, key) === fieldOf(later, key);
      expect(fieldOf(now, key), `${id} ${key}`).toEqual(untouched ? fieldOf(was, key) : fieldOf(later, key));
    }
    const gained = (job?.aliases ?? []).filter((alias) => !was.aliases.some((own) => own[1] === alias[1])).map((alias) => alias[1]);
    expect(now?.aliases.map((alias) => alias[1])).toEqual(
      (later?.aliases ?? []).map((alias) => alias[1]).filter((value) => !gained.includes(value)),
    );
    expect(now?.rest).toEqual(later?.rest);
  }
  for (const [id, job] of written) {
    if (before.has(id)) continue;
    const [later, now] = [edited.get(id), after.get(id)];
    const same =
      JSON.stringify(later?.profile) === JSON.stringify(job.profile) && JSON.stringify(later?.aliases) === JSON.stringify(job.aliases);
    if (same) expect(now, id).toBeUndefined();
    for (const key of [...KEYS, "seat"]) {
      if (fieldOf(job, key) !== fieldOf(later, key)) expect(fieldOf(now, key), `${id} ${key}`).toEqual(fieldOf(later, key));
      else expect(fieldOf(now, key), `${id} ${key}`).toBeUndefined();
    }
  }
}

it(
  "every field that nobody wrote later is what it was, and every later edit stands",
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row(["one", "two"]), { maxLength: 3 }),
        fc.array(row(["two", "three"]), { minLength: 1, maxLength: 5 }),
        fc.array(edit, { maxLength: 5 }),
        async (first, second, edits) => {
          const tenant = await mintTenant();
          const unit = await unitKeyOf(tenant);
          if (first.length > 0) await importCsv(tenant.client, csvOf(first), MAPPING);
          const before = await leadsOf(unit);
          const job = await imported(tenant.client, csvOf(second), MAPPING);
          const written = await leadsOf(unit);
          for (const each of edits) await apply(tenant.client, each);
          const edited = await leadsOf(unit);
          const { status: _, complete: __, ...counted } = await dryRun(tenant.client, job);
          expect(await leadsOf(unit)).toEqual(edited);
          const undo = await undone(tenant.client, job);
          expect(undo).toEqual({ status: "completed", ...counted });
          const after = await leadsOf(unit);
          expectTakenBack(before, written, edited, after);
          expect(undo.removed_count).toBe(edited.size - after.size);
          const aliases = await env.DB.prepare("SELECT count(*) AS n FROM aliases WHERE unit = ?1").bind(unit).first("n");
          expect(aliases).toBe([...after.values()].reduce((sum, lead) => sum + lead.aliases.length, 0));
          const count = await env.DB.prepare("SELECT sum(leads) AS n FROM lead_counts WHERE unit = ?1").bind(unit).first("n");
          expect(count ?? 0).toBe(after.size);
        },
      ),
      {
        numRuns: RUNS,
        examples: [[[], [rowOf("two", false), rowOf("three", true)], [{ email: "d@pool.example", key: "country", value: "two" }]]],
      },
    ),
  TIMEOUT_MS,
);

it(
  "imports that are undone in any order leave the leads as they were before the first",
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row(["zero"]), { maxLength: 2 }),
        fc.array(fc.array(row(["one", "two", "three"]), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 }),
        fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
        async (first, files, order) => {
          const tenant = await mintTenant();
          const unit = await unitKeyOf(tenant);
          if (first.length > 0) await importCsv(tenant.client, csvOf(first), MAPPING);
          const before = await leadsOf(unit);
          const jobs = [];
          for (const rows of files) jobs.push(await imported(tenant.client, csvOf(rows), MAPPING));
          while (jobs.length > 0) await undone(tenant.client, jobs.splice((order[jobs.length - 1] ?? 0) % jobs.length, 1)[0] ?? "");
          expect(await leadsOf(unit)).toEqual(before);
        },
      ),
      {
        numRuns: RUNS,
        // the file that is undone last but one wrote what had been there before the first that is undone
        examples: [
          [
            [],
            [[rowOf("two", true)], [rowOf("three", true)], [rowOf("two", true), { ...rowOf("", true), email: "a@pool.example" }]],
            [0, 13, 10],
          ],
        ],
      },
    ),
  TIMEOUT_MS,
);
