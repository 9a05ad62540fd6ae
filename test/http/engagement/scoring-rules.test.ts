/** Rulesets, rules and levels: what may be said of them, what each change does to scores, and the dry run. */
import { describe, expect, it } from "vitest";
import { asEmail, getReceipt, ingest, mintRule, mintRuleset, mintUnitTenant, post, rowsOf, scoreOf } from "../../support/events";
import { type Client, mintClient, mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const RULESETS = "/engagement-scoring/rulesets";
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const UNKNOWN = "rs_0193f3a2c7b07aa18000c0ffee123456";

const put = (client: Client, path: string, json: unknown) => client.call("PUT", path, { json });
const remove = (client: Client, path: string) => client.call("DELETE", path);
const leadOf = async (client: Client, ...events: Parameters<typeof ingest>[1][]): Promise<string> => {
  const ids = await ingest(client, ...events);
  return (await getReceipt(client, ids[0] ?? "")).lead_id ?? "";
};

describe("changes of different fields at once", () => {
  it.each<[string, (client: Client) => Promise<string>, Record<string, unknown>]>([
    [RULESETS, (client) => mintRuleset(client), { name: "Renamed", active: false, starts_at: "2026-01-01T00:00:00.000Z" }],
    [
      "/rules",
      (client) => mintRule(client, { event_type: "x", weight: 1 }),
      { event_type: "y", weight: 5, active: false, half_life_days: 7, attribute_filters: [{ field: "a", operator: "exists" }] },
    ],
    [
      "/engagement-levels",
      async (client) => (await post<{ id: string }>(client, "/engagement-levels", { name: "Hot", min_score: 50 })).id,
      { name: "Very hot", min_score: 60, max_score: 70, color: "#ff0000", order: 4 },
    ],
  ])("all land: %s", async (path, mint, fields) => {
    const { client } = await mintTenant();
    const id = await mint(client);
    const answers = await Promise.all(Object.entries(fields).map(([field, value]) => put(client, `${path}/${id}`, { [field]: value })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    // a change that repeats what is there shows what the others have left
    expect(await (await put(client, `${path}/${id}`, Object.fromEntries(Object.entries(fields).slice(0, 1)))).json()).toMatchObject(fields);
  });
});

describe("rulesets", () => {
  it("are created, read, listed in the order of their creation, changed and deleted", async () => {
    const { client } = await mintTenant();
    const made = await post<{ id: string }>(client, RULESETS, { name: " Engagement " });
    expect(made).toEqual({
      id: expect.stringMatching(/^rs_[0-9a-f]{32}$/),
      name: "Engagement",
      active: true,
      starts_at: null,
      ends_at: null,
      created_at: TIME,
      updated_at: TIME,
    });
    const campaign = { name: "Campaign", active: false, starts_at: "2026-01-01T00:00:00+01:00", ends_at: "2026-02-01T00:00:00Z" };
    const other = await post<{ id: string }>(client, RULESETS, campaign);
    expect(other).toMatchObject({ ...campaign, starts_at: "2025-12-31T23:00:00.000Z", ends_at: "2026-02-01T00:00:00.000Z" });
    expect(await (await client.get(`${RULESETS}/${made.id}`)).json()).toEqual(made);
    expect(await (await client.get(RULESETS)).json()).toEqual({ rulesets: [made, other] });

    const changed = await put(client, `${RULESETS}/${other.id}`, { active: true, ends_at: null });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toEqual({ ...other, active: true, ends_at: null, updated_at: TIME });
    expect((await remove(client, `${RULESETS}/${other.id}`)).status).toBe(204);
    await readProblem(await client.get(`${RULESETS}/${other.id}`), 404);
    await readProblem(await remove(client, `${RULESETS}/${other.id}`), 404);
    await readProblem(await put(client, `${RULESETS}/${other.id}`, { active: true }), 404);
    expect(await (await client.get(RULESETS)).json()).toEqual({ rulesets: [made] });
  });

  it.each<[unknown, string]>([
    [{}, "name"],
    [{ name: "" }, "name"],
    [{ name: "x".repeat(101) }, "name"],
    [{ name: 5 }, "name"],
    [{ name: "x", active: "yes" }, "active"],
    [{ name: "x", starts_at: "tomorrow" }, "starts_at"],
    [{ name: "x", ends_at: "2026-02-30T00:00:00Z" }, "ends_at"],
    [{ name: "x", starts_at: "2026-02-01T00:00:00Z", ends_at: "2026-02-01T00:00:00Z" }, "ends_at"],
  ])("%j is refused", async (body, path) => {
    const { client } = await mintTenant();
    expect((await readProblem(await client.post(RULESETS, body), 400)).errors).toMatchObject([{ path }]);
  });

  it("a period is in RFC 3339, its letters in either case", async () => {
    const { client } = await mintTenant();
    const answer = await client.post("/engagement-scoring/rulesets", { name: "May", starts_at: "2026-05-01t00:00:00z", ends_at: null });
    expect(await answer.json()).toMatchObject({ starts_at: "2026-05-01T00:00:00.000Z", ends_at: null });
    for (const starts_at of ["2026-05-01", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-01:00", 5]) {
      await readProblem(await client.post("/engagement-scoring/rulesets", { name: "May", starts_at }), 400);
    }
  });

  it("an empty change, or that makes the time run backwards, is refused", async () => {
    const { client } = await mintTenant();
    const { id } = await post<{ id: string }>(client, RULESETS, { name: "x", ends_at: "2026-02-01T00:00:00Z" });
    for (const body of [{}, { unknown: 1 }])
      expect((await readProblem(await put(client, `${RULESETS}/${id}`, body), 400)).detail).toContain("at least one of");
    await readProblem(await put(client, `${RULESETS}/${id}`, { starts_at: "2026-02-02T00:00:00Z" }), 400);
  });

  it("one that is deleted or inactive scores no new event, and takes no point away", async () => {
    const { client } = await mintTenant();
    const [resting, deleted, kept] = [await mintRuleset(client, "a"), await mintRuleset(client, "b"), await mintRuleset(client, "c")];
    for (const [ruleset, weight] of [
      [resting, 100],
      [deleted, 10],
      [kept, 1],
    ] as const)
      await mintRule(client, { event_type: "x", weight }, ruleset);
    const lead = await leadOf(client, asEmail("a@example.com", "x"));
    expect(await scoreOf(client, lead)).toBe(111);
    expect((await put(client, `${RULESETS}/${resting}`, { active: false })).status).toBe(200);
    expect((await remove(client, `${RULESETS}/${deleted}`)).status).toBe(204);
    expect(await scoreOf(client, lead)).toBe(111);
    await ingest(client, asEmail("a@example.com", "x"));
    expect(await (await client.get(`/score/${lead}`)).json()).toMatchObject({
      score: 112,
      ruleset_id: resting,
      engagement_scores: { [resting]: 100, [deleted]: 10, [kept]: 2 },
    });
    await readProblem(await client.get(`${RULESETS}/${deleted}/rules`), 404);
    await readProblem(await client.post(`${RULESETS}/${deleted}/rules`, { event_type: "x", weight: 1 }), 404);
    // what a deleted ruleset has scored is still explained
    const { top_drivers } = await (await client.get(`/lead/${lead}/score-explain`)).json<{ top_drivers: { total: number }[] }>();
    expect(top_drivers.map(({ total }) => total)).toEqual([100, 10, 2]);
  });

  it("their time is that of the events, not of their arrival", async () => {
    const { client } = await mintTenant();
    const { id } = await post<{ id: string }>(client, RULESETS, {
      name: "January",
      starts_at: "2026-01-01T00:00:00Z",
      ends_at: "2026-02-01T00:00:00Z",
    });
    await mintRule(client, { event_type: "x", weight: 1 }, id);
    await mintRule(client, { event_type: "x", weight: 10, starts_at: "2026-01-15T00:00:00Z" }, id);
    const times = [
      "2025-12-31T23:59:59.999Z",
      "2026-01-01T00:00:00Z",
      "2026-01-15T00:00:00Z",
      "2026-01-31T23:59:59.999Z",
      "2026-02-01T00:00:00Z",
    ];
    const lead = await leadOf(client, ...times.map((timestamp) => asEmail("a@example.com", "x", { timestamp })));
    expect(await scoreOf(client, lead)).toBe(1 + 11 + 11);
  });
});

describe("rules", () => {
  it("are created, listed, changed and deleted", async () => {
    const { client } = await mintTenant();
    const ruleset_id = await mintRuleset(client);
    const body = {
      event_type: "Page View",
      weight: 10,
      half_life_days: 14,
      attribute_filters: [
        { field: "path", operator: "contains", value: "/pricing" },
        { field: "coupon", operator: "exists" },
      ],
    };
    const made = await post<{ id: string }>(client, `${RULESETS}/${ruleset_id}/rules`, body);
    expect(made).toEqual({
      id: expect.stringMatching(/^rule_[0-9a-f]{32}$/),
      ruleset_id,
      ...body,
      active: true,
      starts_at: null,
      ends_at: null,
      created_at: TIME,
      updated_at: TIME,
    });
    const plain = await post<{ id: string }>(client, `${RULESETS}/${ruleset_id}/rules`, { event_type: "x", weight: -5 });
    expect(plain).toMatchObject({ weight: -5, half_life_days: null, attribute_filters: [] });
    expect(await (await client.get(`${RULESETS}/${ruleset_id}/rules`)).json()).toEqual({ rules: [made, plain] });
    const changed = await put(client, `/rules/${made.id}`, { weight: 15, half_life_days: null });
    expect([changed.status, await changed.json()]).toEqual([200, { ...made, weight: 15, half_life_days: null, updated_at: TIME }]);
    expect((await remove(client, `/rules/${made.id}`)).status).toBe(204);
    for (const answer of [await remove(client, `/rules/${made.id}`), await put(client, `/rules/${made.id}`, { weight: 1 })])
      await readProblem(answer, 404);
    expect(await (await client.get(`${RULESETS}/${ruleset_id}/rules`)).json()).toEqual({ rules: [plain] });
  });

  it.each<[Record<string, unknown>, string]>([
    [{ weight: 1.5 }, "weight"],
    [{ weight: "10" }, "weight"],
    [{ weight: null }, "weight"],
    [{ weight: 1_000_001 }, "weight"],
    [{ weight: -1_000_001 }, "weight"],
    [{ event_type: "" }, "event_type"],
    [{ event_type: "x".repeat(129) }, "event_type"],
    [{ half_life_days: 0 }, "half_life_days"],
    [{ half_life_days: -1 }, "half_life_days"],
    [{ half_life_days: 0.000001 }, "half_life_days"],
    [{ half_life_days: 36_501 }, "half_life_days"],
    [{ half_life_days: "14" }, "half_life_days"],
    [{ active: 1 }, "active"],
    [{ starts_at: "2026-02-01" }, "starts_at"],
    [{ starts_at: "2026-02-01T00:00:00Z", ends_at: "2026-01-01T00:00:00Z" }, "ends_at"],
    [{ attribute_filters: {} }, "attribute_filters"],
    [{ attribute_filters: [{ field: "", operator: "equals", value: "x" }] }, "attribute_filters.0.field"],
    [{ attribute_filters: [{ field: "a", operator: "like", value: "x" }] }, "attribute_filters.0.operator"],
    [{ attribute_filters: [{ field: "a", operator: "equals" }] }, "attribute_filters.0.value"],
    [{ attribute_filters: [{ field: "a", operator: "equals", value: { b: 1 } }] }, "attribute_filters.0.value"],
    [{ attribute_filters: Array.from({ length: 21 }, () => ({ field: "a", operator: "exists" })) }, "attribute_filters"],
  ])("%j is refused, when it is made and when it is changed", async (wrong, path) => {
    const { client } = await mintTenant();
    const ruleset = await mintRuleset(client);
    const rule = await mintRule(client, { event_type: "x", weight: 1 }, ruleset);
    const paths = async (answer: Response) => new Set((await readProblem(answer, 400)).errors?.map((error) => error.path));
    expect(await paths(await client.post(`${RULESETS}/${ruleset}/rules`, { event_type: "x", weight: 1, ...wrong }))).toEqual(
      new Set([path]),
    );
    expect(await paths(await put(client, `/rules/${rule}`, wrong))).toEqual(new Set([path]));
  });

  it("need an event type and a weight, a change needs something", async () => {
    const { client } = await mintTenant();
    const rule = await mintRule(client, { event_type: "x", weight: 1 });
    const { errors } = await readProblem(await client.post(`${RULESETS}/${await mintRuleset(client)}/rules`, {}), 400);
    expect(errors?.map(({ path }) => path)).toEqual(["event_type", "weight"]);
    await readProblem(await put(client, `/rules/${rule}`, {}), 400);
    await readProblem(await client.post(`${RULESETS}/${UNKNOWN}/rules`, { event_type: "x", weight: 1 }), 404);
    await readProblem(await client.get(`${RULESETS}/${UNKNOWN}/rules`), 404);
  });

  it("a viewer reads them and changes none", async () => {
    const { client, organization_id } = await mintTenant();
    const ruleset = await mintRuleset(client);
    const rule = await mintRule(client, { event_type: "x", weight: 1 }, ruleset);
    const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
    expect((await viewer.get(`${RULESETS}/${ruleset}/rules`)).status).toBe(200);
    for (const answer of [
      await viewer.post(RULESETS, { name: "x" }),
      await put(viewer, `${RULESETS}/${ruleset}`, { active: false }),
      await remove(viewer, `${RULESETS}/${ruleset}`),
      await viewer.post(`${RULESETS}/${ruleset}/rules`, { event_type: "x", weight: 1 }),
      await put(viewer, `/rules/${rule}`, { weight: 2 }),
      await remove(viewer, `/rules/${rule}`),
      await viewer.post("/engagement-levels", { name: "Cold", min_score: 0 }),
    ])
      await readProblem(answer, 403);
  });

  it("all that match add their weight; the type is matched in any spelling, filters decide on metadata", async () => {
    const { client } = await mintTenant();
    await mintRule(client, { event_type: "page_view", weight: 10 });
    await mintRule(client, {
      event_type: "Page View",
      weight: 5,
      attribute_filters: [{ field: "path", operator: "contains", value: "/pricing" }],
    });
    await mintRule(client, { event_type: "PAGE VIEW", weight: -1, active: false });
    const lead = await leadOf(
      client,
      asEmail("a@example.com", "Page View", { metadata: { path: "/pricing" } }),
      asEmail("a@example.com", "page_view"),
    );
    expect(await scoreOf(client, lead)).toBe(25);
  });
});

describe("the dry run", () => {
  const tryRule = (client: Client, lead_id: string, rule: unknown) => client.post("/engagement-scoring/test", { lead_id, rule });

  it("50 and three matching events of weight 10 make 80; nothing is saved", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintRule(client, { event_type: "Demo Request", weight: 50 });
    const views = ["/pricing", "/pricing/plans", "/blog", "/pricing", "/"].map((path) =>
      asEmail("a@example.com", "Page View", { metadata: { path } }),
    );
    const lead = await leadOf(client, asEmail("a@example.com", "Demo Request"), ...views);
    const before = [await rowsOf(unit, "contributions"), await rowsOf(unit, "lead_scores"), await rowsOf(unit, "rules")];
    const answer = await tryRule(client, lead, {
      event_type: "page_view",
      weight: 10,
      attribute_filters: [{ field: "path", operator: "contains", value: "/pricing" }],
    });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        matches: true,
        reason: "3 of 5 events of type page_view match",
        current_score: 50,
        projected_score: 80,
        matching_events: 3,
        truncated: false,
      },
    ]);
    expect([await rowsOf(unit, "contributions"), await rowsOf(unit, "lead_scores"), await rowsOf(unit, "rules")]).toEqual(before);
  });

  it("says why nothing matches", async () => {
    const { client } = await mintTenant();
    const lead = await leadOf(client, asEmail("a@example.com", "Page View"));
    const nothing = { matches: false, current_score: 0, projected_score: 0, matching_events: 0, truncated: false };
    expect(await (await tryRule(client, lead, { event_type: "Other", weight: 10 })).json()).toEqual({
      ...nothing,
      reason: expect.stringContaining("no event"),
    });
    const filtered = { event_type: "Page View", weight: 10, attribute_filters: [{ field: "path", operator: "exists" }] };
    expect(await (await tryRule(client, lead, filtered)).json()).toEqual({ ...nothing, reason: expect.stringContaining("none matches") });
  });

  it("fades as the rule would", async () => {
    const { client } = await mintTenant();
    const day = new Date(Date.now() - 14 * 86_400_000).toISOString();
    const lead = await leadOf(client, asEmail("a@example.com", "Page View", { timestamp: day }));
    const rule = { event_type: "Page View", weight: 10, half_life_days: 14 };
    expect(await (await tryRule(client, lead, rule)).json()).toMatchObject({ projected_score: 5, matching_events: 1 });
  });

  it("wants a lead of the unit and a whole rule; a viewer may try", async () => {
    const { client, organization_id } = await mintTenant();
    const lead = await leadOf(client, asEmail("a@example.com"));
    await readProblem(await tryRule((await mintTenant()).client, lead, { event_type: "x", weight: 1 }), 404);
    await readProblem(await tryRule(client, "ld_abc123", { event_type: "x", weight: 1 }), 404);
    for (const rule of [undefined, {}, { event_type: "x" }, { event_type: "x", weight: 0.5 }])
      await readProblem(await tryRule(client, lead, rule), 400);
    const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
    expect((await tryRule(viewer, lead, { event_type: "x", weight: 1 })).status).toBe(200);
  });
});

describe("engagement levels", () => {
  const LEVELS = "/engagement-levels";

  it("are created, listed in their order, changed and deleted", async () => {
    const { client } = await mintTenant();
    const hot = await post<{ id: string }>(client, LEVELS, { name: "Hot", min_score: 50, max_score: 74, color: "#f97316", order: 3 });
    expect(hot).toEqual({ id: expect.stringMatching(/^lvl_/), name: "Hot", min_score: 50, max_score: 74, color: "#f97316", order: 3 });
    const open = await post<{ id: string }>(client, LEVELS, { name: "Very Hot", min_score: 75 });
    expect(open).toMatchObject({ max_score: null, color: "#64748b", order: 0 });
    expect(await (await client.get(LEVELS)).json()).toEqual({ levels: [open, hot] });
    const changed = await put(client, `${LEVELS}/${open.id}`, { order: 4, min_score: 80 });
    expect([changed.status, await changed.json()]).toEqual([200, { ...open, order: 4, min_score: 80 }]);
    expect(await (await client.get(LEVELS)).json()).toMatchObject({ levels: [{ name: "Hot" }, { name: "Very Hot" }] });
    expect((await remove(client, `${LEVELS}/${hot.id}`)).status).toBe(204);
    await readProblem(await remove(client, `${LEVELS}/${hot.id}`), 404);
    await readProblem(await put(client, `${LEVELS}/${hot.id}`, { order: 1 }), 404);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ min_score: 0 }, "name"],
    [{ name: "x" }, "min_score"],
    [{ name: "", min_score: 0 }, "name"],
    [{ name: "x".repeat(51), min_score: 0 }, "name"],
    [{ name: "x", min_score: 0.5 }, "min_score"],
    [{ name: "x", min_score: 0, max_score: 9.5 }, "max_score"],
    [{ name: "x", min_score: 10, max_score: 9 }, "max_score"],
    [{ name: "x", min_score: 0, color: "red" }, "color"],
    [{ name: "x", min_score: 0, order: "1" }, "order"],
  ])("%j is refused", async (body, path) => {
    const { client } = await mintTenant();
    expect((await readProblem(await client.post(LEVELS, body), 400)).errors).toMatchObject([{ path }]);
  });

  it("a name that the database would not give back is refused; any other can be changed", async () => {
    const { client } = await mintTenant();
    for (const name of ["\ud800", "a\u0000b"]) {
      const refused = await readProblem(await client.post("/engagement-levels", { name, min_score: 0 }), 400);
      expect(refused.errors?.[0]?.path).toBe("name");
    }
    const { id } = await post<{ id: string }>(client, "/engagement-levels", { name: "Émile 李 👋", min_score: 0 });
    expect((await put(client, `/engagement-levels/${id}`, { min_score: 5 })).status).toBe(200);
    expect(await (await put(client, `/engagement-levels/${id}`, { name: "Cold" })).json()).toMatchObject({ name: "Cold", min_score: 5 });
  });

  it("never overlap: not when created, not when changed, not by two requests at once", async () => {
    const { client } = await mintTenant();
    const warm = await post<{ id: string }>(client, LEVELS, { name: "Warm", min_score: 25, max_score: 49 });
    for (const [min_score, max_score] of [
      [25, 49],
      [0, 25],
      [49, 60],
      [30, 40],
      [0, null],
      [49, null],
      [0, 100],
    ])
      expect((await readProblem(await client.post(LEVELS, { name: "x", min_score, max_score }), 409)).code).toBe("conflict");
    const cold = await post<{ id: string }>(client, LEVELS, { name: "Cold", min_score: 0, max_score: 24 });
    await post(client, LEVELS, { name: "Hot", min_score: 50 });
    await readProblem(await put(client, `${LEVELS}/${cold.id}`, { max_score: 25 }), 409);
    await readProblem(await put(client, `${LEVELS}/${cold.id}`, { max_score: null }), 409);
    await readProblem(await put(client, `${LEVELS}/${warm.id}`, { min_score: 24 }), 409);
    await readProblem(await put(client, `${LEVELS}/${warm.id}`, { min_score: 50 }), 400);
    // its own range is no other's
    expect((await put(client, `${LEVELS}/${warm.id}`, { min_score: 26 })).status).toBe(200);
    await readProblem(await put(client, `${LEVELS}/${warm.id}`, {}), 400);

    const { client: other } = await mintTenant();
    const racing = await Promise.all([0, 5, 9, 3, 7].map((min_score) => other.post(LEVELS, { name: "x", min_score, max_score: 10 })));
    expect(racing.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(await (await other.get(LEVELS)).json()).toMatchObject({ levels: [{ max_score: 10 }] });
  });

  it("a score shows the level that holds its whole points", async () => {
    const { client } = await mintTenant();
    for (const [name, min_score, max_score] of [
      ["Cold", 0, 24],
      ["Warm", 25, 49],
      ["Hot", 50, null],
    ] as const)
      await post(client, LEVELS, { name, min_score, max_score });
    await mintRule(client, { event_type: "Bounce", weight: -1 });
    await mintRule(client, { event_type: "x", weight: 25, half_life_days: 10_000 });
    const levelOf = async (lead: string) =>
      (await (await client.get(`/score/${lead}`)).json<{ level: { name: string } | null }>()).level?.name ?? null;
    const [yesterday, longAgo] = [1, 100].map((days) => new Date(Date.now() - days * 86_400_000).toISOString());
    const lead = await leadOf(client, asEmail("a@example.com", "x", { timestamp: yesterday }));
    // 24.998 by now, shown as 25
    expect(await levelOf(lead)).toBe("Warm");
    expect(await levelOf(await leadOf(client, asEmail("d@example.com", "x", { timestamp: longAgo })))).toBe("Cold");
    await ingest(client, asEmail("a@example.com", "x"), asEmail("a@example.com", "x"));
    expect(await levelOf(lead)).toBe("Hot");
    expect(await levelOf(await leadOf(client, asEmail("b@example.com", "Bounce")))).toBeNull();
    expect(await levelOf(await leadOf(client, asEmail("c@example.com", "nothing")))).toBe("Cold");
  });
});
