/** The watch list of a caller, and the saved filters of an org unit. */
import { beforeAll, describe, expect, it } from "vitest";
import { ingest, mintRule, mintRuleset } from "../../support/events";
import { type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

let tenant: Tenant;
let client: Client;
let lead: string;
type Watched = { watch_id: string; lead_id: string; score: number; score_change: number; prediction: string | null };
const watched = async (on = client) => (await (await on.get("/watched-leads")).json<{ watched_leads: Watched[] }>()).watched_leads;

beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
  lead = await mintLead(client, { email: "watched@example.com" });
  await mintRule(client, { event_type: "Page View", weight: 10 }, await mintRuleset(client, "Engagement"));
});

describe("the watch list", () => {
  it("keeps a lead once, shows how far its score has moved, and lets it go", async () => {
    await ingest(client, { lead_id: lead, event_type: "Page View" });
    const first = await client.post(`/leads/${lead}/watch`, { prediction: "will buy", prediction_notes: "asked for a quote" });
    expect(first.status).toBe(201);
    const { watch_id } = await first.json<Watched>();
    await ingest(client, { lead_id: lead, event_type: "Page View" });
    expect(await watched()).toEqual([
      {
        watch_id,
        lead_id: lead,
        prediction: "will buy",
        prediction_notes: "asked for a quote",
        watched_at: expect.any(String),
        outcome: "pending",
        outcome_at: null,
        score: 20,
        score_at_watch: 10,
        score_change: 10,
        last_event_at: expect.any(String),
      },
    ]);
    const again = await client.post(`/leads/${lead}/watch`, { prediction: "will not" });
    expect([again.status, (await again.json<Watched>()).watch_id]).toEqual([200, watch_id]);
    expect(await watched()).toMatchObject([{ prediction: "will not", prediction_notes: "asked for a quote", score_change: 10 }]);
    expect((await client.call("DELETE", `/leads/${lead}/watch`)).status).toBe(204);
    expect(await watched()).toEqual([]);
    await readProblem(await client.call("DELETE", `/leads/${lead}/watch`), 404);
  });

  it("is the caller's own, takes no body, and forgets a lead that is deleted", async () => {
    const gone = await mintLead(client, { email: "gone@example.com" });
    expect((await client.post(`/leads/${gone}/watch`)).status).toBe(201);
    const other = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "editor" });
    expect(await watched(other)).toEqual([]);
    await readProblem(await other.call("DELETE", `/leads/${gone}/watch`), 404);
    await client.call("DELETE", `/lead/${gone}`);
    expect(await watched()).toEqual([]);
    await readProblem(await client.post(`/leads/${gone}/watch`), 404);
    await readProblem(await client.post(`/leads/${lead}/watch`, { prediction: 5 }), 400);
  });

  it("costs two round trips and two written rows to add, one trip to show", async () => {
    await watched();
    const { DB, count } = countingD1();
    await client.post(`/leads/${lead}/watch`, undefined, { bindings: { DB } });
    expect([count.trips, count.rowsWritten]).toEqual([2, 2]);
    await client.get("/watched-leads", { bindings: { DB } });
    expect(count.trips).toBe(3);
  });
});

describe("saved filters", () => {
  it("keep list parameters as they were sent, for everybody in the unit", async () => {
    const criteria = {
      q: "jane",
      min_score: 50,
      last_active: "7d",
      "attr.plan": "pro",
      sort: "-score",
      updated_since: "2026-01-01T00:00:00Z",
    };
    const answer = await client.post("/filters", { name: "Hot", criteria });
    const filter = await answer.json<{ id: string }>();
    expect([answer.status, filter]).toEqual([
      201,
      { id: expect.stringMatching(/^flt_/), name: "Hot", criteria, created_at: expect.any(String) },
    ]);
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    expect(await (await viewer.get("/filters")).json()).toEqual({ filters: [filter] });
    expect((await client.call("DELETE", `/filters/${filter.id}`)).status).toBe(204);
    expect(await (await viewer.get("/filters")).json()).toEqual({ filters: [] });
    await readProblem(await client.call("DELETE", `/filters/${filter.id}`), 404);
  });

  it.each([
    [{ shoe_size: 5 }, "shoe_size"],
    [{ status: "gone" }, "status"],
    [{ min_score: "many" }, "min_score"],
    [{ updated_since: "yesterday" }, "updated_since"],
    [{ "attr.": "x" }, "attribute key"],
    [{ cursor: "c1_x" }, "cursor"],
    [{ sort: "shoe_size" }, "sort"],
    [{ q: { a: 1 } }, "q"],
  ])("%j is a 400 that names it", async (criteria, named) => {
    expect((await readProblem(await client.post("/filters", { name: "x", criteria }), 400)).detail).toContain(named);
  });
});
