/** Quotas of an org unit: set by the operator, decided before any table of leads is touched. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { QUOTA_DEFAULTS, QUOTA_NAMES } from "../../../src/quotas";
import { mintScene } from "../../support/channels";
import { type LimitsView, limitsPath, operator, setLimits } from "../../support/limits";
import { type Client, mintClient, mintTenant, mintUnit, type Tenant } from "../../support/tenant";
import { countingD1, readProblem, request } from "../../support/worker";
import { mintWorkspace, readError } from "../../support/workspace";

let tenant: Tenant;
let client: Client;
beforeEach(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
});

const put = (json: unknown, path = limitsPath(tenant)) => operator.call("PUT", path, { json });

describe("setting", () => {
  it("GET lists every quota, all of them defaults at first", async () => {
    const response = await operator.get(limitsPath(tenant));
    expect([response.status, await response.json()]).toEqual([
      200,
      { organization_id: tenant.organization_id, unit_id: "unit_default", ...QUOTA_DEFAULTS, defaults: QUOTA_NAMES },
    ]);
  });

  it("PUT replaces what it names and leaves the rest; null is the default again", async () => {
    expect(await setLimits(tenant, { leads: 5, rules: 0 })).toMatchObject({ leads: 5, rules: 0, triggers: QUOTA_DEFAULTS.triggers });
    const changed = await setLimits(tenant, { rules: 7, leads: null });
    expect(changed).toMatchObject({ leads: QUOTA_DEFAULTS.leads, rules: 7 });
    expect(changed.defaults).toEqual(QUOTA_NAMES.filter((name) => name !== "rules"));
    expect(await (await operator.get(limitsPath(tenant))).json()).toEqual(changed);
    expect(await setLimits(tenant, {})).toEqual(changed);
  });

  it("of two at once, neither undoes the other", async () => {
    await Promise.all(QUOTA_NAMES.map((name, index) => setLimits(tenant, { [name]: 1000 + index })));
    const found = await (await operator.get(limitsPath(tenant))).json<LimitsView>();
    expect(QUOTA_NAMES.map((name) => found[name])).toEqual(QUOTA_NAMES.map((_, index) => 1000 + index));
  });

  it.each<[unknown, string, RegExp]>([
    [{ leads: -1 }, "leads", /must not be negative \(got -1\)/],
    [{ leads: 1.5 }, "leads", /whole number/],
    [{ leads: "5" }, "leads", /whole number/],
    [{ events_per_day: 1e13 }, "events_per_day", /at most/],
    [{ nothing: 1 }, "nothing", /not a known field/],
    [[], "", /./],
  ])("refuses %j", async (json, path, message) => {
    const { errors } = await readProblem(await put(json), 400);
    expect(errors).toEqual([{ path, message: expect.stringMatching(message) }]);
    expect((await (await operator.get(limitsPath(tenant))).json<LimitsView>()).defaults).toEqual(QUOTA_NAMES);
  });

  it("leaves an entry in the audit log, a refusal none", async () => {
    await setLimits(tenant, { leads: 5 });
    await put({ leads: -1 });
    const { entries } = await (await operator.get(`/admin/audit?organization_id=${tenant.organization_id}`)).json<{
      entries: { action: string; target_id: string; actor: { kind: string } }[];
    }>();
    const changes = entries.filter(({ action }) => action === "limits.changed");
    expect(changes).toMatchObject([{ target_id: "unit_default", actor: { kind: "operator" } }]);
  });

  it("is the operator's alone, and of units that exist", async () => {
    const json = { leads: 5 };
    expect((await client.call("PUT", limitsPath(tenant), { json })).status).toBe(401);
    expect((await request(limitsPath(tenant))).status).toBe(401);
    expect((await put(json, limitsPath(tenant, "unit_other"))).status).toBe(404);
    const other = await mintTenant();
    const unitId = await mintUnit(other, "Only theirs");
    expect((await put(json, limitsPath(tenant, unitId))).status).toBe(404);
  });
});

describe("requests_per_second", () => {
  it("over it: 429 that names the quota, Retry-After, and no query; other units are not affected", async () => {
    await setLimits(tenant, { requests_per_second: 3 });
    const other = await mintTenant();
    const { DB, count } = countingD1();
    const look = (at: Client = client, bindings: Partial<Env> = {}) => at.get("/lead/by-alias?value=a@example.com", { bindings });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await look()).status);
    const refused = await look(client, { DB });
    expect([...statuses, refused.status]).toEqual([404, 404, 404, 429]);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await readProblem(refused, 429)).toMatchObject({
      code: "rate_limited",
      detail: "The quota requests_per_second of this org unit is used up: at most 3",
    });
    expect(count.trips).toBe(0);
    expect((await look(other.client)).status).toBe(404);
    await setLimits(tenant, { requests_per_second: null });
    expect((await look()).status).toBe(404);
  });

  it("holds in the workspace and partner dialects in their own words", async () => {
    const ws = await mintWorkspace();
    const scene = await mintScene();
    await setLimits(ws.tenant, { requests_per_second: 0 });
    await setLimits(scene.tenant, { requests_per_second: 0 });
    const response = await ws.client.get("/api/v1/leads");
    expect(response.headers.get("Retry-After")).toBe("60");
    expect(await readError(response, 429)).toMatchObject({
      code: "RATE_LIMIT_EXCEEDED",
      error: expect.stringContaining("requests_per_second"),
    });
    const refused = await scene.call("get_leads", { channel_id: scene.channel.channel_id });
    expect([refused.status, refused.headers.get("Retry-After"), await refused.json()]).toEqual([
      429,
      "60",
      { error: "The quota requests_per_second of this org unit is used up: at most 0" },
    ]);
    // an id that the directory does not have is searched in the home units: a request against the rate of each
    expect((await scene.call("get_lead_by_legacy_id", { legacy_id: 424_242 })).status).toBe(429);
  });
});

describe("definitions", () => {
  const creations: Record<string, (client: Client, n: number) => Promise<Response>> = {
    rulesets: (at, n) => at.post("/engagement-scoring/rulesets", { name: `R${n}` }),
    triggers: (at, n) => at.post("/triggers", { name: `T${n}`, score_threshold: 50 }),
    channels: (at, n) =>
      at.post("/notification-channels", { name: `C${n}`, type: "webhook", config: { url: `https://hooks.example.com/${n}` } }),
    levels: (at, n) =>
      at.post("/engagement-levels", { name: `L${n}`, min_score: 10 * n, max_score: 10 * n + 9, color: "#112233", position: n }),
    profile_fields: (at, n) => at.post("/profile-fields", { name: `field_${n}` }),
  };

  it.each(Object.entries(creations))(
    "%s: of 2N at once exactly N pass, the others are a 409 that names it; raised, there is room",
    async (quota, create) => {
      await setLimits(tenant, { [quota]: 3 });
      const responses = await Promise.all(Array.from({ length: 6 }, (_, n) => create(client, n)));
      expect(responses.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409]);
      const refused = responses.find(({ status }) => status === 409) as Response;
      expect((await readProblem(refused, 409)).detail).toBe(`The quota ${quota} of this org unit is used up: at most 3`);
      const other = await mintClient(tenant.organization_id, { unit_id: await mintUnit(tenant, `Other ${quota}`) });
      expect((await create(other, 0)).status).toBe(201);
      await setLimits(tenant, { [quota]: 4 });
      expect([(await create(client, 7)).status, (await create(client, 8)).status]).toEqual([201, 409]);
    },
  );

  it("rules: in all rulesets together", async () => {
    const rulesets = await Promise.all([0, 1].map(async (n) => (await creations.rulesets?.(client, n))?.json<{ id: string }>()));
    await setLimits(tenant, { rules: 2 });
    const rule = (n: number) => client.post(`/engagement-scoring/rulesets/${rulesets[n % 2]?.id}/rules`, { event_type: "x", weight: 1 });
    const statuses = await Promise.all([0, 1, 2, 3].map(async (n) => (await rule(n)).status));
    expect(statuses.sort()).toEqual([201, 201, 409, 409]);
  });

  it("a channel that a trigger owns does not count", async () => {
    await setLimits(tenant, { channels: 1 });
    expect((await client.post("/triggers", { name: "T", score_threshold: 5, webhook_url: "https://hooks.example.com/t" })).status).toBe(
      201,
    );
    expect((await creations.channels?.(client, 1))?.status).toBe(201);
  });

  it("an overlapping level is still an overlap, and the guards hold no row", async () => {
    expect((await creations.levels?.(client, 1))?.status).toBe(201);
    expect((await readProblem((await creations.levels?.(client, 1)) as Response, 409)).detail).toContain("overlaps");
    expect(await env.DB.prepare("SELECT count(*) AS n FROM quota_guards").first("n")).toBe(0);
  });
});
