/** What agents read: the same as other callers, in few words, and saying where something is left out. */
import { beforeAll, describe, expect, it } from "vitest";
import { CRITERIA } from "../../../src/core/lead-overview";
import { CRITERIA_FIELDS } from "../../../src/http/mcp/criteria";
import { ingest, mintRule } from "../../support/events";
import { callTool, refusal, useTool } from "../../support/mcp";
import { type Client, mintLead, mintTenant } from "../../support/tenant";

type Lead = { lead_id: string; metadata: Record<string, unknown>; truncated: boolean };
type Page = { leads: { lead_id: string; email: string; score: number }[]; next_cursor: string | null; total?: number };

const ALIASES = {
  email: "ann@x.example",
  phone: "+15550100123",
  external_id: "crm-7",
  cookie: "ck_1",
  social: "https://www.linkedin.com/in/ann",
};

let client: Client;
let ann: string;
beforeAll(async () => {
  ({ client } = await mintTenant());
  await mintRule(client, { event_type: "Page View", weight: 10 });
  ann = await mintLead(client, ALIASES, { first_name: "Ann", last_name: "Lee", company: "Acme", plan: "pro" });
  await client.post("/leads/batch", { leads: Array.from({ length: 12 }, (_, n) => ({ email: `b${n}@y.example`, status: "lost" })) });
  await ingest(
    client,
    ...[1, 2, 3].map((n) => ({
      event_id: `view-${n}`,
      alias_kind: "email",
      alias: "ann@x.example",
      event_type: "Page View",
      metadata: { n },
    })),
  );
});

describe("get_lead", () => {
  it.each([
    ["an email", "email", " ANN@x.example "],
    ["a phone", "phone", "+1 (555) 010-0123"],
    ["an external id", "external_id", "crm-7"],
    ["a cookie", "cookie", "ck_1"],
    ["a profile", "social", "linkedin.com/in/ann/"],
  ])("finds it by %s, with and without its kind", async (_, kind, value) => {
    for (const given of [{ kind, value }, { value }]) expect(await useTool(client, "get_lead", given)).toMatchObject({ lead_id: ann });
  });

  it("finds it by its id, and shows it", async () => {
    for (const given of [{ lead_id: ann }, { value: ann }])
      expect(await useTool(client, "get_lead", given)).toMatchObject({
        lead_id: ann,
        name: "Ann Lee",
        email: "ann@x.example",
        phone: "+15550100123",
        status: "new",
        score: expect.closeTo(30, 1),
        alias_count: 5,
        metadata: { company: "Acme", plan: "pro" },
        truncated: false,
      });
  });

  it("says in its text what its data says", async () => {
    const { content } = await callTool(client, "get_lead", { value: "ann@x.example" });
    expect(content[0]?.text).toMatch(/^Ann Lee \(ld_[0-9a-f]{32}\): ann@x\.example, \+15550100123, new, score 30\.\n- .*company: "Acme"/s);
  });

  it.each([
    ["nothing", {}, "value: give either value or lead_id"],
    ["both", { value: "a@x.example", lead_id: "ld_1" }, "value: give either value or lead_id"],
    ["an unknown kind", { kind: "fax", value: "1" }, /^kind: must be one of: .* \(got "fax"\)$/],
    ["an unknown field", { email: "ann@x.example" }, "email: is not a known field"],
    ["an alias of nobody", { value: "nobody@x.example" }, /^No lead has this alias or id \(got "nobody@x.example"\)$/],
    ["an alias of nobody, by kind", { kind: "email", value: "nobody@x.example" }, "No lead found for this alias"],
  ])("refuses %s", async (_, given, sentence) => {
    expect(await refusal(client, "get_lead", given)).toEqual(typeof sentence === "string" ? sentence : expect.stringMatching(sentence));
  });

  it("cuts long metadata, and says so", async () => {
    await mintLead(client, { email: "long@x.example" }, { story: "s".repeat(3_000) });
    const { metadata, truncated } = await useTool<Lead>(client, "get_lead", { value: "long@x.example" });
    expect([metadata.story, truncated]).toEqual([`${"s".repeat(500)}…`, true]);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`field_${n}`, "v".repeat(400)]));
    await mintLead(client, { email: "wide@x.example" }, many);
    const wide = await useTool<Lead>(client, "get_lead", { value: "wide@x.example" });
    expect([Object.keys(wide.metadata).length, wide.truncated]).toEqual([14, true]);
  });

  it("names the survivor of a merged lead", async () => {
    const gone = await mintLead(client, { email: "gone@x.example" });
    const stays = await mintLead(client, { email: "stays@x.example" });
    await client.post("/leads/merge", { targetLeadId: stays, sourceLeadIds: [gone] });
    expect(await refusal(client, "get_lead", { lead_id: gone })).toBe(`The lead was merged into another one; its id is ${stays}`);
    expect(await useTool(client, "get_lead", { value: "gone@x.example" })).toMatchObject({ lead_id: stays });
  });
});

describe("search_leads", () => {
  it("narrows by words, criteria and metadata, and pages through the list", async () => {
    const search = (given: object) => useTool<Page>(client, "search_leads", given);
    expect((await search({ q: "acme ann" })).leads).toEqual([]);
    expect((await search({ q: "ann lee" })).leads).toMatchObject([{ lead_id: ann, email: "ann@x.example" }]);
    expect((await search({ "attr.plan": "pro" })).leads).toMatchObject([{ lead_id: ann }]);
    expect((await search({ min_score: 20 })).leads).toMatchObject([{ lead_id: ann }]);
    const first = await search({ status: "lost" });
    expect([first.leads.length, first.total]).toEqual([10, 12]);
    const second = await search({ status: "lost", cursor: first.next_cursor });
    expect([second.leads.length, second.next_cursor]).toEqual([2, null]);
    expect(new Set([...first.leads, ...second.leads].map(({ lead_id }) => lead_id)).size).toBe(12);
  });

  it("refuses an unknown criterion and a page that is too long, naming both", async () => {
    expect(await refusal(client, "search_leads", { colour: "red" })).toBe('colour: is no parameter of the list of leads (got "red")');
    expect(await refusal(client, "search_leads", { limit: 26 })).toBe("limit: must be a whole number from 1 to 25 (got 26)");
  });

  it("describes every criterion of the list of leads", () => {
    expect(Object.keys(CRITERIA_FIELDS).toSorted()).toEqual(Object.keys(CRITERIA).toSorted());
  });
});

it("explain_score adds up", async () => {
  const found = await useTool<{ score: number; decayed: number; drivers: { contribution: number }[] }>(client, "explain_score", {
    value: "ann@x.example",
  });
  expect(found).toMatchObject({ lead_id: ann, driver_count: 1, outside_range: 0 });
  expect(found.drivers).toMatchObject([{ event_type: "Page View", count: 3, weight: 10 }]);
  expect(found.drivers.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(found.score, 2);
  expect(found.score + found.decayed).toBeCloseTo(30, 2);
});

it("top_leads begins with the highest score, and gives names", async () => {
  expect(await useTool(client, "top_leads", { limit: 1 })).toMatchObject({ leads: [{ lead_id: ann, name: "Ann Lee" }] });
  expect(await refusal(client, "top_leads", { limit: 0 })).toBe("limit: must be a whole number from 1 to 50 (got 0)");
});

it("list_events shows a lead's timeline or the unit's, newest first, a page at a time", async () => {
  const ofAnn = await useTool<{ events: { event_id: string }[] }>(client, "list_events", { value: "ann@x.example", limit: 2 });
  expect(ofAnn).toMatchObject({ total: 3, page: 1, events: [{ lead_id: ann, event_type: "Page View", truncated: false }, {}] });
  const next = await useTool<{ events: object[] }>(client, "list_events", { value: "ann@x.example", limit: 2, page: 2 });
  expect(next.events).toHaveLength(1);
  expect(await useTool(client, "list_events", { event_type: "page_view" })).toMatchObject({ total: 3 });
});

it("get_receipt says what became of an event", async () => {
  expect(await useTool(client, "get_receipt", { event_id: "view-2" })).toMatchObject({
    status: "processed",
    lead_id: ann,
    score_before: expect.closeTo(10, 1),
    score_after: expect.closeTo(20, 1),
    duplicate_of: null,
    error: null,
  });
  expect(await refusal(client, "get_receipt", { event_id: "nope" })).toMatch(/^No event with this id has been processed/);
});

it("list_jobs pages through imports, newest first", async () => {
  const first = await useTool<{ jobs: { job_id: string }[]; has_more: boolean }>(client, "list_jobs", { limit: 1 });
  const second = await useTool<{ jobs: { job_id: string }[] }>(client, "list_jobs", { limit: 1, page: 2 });
  expect([first.jobs.length, first.has_more]).toEqual([1, true]);
  expect(first.jobs[0]?.job_id).not.toBe(second.jobs[0]?.job_id);
  expect(await refusal(client, "list_jobs", { job_id: "job_1" })).toMatch(/not exist/);
});
