/** The erasure of one person leaves what is about others as it was, and what refers to both stays readable. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { termsOf } from "../../../src/core/erasure/traces";
import { mintUnitTenant, rowsOf } from "../../support/events";
import { getPlan, planCsv } from "../../support/import-plans";
import { deliver, heldQueue, importCsv } from "../../support/imports";
import { leadIdOf } from "../../support/merges";
import { type Client, mintLead } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const MAPPING = { primary_identifier: { column: "email", kind: "email" } } as const;
const WITH_PHONE = { ...MAPPING, alias_mappings: { phone: "_alias_phone" } } as const;

async function erase(client: Client, lead: string): Promise<void> {
  const answer = await client.post(`/lead/${lead}/erase`);
  expect(answer.status, await answer.clone().text()).toBe(200);
}
const textsOf = async (unit: number) => {
  const { objects } = await env.FILES.list({ prefix: `imports/${unit}/` });
  return Promise.all(objects.map(async ({ key }) => (await env.FILES.get(key))?.text() ?? ""));
};
const saveFilter = (unit: number, id: string, criteria: object) =>
  env.DB.prepare("INSERT INTO saved_filters (unit, filter_id, name, criteria, created_at) VALUES (?1, ?2, ?2, ?3, 0)")
    .bind(unit, id, JSON.stringify(criteria))
    .run();
const filtersOf = async (unit: number) => (await rowsOf(unit, "saved_filters")).map(({ filter_id }) => filter_id).toSorted();

describe("rows and lines of other people", () => {
  it("stay where they only contain an external id of the person: it counts as a whole cell or JSON string", async () => {
    const { client, unit } = await mintUnitTenant();
    const csv = "email,ref\none@gmail.com,91234567\ntwo@gmail.com,123456\nthree@x.example,gmail.com\nfour@x.example, 123456 \n";
    await importCsv(client, csv, MAPPING);
    const lead = await mintLead(client, { external_id: "gmail.com" });
    await client.post(`/lead/${lead}/aliases`, { kind: "external_id", value: "123456" });
    await saveFilter(unit, "whole", { q: "gmail.com" });
    await saveFilter(unit, "part", { q: "mail gmail.com now", n: ["x123456"] });
    await saveFilter(unit, "nested", { q: JSON.stringify({ id: "123456" }) });
    await erase(client, lead);
    expect(await textsOf(unit)).toContain(
      "email,ref\none@gmail.com,91234567\nxxxxxxxxxxxxx,xxxxxx\nxxxxxxxxxxxxxxx,xxxxxxxxx\nxxxxxxxxxxxxxx,xxxxxxxx\n",
    );
    expect(await filtersOf(unit)).toEqual(["part"]);
  });

  it("stay where an address of the person is part of another one", async () => {
    const { client, unit } = await mintUnitTenant();
    await importCsv(
      client,
      "email,n\nmariann@x.example,1\nann@x.example.org,2\njo-ann@x.example,3\nzed@y.example,see ann@x.example.\n",
      MAPPING,
    );
    const lead = await mintLead(client, { email: "ann@x.example" });
    const others = ["mariann@x.example", "ann@x.example.org", "Éann@x.example", "_ann@x.example"];
    for (const [at, q] of others.entries()) await saveFilter(unit, `other${at}`, { q });
    const own = ["Ann@X.example", "<ann@x.example>", "line\nann@x.example\tend", "to ann@x.example.", "mariann@x.example ann@x.example"];
    for (const [at, q] of own.entries()) await saveFilter(unit, `own${at}`, { q });
    await env.FILES.put(`spill/${unit}/1.ndjson`, `${[...others, ...own].map((q) => JSON.stringify({ q })).join("\n")}\n`);
    await erase(client, lead);
    expect(await textsOf(unit)).toContain(
      "email,n\nmariann@x.example,1\nann@x.example.org,2\njo-ann@x.example,3\nxxxxxxxxxxxxx,xxxxxxxxxxxxxxxxxx\n",
    );
    expect(await filtersOf(unit)).toEqual(others.map((_, at) => `other${at}`));
    expect(await (await env.FILES.get(`spill/${unit}/1.ndjson`))?.text()).toBe(`${others.map((q) => JSON.stringify({ q })).join("\n")}\n`);
  });
});

describe("what refers to the person and to others", () => {
  it("a bulk job keeps its row and the others' ids, each in its place", async () => {
    const { client, unit } = await mintUnitTenant();
    const [first, lead, last] = [
      await mintLead(client, { email: "a@x.example" }),
      await mintLead(client, { email: "gone@x.example" }),
      await mintLead(client, { email: "c@x.example" }),
    ];
    const held = heldQueue();
    const json = { ids: [first, lead, last], changes: { status: "lost" } };
    const answer = await client.call("PATCH", "/leads/bulk", { json, bindings: { IMPORT_QUEUE: held.IMPORT_QUEUE } });
    const { job_id } = await answer.json<{ job_id: string }>();
    await erase(client, lead);
    const [row] = await rowsOf(unit, "bulk_jobs");
    expect(JSON.parse(String(row?.target))).toEqual({ ids: [first.slice(3), "", last.slice(3)] });
    await deliver(held.sent[0] as never);
    expect(await (await client.get(`/leads/bulk/jobs/${job_id}`)).json()).toMatchObject({ status: "completed", changed_count: 2 });
  });

  it("an open plan over them fails and says to plan again, and its objects are deleted", async () => {
    const { client, unit } = await mintUnitTenant();
    const lead = await mintLead(client, { email: "gone@x.example" });
    const { plan_id } = await planCsv(client, "email,last\ngone@x.example,G\nb@x.example,B\n", MAPPING);
    const other = await planCsv(client, "email,last\nc@x.example,C\n", MAPPING);
    await erase(client, lead);
    expect(await getPlan(client, plan_id)).toMatchObject({ status: "failed", problem: expect.stringContaining("plan again"), rows: [] });
    expect((await client.get(`/leads/import/plans/${plan_id}/rows`)).status).toBe(200);
    await readProblem(await client.post("/leads/import/start", { plan_id }), 409);
    expect((await env.FILES.list({ prefix: `imports/${unit}/${plan_id}/` })).objects).toEqual([]);
    expect(await getPlan(client, other.plan_id)).toMatchObject({ status: other.status, problem: null, rows: [{ outcome: "created" }] });
  });

  it("a plan whose objects are gone shows that it failed", async () => {
    const { client, unit } = await mintUnitTenant();
    const { plan_id } = await planCsv(client, "email\nb@x.example\n", MAPPING);
    const { objects } = await env.FILES.list({ prefix: `imports/${unit}/${plan_id}/` });
    await env.FILES.delete(objects.map(({ key }) => key));
    expect(await getPlan(client, plan_id)).toMatchObject({ status: "failed", problem: expect.stringContaining("plan again"), rows: [] });
    await readProblem(await client.post("/leads/import/start", { plan_id }), 409);
  });

  it("the journal forgets the person's alias in a case that another lead had with them", async () => {
    const { client, unit } = await mintUnitTenant();
    const lead = await mintLead(client, { phone: "+15557654321" });
    await mintLead(client, { phone: "+15557654322" });
    await importCsv(client, "email,phone\nb@x.example,+15557654321\nc@x.example,+15557654322\n", WITH_PHONE);
    const conflicts = async () => (await rowsOf(unit, "undo_journal")).filter(({ kind }) => kind === "conflicts");
    expect(JSON.stringify(await conflicts())).toContain("+15557654321");
    const [b, c] = [await leadIdOf(client, "b@x.example"), await leadIdOf(client, "c@x.example")];
    await erase(client, lead);
    const [row] = await conflicts();
    expect(JSON.parse(String(row?.entries)).toSorted()).toEqual(
      [
        [b.slice(3), "phone", ""],
        [c.slice(3), "phone", "+15557654322"],
      ].toSorted(),
    );
  });
});

it("terms of an external id are whole texts, of an address words", () => {
  const lead = {
    aliases: [
      { kind: "external_id", value: "GMAIL.com", raw: "GMAIL.com" },
      { kind: "email", value: "a@x.example", raw: "A@x.example" },
    ],
  };
  expect(termsOf({ ids: [], shown: [], refused: [], ...lead } as never)).toEqual([
    { text: "gmail.com", match: "whole" },
    { text: "a@x.example", match: "word" },
  ]);
});
