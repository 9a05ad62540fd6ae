/** Merging: everything that the sources have is the target's, once, and the score is the fold of all events. */
import { describe, expect, it } from "vitest";
import {
  asEmail,
  deliverEvents,
  ingest,
  mintRule,
  mintUnitTenant,
  outcomeOf,
  queueEvents,
  rowsOf,
  scoreOf,
  storedEvents,
} from "../../support/events";
import { leadIdOf, leadWith, merge } from "../../support/merges";
import { mintLead } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const at = (minute: number) => new Date(Date.now() - 3_600_000 + minute * 60_000).toISOString();
const view = (minute: number, more: object = {}) => ({ event_type: "Page View", timestamp: at(minute), ...more });
const bare = (leadId: string) => leadId.slice(3);

async function mintTwo() {
  const tenant = await mintUnitTenant();
  await mintRule(tenant.client, { event_type: "Page View", weight: 10, half_life_days: 7 });
  const target = await leadWith(tenant.client, "target@example.com", [view(0, { event_id: "t0" }), view(20, { event_id: "t20" })]);
  const source = await leadWith(tenant.client, "source@example.com", [view(10, { event_id: "s10" }), view(30, { event_id: "s30" })]);
  return { ...tenant, target, source };
}

describe("a merge", () => {
  it("moves events, aliases and score to the target, and shows it on its timeline", async () => {
    const { client, unit, target, source } = await mintTwo();
    const merged = await merge(client, target, [source]);
    expect(merged).toMatchObject({ status: "done", target_lead_id: target, source_lead_ids: [source], events_moved: 2, aliases_moved: 1 });
    expect(merged.score).toBeGreaterThan(39);
    expect(await leadIdOf(client, "source@example.com")).toBe(target);
    const { events, total } = await (await client.get(`/events/${target}`)).json<{ events: Record<string, unknown>[]; total: number }>();
    expect(total).toBe(5);
    expect(events.map(({ id, original_lead_id }) => [id, original_lead_id])).toEqual([
      [expect.stringMatching(/^evt_mrg_/), null],
      ["s30", source],
      ["t20", null],
      ["s10", source],
      ["t0", null],
    ]);
    expect(events[0]).toMatchObject({
      event_type: "lead_merged",
      metadata: { source_lead_ids: [source], events_moved: 2, merged_by: expect.any(String) },
    });
    expect(await storedEvents(unit)).toMatchObject({ leads: 1, aliases: 2, events: 5, contributions: 4, lead_scores: 1 });
    expect(await rowsOf(unit, "lead_counts")).toMatchObject([{ status: "new", leads: 1 }]);
    expect((await rowsOf(unit, "lead_scores"))[0]).toMatchObject({ event_count: 5 });
  });

  it("leaves the fold of all events, as if one lead had had them from the start", async () => {
    const { client, unit, target, source } = await mintTwo();
    await merge(client, target, [source]);
    const single = await mintUnitTenant();
    await mintRule(single.client, { event_type: "Page View", weight: 10, half_life_days: 7 });
    const stored = await rowsOf<{ event_id: string; occurred_at: number; type_key: string }>(unit, "events", "occurred_at");
    const sent = stored.filter(({ type_key }) => type_key === "page view");
    await ingest(
      single.client,
      ...sent.map(({ event_id, occurred_at }) =>
        asEmail("target@example.com", "Page View", { event_id, timestamp: new Date(occurred_at).toISOString() }),
      ),
    );
    const groups = async (of: number) => {
      const [row] = await rowsOf<{ groups: string; at: number; bound: number }>(of, "lead_scores");
      return [(JSON.parse(row?.groups ?? "[]") as unknown[][]).map(([, ...term]) => term), row?.at, row?.bound];
    };
    expect(await groups(unit)).toEqual(await groups(single.unit));
  });

  it("returns 410 with merged_into for the source, and the target with follow=true, over several merges, too", async () => {
    const { client, target, source } = await mintTwo();
    const last = await leadWith(client, "last@example.com", [view(5)]);
    await merge(client, target, [source]);
    await merge(client, last, [target]);
    expect(await readProblem(await client.get(`/lead/${source}`), 410)).toMatchObject({ code: "gone", merged_into: last });
    expect(await readProblem(await client.get(`/events/${source}`), 410)).toMatchObject({ merged_into: last });
    const followed = await client.get(`/lead/${source}?follow=true`);
    expect(await followed.json()).toMatchObject({ lead_id: last, aliases: [{}, {}, {}] });
    expect((await client.call("DELETE", `/lead/${last}`)).status).toBe(200);
    expect((await client.get(`/lead/${source}?follow=true`)).status).toBe(404);
  });

  it("gives the target the metadata that it lacks, and no other", async () => {
    const { client } = await mintUnitTenant();
    const target = await mintLead(client, { email: "a@example.com" }, { first_name: "Ada", city: "Paris" });
    const source = await mintLead(
      client,
      { email: "b@example.com", phone: "+15551234567" },
      { name: "Ada L", city: "Rome", plan: { seats: 3 } },
    );
    await merge(client, target, [source]);
    const lead = await (await client.get(`/lead/${target}`)).json<Record<string, unknown>>();
    expect(lead).toMatchObject({
      email: "a@example.com",
      phone: "+15551234567",
      metadata: { first_name: "Ada", city: "Paris", plan: { seats: 3 } },
    });
    expect(Object.keys(lead.metadata as object)).not.toContain("name");
  });

  it("needs account_id where the accounts differ", async () => {
    const { client } = await mintUnitTenant();
    const [one, two] = await Promise.all(
      ["Acme", "Globex"].map(async (name) => (await (await client.post("/accounts", { name })).json<{ account_id: string }>()).account_id),
    );
    const leads = await Promise.all(
      [one, two].map(async (account_id, n) => {
        const id = await mintLead(client, { email: `p${n}@example.com` });
        expect((await client.call("PUT", `/lead/${id}`, { json: { account_id } })).status).toBe(200);
        return id;
      }),
    );
    const wish = { targetLeadId: leads[0], sourceLeadIds: [leads[1]] };
    const preview = await (await client.post("/leads/merge/preview", wish)).json();
    expect(preview).toMatchObject({ account_conflict: true, accounts: [{ account_id: one, name: "Acme" }, { account_id: two }] });
    expect((await readProblem(await client.post("/leads/merge", wish), 409)).detail).toContain("account_id");
    await readProblem(await client.post("/leads/merge", { ...wish, account_id: "acct_none" }), 400);
    await merge(client, leads[0] ?? "", [leads[1] ?? ""], { account_id: two });
    expect(await (await client.get(`/lead/${leads[0]}`)).json()).toMatchObject({ account: { account_id: two } });
  });

  it("is previewed without a change", async () => {
    const { client, unit, target, source } = await mintTwo();
    const before = await rowsOf(unit, "leads");
    const preview = await (await client.post("/leads/merge/preview", { targetLeadId: target, sourceLeadIds: [source] })).json();
    expect(preview).toMatchObject({
      target_lead_id: target,
      source_lead_ids: [source],
      target_events: 2,
      total_events: 2,
      total_aliases: 1,
      total_sessions: 0,
      duplicate_aliases: 0,
      target_score: expect.closeTo(19.9, 0),
      source_scores: { [source]: expect.closeTo(19.9, 0) },
      account_conflict: false,
      accounts: [],
    });
    expect(await rowsOf(unit, "leads")).toEqual(before);
  });

  it("refuses a lead that does not exist, itself, and one that is merged already", async () => {
    const { client, target, source } = await mintTwo();
    const post = (targetLeadId: string, sourceLeadIds: string[]) => client.post("/leads/merge", { targetLeadId, sourceLeadIds });
    await readProblem(await post(target, [`ld_${"0".repeat(32)}`]), 404);
    await readProblem(await post(target, ["nobody"]), 404);
    await readProblem(await post(target, [target]), 400);
    await readProblem(await post(target, []), 400);
    await merge(client, target, [source]);
    expect((await readProblem(await post(target, [source]), 409)).detail).toContain(target);
  });

  it("settles the conflicts between the leads and keeps those with others", async () => {
    const { client, unit, target, source } = await mintTwo();
    const third = await leadWith(client, "third@example.com", [view(1)]);
    await ingest(
      client,
      {
        lead_id: source,
        aliases: [
          { alias_kind: "email", raw_value: "target@example.com" },
          { alias_kind: "email", raw_value: "third@example.com" },
        ],
        event_type: "x",
      },
      { lead_id: third, aliases: [{ alias_kind: "email", raw_value: "source@example.com" }], event_type: "x" },
    );
    expect(await rowsOf(unit, "alias_conflicts")).toHaveLength(3);
    await merge(client, target, [source]);
    expect(await rowsOf(unit, "alias_conflicts", "value")).toMatchObject([
      { value: "source@example.com", lead_id: bare(third), owner_lead_id: bare(target) },
      { value: "third@example.com", lead_id: bare(target), owner_lead_id: bare(third) },
    ]);
  });
});

describe("at the same time", () => {
  it("an event for the source in flight during the merge ends at the target exactly once", async () => {
    const { client, unit, target, source } = await mintTwo();
    const messages = await queueEvents(client, asEmail("source@example.com", "Page View", { event_id: "by-alias" }), {
      lead_id: source,
      event_type: "Page View",
      event_id: "by-id",
    });
    await merge(client, target, [source]);
    await deliverEvents(messages);
    await deliverEvents(messages);
    const events = await rowsOf<{ event_id: string; lead_id: string; original_lead_id: string }>(unit, "events", "event_id");
    const late = events.filter(({ event_id }) => event_id.startsWith("by-"));
    expect(late).toMatchObject([
      { event_id: "by-alias", lead_id: bare(target), original_lead_id: bare(source) },
      { event_id: "by-id", lead_id: bare(target), original_lead_id: bare(source) },
    ]);
    expect(await scoreOf(client, target)).toBeCloseTo(60, 0);
  });

  it("of two merges one wins", async () => {
    const { client, unit, target, source } = await mintTwo();
    const post = (targetLeadId: string, sourceLeadIds: string[]) => client.post("/leads/merge", { targetLeadId, sourceLeadIds });
    const answers = await Promise.all([post(target, [source]), post(source, [target]), post(target, [source])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await rowsOf(unit, "leads")).toHaveLength(1);
    expect((await outcomeOf(unit)) !== null && (await storedEvents(unit)).events).toBe(5);
  });

  it("a merge with an Idempotency-Key is carried out once", async () => {
    const { client, target, source } = await mintTwo();
    const send = () =>
      client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: [source] }, { headers: { "Idempotency-Key": "merge-1" } });
    const first = await (await send()).json();
    const second = await send();
    expect([second.status, await second.json()]).toEqual([200, first]);
  });
});
