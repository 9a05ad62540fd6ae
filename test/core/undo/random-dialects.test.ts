/**
 * An import that fills status, owner, account and consent, too; later edits by hand, in bulk and by another file; then its undo: every field
 * that nobody wrote later is what it was, and every later edit stands.
 */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { fc } from "../../support/fast-check";
import { deliverAll, heldQueue, type Mapping } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";
import { imported, undone } from "../../support/undo";
import { mintWorkspace } from "../../support/workspace";

const RUNS = 8;
const TIMEOUT_MS = 120_000;

const EMAILS = ["a@pool.example", "b@pool.example", "c@pool.example"];
type Row = Record<"email" | "phone" | "company" | "tags" | "stage" | "owner" | "domain" | "news", string>;
const row: fc.Arbitrary<Row> = fc.record({
  email: fc.constantFrom(...EMAILS),
  phone: fc.constantFrom("", "+12125550100", "+12125550101"),
  company: fc.constantFrom("", "One", "Two"),
  tags: fc.constantFrom("", "vip"),
  stage: fc.constantFrom("", "qualified", "lost"),
  owner: fc.constantFrom("", "u1", "u2"),
  domain: fc.constantFrom("", "acme.example"),
  news: fc.constantFrom("", "yes", "no"),
});
const MAPPING: Mapping = {
  primary_identifier: { column: "email", kind: "email" },
  field_mappings: { company: "company", tags: "tags", stage: "status", owner: "owner_id", domain: "account_domain", news: "_consent_news" },
  alias_mappings: { phone: "_alias_phone" },
};
const COLUMNS = ["email", "phone", "company", "tags", "stage", "owner", "domain", "news"] as const;
const csvOf = (rows: Row[]): string =>
  `${COLUMNS.join(",")}\n${rows.map((each) => `${COLUMNS.map((name) => each[name]).join(",")}\n`).join("")}`;

type Edit =
  | { by: "put"; email: string; json: object }
  | { by: "patch"; email: string; company: string | null }
  | { by: "owner"; email: string; owner_id: string | null }
  | { by: "alias"; email: string; phone: string; removed: boolean }
  | { by: "workspace"; email: string; json: { status: string } | { phone: string } | { ownerId: string } }
  | { by: "bulk"; status: string }
  | { by: "file"; rows: Row[] };
const email = fc.constantFrom(...EMAILS);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    by: fc.constant("put" as const),
    email,
    json: fc.constantFrom(
      { status: "contacted" },
      { status: "new" },
      { consent: { news: false } },
      { consent: { news: null } },
      { account_id: null },
    ),
  }),
  fc.record({ by: fc.constant("patch" as const), email, company: fc.constantFrom("Edited", "One", null) }),
  fc.record({ by: fc.constant("owner" as const), email, owner_id: fc.constantFrom("u9", "u1", null) }),
  fc.record({ by: fc.constant("alias" as const), email, phone: fc.constantFrom("+12125550100", "+12125550109"), removed: fc.boolean() }),
  fc.record({
    by: fc.constant("workspace" as const),
    email,
    json: fc.constantFrom({ status: "converted" }, { status: "lost" }, { phone: "+12125550109" }, { ownerId: "u7" }),
  }),
  fc.record({ by: fc.constant("bulk" as const), status: fc.constantFrom("follow_up", "lost") }),
  fc.record({ by: fc.constant("file" as const), rows: fc.array(row, { minLength: 1, maxLength: 2 }) }),
);

async function apply(client: Client, workspace: Client, each: Edit): Promise<void> {
  if (each.by === "file") return void (await imported(client, csvOf(each.rows), MAPPING));
  if (each.by === "bulk") {
    const queue = heldQueue();
    const found = await Promise.all(EMAILS.map((value) => client.get(`/lead/by-alias?value=${value}`)));
    const leads = await Promise.all(found.filter(({ ok }) => ok).map((answer) => answer.json<{ lead_id: string }>()));
    const json = { ids: leads.map(({ lead_id }) => lead_id), changes: { status: each.status } };
    const answer = await client.call("PATCH", "/leads/bulk", { json, bindings: { IMPORT_QUEUE: queue.IMPORT_QUEUE } });
    expect([200, 202], await answer.clone().text()).toContain(answer.status);
    for (const message of queue.sent) await deliverAll(message);
    return;
  }
  const found = await client.get(`/lead/by-alias?value=${each.email}`);
  if (found.status === 404) return;
  const { lead_id } = await found.json<{ lead_id: string }>();
  if (each.by === "workspace") {
    const answer = await workspace.call("PUT", `/api/v1/leads/${lead_id}`, { json: each.json });
    expect([200, 409], await answer.clone().text()).toContain(answer.status);
    return;
  }
  const phonePath = "phone" in each ? `/lead/${lead_id}/aliases/phone/${encodeURIComponent(each.phone)}` : "";
  const answer = await (each.by === "put"
    ? client.call("PUT", `/lead/${lead_id}`, { json: each.json })
    : each.by === "patch"
      ? client.patch("/lead/by-alias/metadata", { alias_value: each.email, attributes: { company: each.company } })
      : each.by === "owner"
        ? client.post(`/leads/${lead_id}/owner`, { owner_id: each.owner_id })
        : each.removed
          ? client.call("DELETE", phonePath)
          : client.post(`/lead/${lead_id}/aliases`, { kind: "phone", value: each.phone }));
  expect([200, 201, 204, 404, 409], await answer.clone().text()).toContain(answer.status);
}

/** Each field of each lead as text; an alias is a field of its own. */
async function fieldsOf(unit: number): Promise<Map<string, Map<string, string>>> {
  const { results } = await env.DB.prepare(
    "SELECT lead_id, profile, aliases, status, owner_id, account_id, consent FROM leads WHERE unit = ?1",
  )
    .bind(unit)
    .all<Record<"lead_id" | "profile" | "aliases" | "consent", string>>();
  return new Map(
    results.map(({ lead_id, profile, aliases, consent, ...columns }) => [
      lead_id,
      new Map<string, string>([
        ...Object.entries(JSON.parse(profile)).map(([key, value]): [string, string] => [`profile:${key}`, JSON.stringify(value)]),
        ...(JSON.parse(aliases) as [string, string][]).map((alias): [string, string] => [
          `alias:${alias[0]}:${alias[1]}`,
          JSON.stringify(alias),
        ]),
        ...Object.entries(JSON.parse(consent ?? "{}")).map(([key, said]): [string, string] => [`consent:${key}`, JSON.stringify(said)]),
        ...Object.entries(columns).map(([name, value]): [string, string] => [`column:${name}`, JSON.stringify(value)]),
      ]),
    ]),
  );
}

it(
  "by hand, in bulk and by another file",
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 4 }),
        fc.array(row, { minLength: 1, maxLength: 4 }),
        fc.array(edit, { maxLength: 5 }),
        async (first, second, edits) => {
          const tenant = await mintTenant();
          const unit = await unitKeyOf(tenant);
          const { client: workspace } = await mintWorkspace({ unit_id: "unit_default" }, tenant);
          await imported(tenant.client, csvOf(first), MAPPING);
          const before = await fieldsOf(unit);
          const job = await imported(tenant.client, csvOf(second), MAPPING);
          const written = await fieldsOf(unit);
          for (const each of edits) await apply(tenant.client, workspace, each);
          const edited = await fieldsOf(unit);
          await undone(tenant.client, job);
          const after = await fieldsOf(unit);
          for (const [id, was] of before) {
            const [by, later, now] = [written.get(id), edited.get(id), after.get(id)];
            const fields = new Set([...was.keys(), ...(by?.keys() ?? []), ...(later?.keys() ?? []), ...(now?.keys() ?? [])]);
            for (const field of fields) {
              const isUntouched = by?.get(field) === later?.get(field);
              expect(now?.get(field), `${id} ${field}`).toBe(isUntouched ? was.get(field) : later?.get(field));
            }
          }
        },
      ),
      { numRuns: RUNS },
    ),
  TIMEOUT_MS,
);
