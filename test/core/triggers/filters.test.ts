/** Triggers take the rules of segments as a filter: only leads that match fire, as the event leaves them. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { processEvents } from "../../../src/core/events";
import { openSystem } from "../../../src/open-context";
import { asEmail, firingsOf, ingest, mintRule, mintRuleset, mintUnitTenant, post, queueEvents } from "../../support/events";
import { type Client, mintLead } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

const PRO = { type: "lead_metadata", field: "plan", operator: "equals", value: "pro" };

let client: Client;
let unit: number;
beforeEach(async () => {
  ({ client, unit } = await mintUnitTenant());
  await mintRule(client, { event_type: "Page View", weight: 10 }, await mintRuleset(client));
});

const mint = (path: string, body: object) => post<{ id: string; filter: object }>(client, path, { name: "T", ...body });
const firedFor = async () => (await firingsOf(unit)).map(({ lead_id }) => `ld_${lead_id}`);

describe("a trigger with a filter", () => {
  it("fires only for leads that match, of every kind", async () => {
    const ada = await mintLead(client, { email: "ada@example.com" }, { plan: "pro" });
    await mintLead(client, { email: "bob@example.com" }, { plan: "free" });
    const shown = await mint("/triggers", { score_threshold: 10, filter: PRO });
    expect(shown.filter).toEqual(PRO);
    await mint("/sequences", { event_types: ["Page View"], window_seconds: 60, filter: PRO });
    await mint("/surge-triggers", { threshold: 1, window_seconds: 60, filter: PRO });
    await ingest(client, asEmail("ada@example.com"), asEmail("bob@example.com"));
    expect(await firedFor()).toEqual([ada, ada, ada]);
  });

  it("sees the lead as the event leaves it: its score's level, and a lead that did not match before may fire later", async () => {
    await post(client, "/engagement-levels", { name: "Warm", min_score: 20, max_score: 29 });
    await mint("/triggers", { score_threshold: 10, fire_mode: "always", filter: PRO });
    await mint("/surge-triggers", {
      threshold: 1,
      window_seconds: 1,
      filter: { type: "engagement_level", operator: "equals", value: "Warm" },
    });
    const at = (seconds: number) => ({ timestamp: new Date(Date.now() - seconds * 1000).toISOString() });
    await ingest(client, asEmail("ada@example.com", "Page View", at(100)));
    expect(await firedFor()).toEqual([]);
    await ingest(client, asEmail("ada@example.com", "Page View", at(50)));
    expect(await firedFor()).toHaveLength(1);
    await ingest(client, asEmail("ada@example.com", "Page View", at(10)));
    expect(await firedFor()).toHaveLength(1);
  });

  it("matches a new lead by what its first event says of it", async () => {
    await mint("/triggers", {
      score_threshold: 10,
      filter: { type: "lead", field: "email", operator: "ends_with", value: "@acme.example" },
    });
    await ingest(client, asEmail("ada@acme.example"), asEmail("bob@example.com"));
    expect(await firedFor()).toHaveLength(1);
  });

  it("may not ask for events or for sums over accounts", async () => {
    for (const filter of [
      { type: "event_count", operator: "greater_than", value: 1 },
      { not: { type: "account_level", operator: "is_empty" } },
      { type: "moon" },
      [],
    ]) {
      const problem = await readProblem(await client.post("/triggers", { name: "T", score_threshold: 10, filter }), 400);
      expect(problem.errors?.[0]?.path).toMatch(/filter/);
    }
  });

  it("costs one D1 round trip more; a unit whose triggers have none pays nothing", async () => {
    await mintLead(client, { email: "ada@example.com" }, { plan: "pro" });
    const trips = async () => {
      const messages = await queueEvents(client, asEmail("ada@example.com"));
      const { DB, count } = countingD1();
      const ctx = await openSystem({ ...env, DB }, unit, "req_test");
      count.trips = 0;
      await processEvents(ctx, (messages[0]?.events ?? []) as never, { silent: false });
      return count.trips;
    };
    await mint("/triggers", { score_threshold: 1_000 });
    const without = await trips();
    await mint("/triggers", { score_threshold: 1_000, filter: PRO });
    expect(await trips()).toBe(without + 1);
  });
});
