/** An import does what its rows would do one by one: compared with a model that is too simple to be wrong. */

import { expect, it } from "vitest";
import { fc } from "../../support/fast-check";
import { deliverAll, getJob, heldImport, type Job, type Mapping } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";

const RUNS = 15;
const TIMEOUT_MS = 60_000;

type Row = { email: string; phone: string; ref: string; first: string; name: string; company: string; gap: boolean };
type Primary = "email" | "external_id";
type ModelLead = { profile: Record<string, string> };
type Outcome = {
  created: number;
  changed: number;
  unchanged: number;
  errors: [number, string][];
  conflicts: [number, string, string, ModelLead][];
};

const EMAILS = ["a@pool.example", "b@pool.example", "c@pool.example"];
const PHONES = ["5550100", "5550101"];
const REFS = ["R1", "R2", "007"];

const row: fc.Arbitrary<Row> = fc.record({
  email: fc.constantFrom("", ...EMAILS, ...EMAILS, " A@Pool.example", "not-an-email"),
  phone: fc.constantFrom("", ...PHONES, "555-0100", "(555) 01 01", "call me"),
  ref: fc.constantFrom("", ...REFS, " R1 "),
  first: fc.constantFrom("", "Ann", "Bob"),
  name: fc.constantFrom("", "", "Ann Lee"),
  company: fc.constantFrom("", "Acme", " Acme ", "Beta"),
  gap: fc.nat(9).map((n) => n === 0),
});

/** A thousand blank lines end a chunk: what follows is committed by another batch. */
const BLANK_LINES = "\n".repeat(1000);

const csvOf = (rows: Row[]): string =>
  `Email,Phone,Ref,First,Name,Company\n${rows.map((each) => `${each.gap ? BLANK_LINES : ""}${[each.email, each.phone, each.ref, each.first, each.name, each.company].join(",")}\n`).join("")}`;

const mappingOf = (primary: Primary): Mapping => ({
  primary_identifier: primary === "email" ? { column: "Email", kind: "email" } : { column: "Ref", kind: "external_id" },
  field_mappings: { First: "first_name", Name: "name", Company: "company" },
  alias_mappings:
    primary === "email" ? { Phone: "_alias_phone", Ref: "_alias_external_id" } : { Email: "_alias_email", Phone: "_alias_phone" },
});

class Model {
  readonly owners = new Map<string, ModelLead>();

  import(rows: Row[], primary: Primary): Outcome {
    const outcome: Outcome = { created: 0, changed: 0, unchanged: 0, errors: [], conflicts: [] };
    let at = 1;
    for (const each of rows) {
      at += each.gap ? 1001 : 1;
      this.take(each, at, primary, outcome);
    }
    return outcome;
  }

  private take(each: Row, at: number, primary: Primary, outcome: Outcome): void {
    const email = each.email.trim().toLowerCase();
    const phone = each.phone.trim();
    const ref = each.ref.trim();
    const identifier = primary === "email" ? email : ref;
    if (identifier === "") return void outcome.errors.push([at, "Missing required identifier"]);
    const wrongEmail = email !== "" && !email.includes("@");
    if (wrongEmail && primary === "email") return void outcome.errors.push([at, "Invalid email format"]);
    // an alias that is invalid or too short is dropped, and the row kept
    const digits = phone.replace(/\D/g, "");

    const keys: [string, string][] = [
      ["email", wrongEmail ? "" : email],
      ["phone", digits.length < 7 ? "" : digits],
      ["external_id", ref],
    ];
    const own = keys.find(([kind]) => kind === primary) as [string, string];
    const aliases = [own, ...keys.filter((key) => key !== own && key[1] !== "")];
    const known = this.owners.get(own.join(":"));
    const lead = known ?? { profile: {} };
    const before = JSON.stringify(Object.entries(lead.profile).toSorted());
    let gained = false;
    for (const [kind, value] of aliases) {
      const owner = this.owners.get(`${kind}:${value}`);
      if (!owner) {
        this.owners.set(`${kind}:${value}`, lead);
        gained = true;
      } else if (owner !== lead) outcome.conflicts.push([at, kind, value, owner]);
    }
    if (each.name !== "" && each.first === "") delete lead.profile.first_name;
    if (each.first !== "" && each.name === "") delete lead.profile.name;
    if (each.first !== "") lead.profile.first_name = each.first;
    if (each.name !== "") lead.profile.name = each.name;
    if (each.company !== "") lead.profile.company = each.company.trim();
    const changed = gained || JSON.stringify(Object.entries(lead.profile).toSorted()) !== before;
    outcome[known ? (changed ? "changed" : "unchanged") : "created"] += 1;
  }
}

async function importRows(client: Client, rows: Row[], primary: Primary): Promise<Job> {
  const { job_id, message } = await heldImport(client, csvOf(rows), mappingOf(primary));
  await deliverAll(message);
  return getJob(client, job_id);
}

/** Every alias of the pools finds the lead that the model has for it, and no two leads of the model are one. */
async function expectLeads(client: Client, model: Model): Promise<Map<ModelLead, string>> {
  const ids = new Map<ModelLead, string>();
  const pool = [
    ...EMAILS.map((value) => ["email", value]),
    ...PHONES.map((value) => ["phone", value]),
    ...REFS.map((value) => ["external_id", value]),
  ];
  for (const [kind, value] of pool) {
    const answer = await client.get(`/lead/by-alias?kind=${kind}&value=${value}`);
    const expected = model.owners.get(`${kind}:${value}`);
    expect(answer.status, `${kind} ${value}`).toBe(expected ? 200 : 404);
    if (!expected) continue;
    const lead = await answer.json<{ lead_id: string; metadata: Record<string, string> }>();
    expect(lead.metadata, `${kind} ${value}`).toEqual(expected.profile);
    expect(ids.get(expected) ?? lead.lead_id).toBe(lead.lead_id);
    ids.set(expected, lead.lead_id);
  }
  expect(new Set(ids.values()).size).toBe(ids.size);
  return ids;
}

async function expectSame(client: Client, job: Job, rows: Row[], expected: Outcome, model: Model): Promise<void> {
  expect(job).toMatchObject({
    status: "completed",
    total_rows: rows.length,
    created_count: expected.created,
    changed_count: expected.changed,
    unchanged_count: expected.unchanged,
    updated_count: expected.changed + expected.unchanged,
    failed_count: expected.errors.length,
  });
  expect(job.errors.map(({ row, error }) => [row, error])).toEqual(expected.errors);
  const ids = await expectLeads(client, model);
  expect(job.alias_conflicts.map(({ row, kind, value, lead_id }) => [row, kind, value, lead_id])).toEqual(
    expected.conflicts.map(([row, kind, value, owner]) => [row, kind, value, ids.get(owner)]),
  );
}

const primary = fc.constantFrom<Primary>("email", "external_id");
const file = fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 25 }), primary });

it(
  "files of any rows, one after the other and each of them twice, end as if every row had been taken by itself",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 2 }), async (files) => {
        const { client } = await mintTenant();
        const model = new Model();
        for (const each of [...files, ...files]) {
          const expected = model.import(each.rows, each.primary);
          await expectSame(client, await importRows(client, each.rows, each.primary), each.rows, expected, model);
        }
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

it(
  "a file that says one thing about each lead changes nothing when it comes again",
  async () => {
    // what a row says hangs on its identifier alone; the other aliases may still fight over leads
    const consistent = row.map((each) => {
      const key = each.email.trim().toLowerCase();
      return { ...each, first: key === "" ? "" : `First ${key.charAt(0)}`, name: "", company: key.startsWith("b") ? "Beta" : "" };
    });
    await fc.assert(
      fc.asyncProperty(fc.array(consistent, { minLength: 1, maxLength: 25 }), async (rows) => {
        const { client } = await mintTenant();
        const first = await importRows(client, rows, "email");
        const again = await importRows(client, rows, "email");
        expect(again).toMatchObject({
          created_count: 0,
          changed_count: 0,
          unchanged_count: rows.length - first.failed_count,
          errors: first.errors,
        });
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);
