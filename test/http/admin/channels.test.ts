/** Channels by the operator: what is set is what is shown and what holds, and nothing half of it. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { type Channel, getLead, mintChannel, mintChannelLead, mintPartner, mintScene, ok, type Scene } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { bearerClient, mintTenant, mintUnit, type Tenant } from "../../support/tenant";
import { apiOperations, readProblem } from "../../support/worker";

const operator = bearerClient("test-admin-token");
const PATH = "/admin/channels";
const put = (path: string, json: unknown) => operator.call("PUT", path, { json });
const UNKNOWN = "0193f3a2-c7b0-4aa1-8000-c0ffee123456";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await mintTenant();
});
const home = () => ({ organization_id: tenant.organization_id, unit_id: "unit_default" });
const create = (json: Record<string, unknown> = {}) =>
  operator.post(PATH, { title: "T", home: home(), creator: tenant.company_id, ...json });
const created = async (json: Record<string, unknown> = {}): Promise<Channel & Record<string, unknown>> => {
  const answer = await create(json);
  expect(answer.status, await answer.clone().text()).toBe(201);
  return answer.json();
};
const hooks = async () =>
  (
    await env.DB.prepare(
      "SELECT owner, name, config, secret FROM notification_channels WHERE unit = ?1 AND owner IS NOT NULL ORDER BY owner",
    )
      .bind(await unitKeyOf(tenant))
      .all<{ owner: string; name: string; config: string; secret: string }>()
  ).results;

describe("creating", () => {
  it("returns the channel with all its ids, as it is read afterwards", async () => {
    const other = await mintTenant();
    const answer = await create({
      partner: other.organization_id,
      receiving: other.company_id.toUpperCase(),
      currency: "EUR",
      no_auth_api: true,
      property_definitions: [{ name: "A" }, { name: "B", type: "select", order: 9, visible: false, active: false }, { name: "C" }],
      lead_status: [{ status: "In" }, { status: "Out", color: "#000000", visible: false }],
    });
    const { signing_secrets, ...channel } = await answer.json<Channel & Record<string, unknown>>();
    expect([answer.status, answer.headers.get("Location"), signing_secrets]).toEqual([201, `${PATH}/${channel.channel_id}`, {}]);
    expect(channel).toMatchObject({
      title: "T",
      home: home(),
      creator: tenant.company_id,
      partner: other.company_id,
      referring: null,
      receiving: other.company_id,
      currency: "EUR",
      no_auth_api: true,
      property_definitions: [
        { name: "A", type: "text", order: 1, visible: true, active: true },
        { name: "C", order: 3 },
        { name: "B", type: "select", order: 9, visible: false, active: false },
      ],
      lead_status: [
        { status: "In", order: 1, color: "#3B82F6", visible: true },
        { status: "Out", order: 2, color: "#000000", visible: false },
      ],
      archived_at: null,
    });
    expect(await ok(operator.get(`${PATH}/${channel.channel_id}`))).toEqual(channel);
    expect(await ok(operator.get(`${PATH}/${channel.channel_id.toUpperCase()}`))).toEqual(channel);
    const { channels, total } = await ok<{ channels: unknown[]; total: number }>(operator.get(`${PATH}?limit=1`));
    expect([channels, total >= 1]).toEqual([[channel], true]);
    expect(await ok(operator.get(`${PATH}?page=1000`))).toEqual({ channels: [], page: 1000, limit: 20, total });
  });

  it("a channel always has a status", async () => {
    expect((await created({ lead_status: [] })).lead_status).toMatchObject([{ status: "New lead", order: 1 }]);
    expect((await created()).lead_status).toMatchObject([{ status: "New lead" }]);
  });

  it.each([
    [{ title: "" }, "title"],
    [{ title: 5 }, "title"],
    [{ creator: "org_nobody" }, "creator"],
    [{ creator: null }, "creator"],
    [{ partner: UNKNOWN }, "partner"],
    [{ currency: "euro" }, "currency"],
    [{ no_auth_api: "yes" }, "no_auth_api"],
    [{ property_definitions: [{ type: "text" }] }, "property_definitions.0.name"],
    [{ property_definitions: [{ name: "A" }, { name: "A" }] }, "property_definitions"],
    [{ property_definitions: [{ id: UNKNOWN, name: "A" }] }, "property_definitions.0.id"],
    [{ property_definitions: Array.from({ length: 1001 }, (_, n) => ({ name: `n${n}` })) }, "property_definitions"],
    [{ lead_status: [{ status: "" }] }, "lead_status.0.status"],
    [{ lead_status: [{ color: "#000000" }] }, "lead_status.0.status"],
    [{ lead_status: [{ status: "A", color: "red" }] }, "lead_status.0.color"],
    [{ lead_status: [{ status: "A", order: -1 }] }, "lead_status.0.order"],
    [{ webhook_new_lead: "http://127.0.0.1/" }, "webhook_new_lead"],
    [{ webhook_status_update: "https://169.254.169.254/latest" }, "webhook_status_update"],
    [{ webhook_status_update: "nonsense" }, "webhook_status_update"],
  ])("%j is a 400 that names it, and nothing is made", async (json, path) => {
    const rows = async () =>
      env.DB.prepare("SELECT (SELECT count(*) FROM channels) || ' ' || (SELECT count(*) FROM notification_channels) AS n").first("n");
    const before = await rows();
    const { errors } = await readProblem(await create(json), 400);
    expect(errors?.map((problem) => problem.path)).toContain(path);
    expect(await rows()).toBe(before);
  });

  it("a home that is not there is 404, without a token it is 401", async () => {
    await readProblem(await create({ home: { ...home(), unit_id: "unit_nowhere" } }), 404);
    await readProblem(await create({ home: { organization_id: "org_nobody", unit_id: "unit_default" } }), 404);
    await readProblem(await tenant.client.post(PATH, {}), 401);
    await readProblem(await tenant.client.get(PATH), 401);
  });

  it("a description of more than 1 MB is 413", async () => {
    for (const answer of [
      await create({ title: "x".repeat(1024 * 1024) }),
      await put(`${PATH}/${UNKNOWN}`, { title: "x".repeat(1024 * 1024) }),
    ]) {
      await readProblem(answer, 413);
    }
  });

  it("the examples of the description are accepted", async () => {
    const operations = await apiOperations();
    const example = (route: string) =>
      operations.find(({ method, path }) => `${method} ${path}` === route)?.requestBody?.content["application/json"]?.example as Record<
        string,
        unknown
      >;
    const made = await created({ ...example(`POST ${PATH}`), home: home(), creator: tenant.organization_id });
    const one = `${PATH}/${made.channel_id}`;
    expect((await put(one, example(`PUT ${PATH}/{channel_id}`))).status).toBe(200);
    expect((await operator.post(`${one}/leads`, example(`POST ${PATH}/{channel_id}/leads`))).status).toBe(200);
    const trigger = await operator.post(`${one}/reward-triggers`, example(`POST ${PATH}/{channel_id}/reward-triggers`));
    const { trigger_id } = await trigger.json<{ trigger_id: string }>();
    expect(
      (await put(`${one}/reward-triggers/${trigger_id}`, example(`PUT ${PATH}/{channel_id}/reward-triggers/{trigger_id}`))).status,
    ).toBe(200);
  });
});

describe("changing", () => {
  it("leaves what is left out, changes by id, adds without", async () => {
    const { signing_secrets: _, ...before } = await created({
      property_definitions: [{ name: "A" }, { name: "B" }],
      lead_status: [{ status: "In" }, { status: "Out" }],
    });
    const path = `${PATH}/${before.channel_id}`;
    const { signing_secrets, ...same } = await ok<Channel>(put(path, { property_definitions: [] }));
    expect([same, signing_secrets]).toEqual([before, {}]);
    const [a, b] = before.property_definitions;
    const [first, second] = before.lead_status;
    const { signing_secrets: none, ...after } = await ok<Channel>(
      put(path, {
        title: "New",
        partner: null,
        property_definitions: [{ id: b?.id.toUpperCase(), active: false }, { name: "C" }],
        lead_status: [{ id: second?.id, order: 0 }, { status: "Won" }],
      }),
    );
    expect(none).toEqual({});
    expect(after).toEqual({
      ...before,
      title: "New",
      property_definitions: [a, { ...b, active: false }, { ...a, id: expect.any(String), name: "C", order: 3 }],
      lead_status: [{ ...second, order: 0 }, first, { ...first, id: expect.any(String), status: "Won", order: 3 }],
    });
    expect(await ok(operator.get(path))).toEqual(after);
  });

  it("a name that is taken, another channel's id, and an unknown channel are refused whole", async () => {
    const channel = await created({ property_definitions: [{ name: "A" }], lead_status: [{ status: "In" }] });
    const other = await created({ property_definitions: [{ name: "A" }] });
    const path = `${PATH}/${channel.channel_id}`;
    const before = await ok(operator.get(path));
    for (const json of [
      { title: "x", property_definitions: [{ name: "A" }] },
      { title: "x", lead_status: [{ status: "In" }] },
      { title: "x", property_definitions: [{ id: other.property_definitions[0]?.id, name: "Z" }] },
      { title: "x", creator: "nobody" },
    ]) {
      await readProblem(await put(path, json), 400);
    }
    expect(await ok(operator.get(path))).toEqual(before);
    for (const id of [UNKNOWN, "nonsense", "__proto__"]) {
      for (const answer of [
        await put(`${PATH}/${id}`, { title: "x" }),
        await operator.get(`${PATH}/${id}`),
        await operator.call("DELETE", `${PATH}/${id}`),
      ]) {
        await readProblem(answer, 404);
      }
    }
  });

  it("definitions and statuses may swap their names", async () => {
    const channel = await created({
      property_definitions: [{ name: "A" }, { name: "B" }],
      lead_status: [{ status: "In" }, { status: "Out" }],
    });
    const [a, b] = channel.property_definitions.map(({ id }) => id);
    const [first, second] = channel.lead_status.map(({ id }) => id);
    const after = await ok<Channel>(
      put(`${PATH}/${channel.channel_id}`, {
        property_definitions: [
          { id: a, name: "B" },
          { id: b, name: "A" },
        ],
        lead_status: [
          { id: first, status: "Out" },
          { id: second, status: "In" },
        ],
      }),
    );
    expect(after.property_definitions.map(({ id, name }) => [id, name])).toEqual([
      [a, "B"],
      [b, "A"],
    ]);
    expect(after.lead_status.map(({ id, status }) => [id, status])).toEqual([
      [first, "Out"],
      [second, "In"],
    ]);
  });

  it("of two who add the same name at once, one is refused", async () => {
    const { channel_id } = await created();
    const answers = await Promise.all([1, 2, 3].map(() => put(`${PATH}/${channel_id}`, { property_definitions: [{ name: "Race" }] })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers) expect([200, 400, 409]).toContain(answer.status);
    const { property_definitions } = await ok<Channel>(operator.get(`${PATH}/${channel_id}`));
    expect(property_definitions.map(({ name }) => name)).toEqual(["Race"]);
  });

  it("two who change different settings at once both do, and of two who set a webhook the channel keeps one that is there", async () => {
    const channel = await created();
    const path = `${PATH}/${channel.channel_id}`;
    const url = "https://hooks.example.com/race";
    const changes = [{ title: "Raced" }, { currency: "EUR" }, { no_auth_api: true }, { partner: tenant.company_id }];
    const webhooks = [1, 2, 3].map(() => ({ webhook_new_lead: url }));
    for (const answer of await Promise.all([...changes, ...webhooks].map((json) => put(path, json)))) expect(answer.status).toBe(200);
    expect(await ok(operator.get(path))).toMatchObject({
      title: "Raced",
      currency: "EUR",
      no_auth_api: true,
      partner: tenant.company_id,
      webhook_new_lead: url,
    });
    const named = await env.DB.prepare(
      "SELECT c.webhook_new_lead_id AS id, n.owner FROM channels c LEFT JOIN notification_channels n ON n.channel_id = c.webhook_new_lead_id WHERE c.channel_id = ?1",
    )
      .bind(channel.channel_id)
      .all();
    expect(named.results).toEqual([{ id: expect.any(String), owner: `${channel.channel_id} webhook_new_lead` }]);
  });

  it("a webhook's secret is shown when it is new; another URL keeps it, null takes the webhook away", async () => {
    const url = "https://hooks.example.com/a";
    const channel = await created({ title: "Hooked", webhook_new_lead: url, webhook_status_update: url });
    const path = `${PATH}/${channel.channel_id}`;
    const { webhook_new_lead: first, webhook_status_update: second } = channel.signing_secrets;
    expect([first, second].every((secret) => secret?.startsWith("whsec_"))).toBe(true);
    expect(await ok(operator.get(path))).not.toHaveProperty("signing_secrets");
    const own = async () => (await hooks()).filter(({ owner }) => owner.startsWith(channel.channel_id));
    expect((await own()).map(({ secret }) => secret)).toEqual([first, second]);
    expect((await ok<Channel>(put(path, { webhook_new_lead: "https://hooks.example.com/b" }))).signing_secrets).toEqual({});
    expect((await own()).map(({ config, secret }) => [config, secret])).toEqual([
      ['{"url":"https://hooks.example.com/b"}', first],
      [`{"url":"${url}"}`, second],
    ]);
    expect(await ok(put(path, { webhook_new_lead: null }))).toMatchObject({ webhook_new_lead: null, webhook_status_update: url });
    expect((await own()).length).toBe(1);
    const again = await ok<Channel>(put(path, { webhook_new_lead: url }));
    expect(again.signing_secrets.webhook_new_lead).not.toBe(first);
    await readProblem(await put(path, { webhook_new_lead: "http://10.0.0.1/" }), 400);
    expect((await own()).length).toBe(2);
  });

  it("a status that is renamed shows so on the leads that stand there", async () => {
    const scene = await mintScene();
    const lead = await mintChannelLead(scene);
    await ok(put(`${PATH}/${scene.channel.channel_id}`, { lead_status: [{ id: lead.lead_status_id, status: "Fresh" }] }));
    expect(await getLead(scene, lead.id)).toMatchObject({ status: "Fresh", lead_status: { status: "Fresh" } });
  });
});

describe("reward triggers", () => {
  it("are created, listed, changed and deleted; a percentage is one of a purchase", async () => {
    const channel = await mintChannel(tenant);
    const path = `${PATH}/${channel.channel_id}/reward-triggers`;
    const status_id = channel.lead_status[1]?.id;
    const answer = await operator.post(path, { kind: "status_change", amount_type: "fixed", amount: 2.5, status_id });
    const trigger = await answer.json<{ trigger_id: string }>();
    expect([answer.status, trigger]).toEqual([
      201,
      {
        trigger_id: expect.any(String),
        kind: "status_change",
        amount_type: "fixed",
        amount: 2.5,
        status_id,
        active: true,
        created_at: expect.stringMatching(/Z$/),
      },
    ]);
    const changed = await ok(put(`${path}/${trigger.trigger_id}`, { amount: 3, active: false, status_id: null }));
    expect(changed).toEqual({ ...trigger, amount: 3, active: false, status_id: null });
    expect(await ok(operator.get(path))).toEqual({ reward_triggers: [changed] });
    for (const [json, field] of [
      [{ kind: "new_lead", amount_type: "percentage", amount: 5 }, "amount_type"],
      [{ kind: "new_lead", amount_type: "fixed", amount: -1 }, "amount"],
      [{ kind: "other", amount_type: "fixed", amount: 1 }, "kind"],
      [{ kind: "purchase", amount_type: "fixed", amount: 1, status_id }, "status_id"],
      [{ kind: "status_change", amount_type: "fixed", amount: 1, status_id: UNKNOWN }, "status_id"],
    ] as const) {
      expect((await readProblem(await operator.post(path, json), 400)).errors?.map((problem) => problem.path)).toEqual([field]);
    }
    await readProblem(await put(`${path}/${trigger.trigger_id}`, { amount_type: "percentage" }), 400);
    expect((await operator.call("DELETE", `${path}/${trigger.trigger_id}`)).status).toBe(204);
    await readProblem(await operator.call("DELETE", `${path}/${trigger.trigger_id}`), 404);
    await readProblem(await put(`${path}/${trigger.trigger_id}`, { amount: 1 }), 404);
    expect(await ok(operator.get(path))).toEqual({ reward_triggers: [] });
  });

  it("are at most a thousand a channel: each call on it reads them all", async () => {
    const channel = await mintChannel(tenant);
    await env.DB.prepare(
      `INSERT INTO reward_triggers (channel_id, trigger_id, kind, amount_type, amount, active, created_at)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT ?1, i, 'new_lead', 'fixed', 1, 1, 0 FROM n`,
    )
      .bind(channel.channel_id)
      .run();
    const path = `${PATH}/${channel.channel_id}/reward-triggers`;
    await readProblem(await operator.post(path, { kind: "purchase", amount_type: "fixed", amount: 1 }), 409);
  });

  it("rewards and events are read page by page, each once", async () => {
    const scene = await mintScene();
    const path = `${PATH}/${scene.channel.channel_id}`;
    await operator.post(`${path}/reward-triggers`, { kind: "purchase", amount_type: "fixed", amount: 1 });
    const lead = await mintChannelLead(scene);
    for (let n = 0; n < 5; n++) await ok(scene.call("create_purchase", { lead_id: lead.id, purchase_amount: n }));
    for (const [list, id] of [
      ["reward-events", "reward_event_id"],
      ["events", "event_id"],
    ] as const) {
      const read = async (query: string) =>
        Object.values(await ok<Record<string, Record<string, string>[]>>(operator.get(`${path}/${list}?${query}`)))[0] ?? [];
      const all = await read("");
      const first = await read("limit=3");
      const rest = await read(`limit=3&before=${first.at(-1)?.[id]?.toUpperCase()}`);
      expect([all.length, [...first, ...rest]]).toEqual([5, all]);
    }
    await readProblem(await operator.get(`${path}/events?before=x`), 400);
  });
});

describe("leads that come into a channel", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await mintScene();
  });
  type Added = { leads: { id: string; legacy_id: number | null; added: boolean }[]; refused: { named: string; reason: string }[] };
  const add = (channel: Channel, json: unknown) => ok<Added>(operator.post(`${PATH}/${channel.channel_id}/leads`, json));

  it("one that is in another channel, another unit's and nobody's are refused, each by name; the others come in", async () => {
    const { tenant: owner, channel } = scene;
    const second = await mintChannel(owner);
    const here = await mintChannelLead(scene);
    const there = await mintChannelLead({ call: scene.call, channel: second });
    const stranger = await mintChannelLead(await mintScene());
    await mintUnit(owner, "Other");
    const { leads, refused } = await add(second, {
      lead_ids: [here.id, there.id, stranger.id, "nonsense", `ld_${UNKNOWN.replaceAll("-", "")}`],
    });
    expect(leads).toEqual([{ id: there.id, legacy_id: null, added: false }]);
    expect(refused.map(({ reason }) => reason)).toEqual([
      "no lead of the home unit",
      "another channel has this lead",
      "no lead of the home unit",
      "no lead of the home unit",
    ]);
    expect(await getLead(scene, here.id)).toMatchObject({ channels_id: channel.channel_id });
  });

  it("a legacy id needs one lead, is one lead's, and once given stays", async () => {
    const [a, b] = [await mintChannelLead(scene), await mintChannelLead(scene)];
    await readProblem(await operator.post(`${PATH}/${scene.channel.channel_id}/leads`, { lead_ids: [a.id, b.id], legacy_id: 5 }), 400);
    expect((await add(scene.channel, { lead_ids: [a.id], legacy_id: 5 })).leads).toEqual([{ id: a.id, legacy_id: 5, added: false }]);
    expect((await add(scene.channel, { lead_ids: [b.id], legacy_id: 5 })).refused).toEqual([
      { named: b.id.replaceAll("-", ""), reason: "another lead of the home unit has the legacy id 5" },
    ]);
    expect((await add(scene.channel, { lead_ids: [a.id], legacy_id: 6 })).leads).toEqual([{ id: a.id, legacy_id: 5, added: false }]);
  });

  it("many who add at once add each once", async () => {
    const lead_ids: string[] = [];
    const call = await mintPartner(scene.tenant);
    await scene.client.post("/profile-fields", { name: "unused" });
    for (let n = 0; n < 4; n++) lead_ids.push((await mintChannelLead({ call, channel: scene.channel })).id);
    await env.DB.prepare("DELETE FROM channel_leads WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))")
      .bind(await unitKeyOf(scene.tenant), JSON.stringify(lead_ids.map((id) => id.replaceAll("-", ""))))
      .run();
    const answers = await Promise.all([1, 2, 3].map(() => add(scene.channel, { lead_ids })));
    expect(answers.flatMap(({ leads }) => leads).filter(({ added }) => added)).toHaveLength(4);
    for (const { refused } of answers) expect(refused).toEqual([]);
    for (const id of lead_ids) expect(await getLead(scene, id)).toMatchObject({ status: "New lead" });
  });

  it.each([{}, { lead_ids: [] }, { lead_ids: "x" }, { aliases: [{ kind: "fax", value: "x" }] }, { lead_ids: ["x"], legacy_id: 1.5 }])(
    "%j is a 400",
    async (json) => {
      await readProblem(await operator.post(`${PATH}/${scene.channel.channel_id}/leads`, json), 400);
    },
  );
});
