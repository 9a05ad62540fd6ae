/** Milestones, sequences and surges as clients make, change and try them; and the list of what has fired. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { unitKeyOf } from "../../support/context";
import { HOOK, heldDeliveries, mintChannel, receiver, unitOf } from "../../support/deliveries";
import { type Client, mintClient, mintTenant, type Tenant } from "../../support/tenant";
import {
  deliverEvents,
  firingsOf,
  happen,
  heldEvents,
  type Kind,
  LEAD,
  LEAST,
  leadIdOf,
  mintRules,
  mintTrigger,
  putTrigger,
  rowCounts,
  TRIGGER_PATHS,
  type TriggerView,
  toHook,
} from "../../support/triggers";
import { apiOperations, countingD1, readProblem } from "../../support/worker";

const KINDS = ["milestone", "sequence", "surge"] as const;
const PLURALS = { milestone: "triggers", sequence: "sequences", surge: "surge_triggers" } as const;
const UNKNOWN = { milestone: "trg_00", sequence: "seq_00", surge: "srg_00" } as const;
const EMAIL = { EMAIL_WEBHOOK_URL: "https://mail.example.com/send" };
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const NOBODY = { channel_ids: [], webhook_url: null, webhook_channel_id: null, emails: [] };
const NO_TEXTS = { email_subject: null, email_preheader: null, email_message: null };
const TIMES = { created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/) };

let tenant: Tenant;
let client: Client;
beforeEach(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  tenant = await mintTenant();
  client = tenant.client;
});

const list = async (kind: Kind): Promise<TriggerView[]> => {
  const answer = await client.get(TRIGGER_PATHS[kind]);
  expect(answer.status).toBe(200);
  const body = await answer.json<Record<string, TriggerView[]>>();
  expect(Object.keys(body)).toEqual([PLURALS[kind]]);
  return body[PLURALS[kind]] ?? [];
};
const put = (kind: Kind, id: string, json: unknown, bindings: Partial<Env> = {}) =>
  client.call("PUT", `${TRIGGER_PATHS[kind]}/${id}`, { json, bindings });
const remove = (kind: Kind, id: string) => client.call("DELETE", `${TRIGGER_PATHS[kind]}/${id}`);
/** Ids of the unit's own and its triggers' notification channels that are there. */
const channelStatus = async (id: string | null) => (await client.get(`/notification-channels/${id}`)).status;

describe("creating", () => {
  it.each([
    ["milestone", /^trg_[0-9a-f]{32}$/, { score_threshold: 50, event_type: null, fire_mode: "once", cooldown_seconds: 0 }],
    [
      "sequence",
      /^seq_[0-9a-f]{32}$/,
      { event_types: ["Page View", "Demo Request"], window_seconds: 3600, window_unit: null, ordered: false },
    ],
    ["surge", /^srg_[0-9a-f]{32}$/, { event_type: null, threshold: 3, window_seconds: 3600 }],
  ] as const)("a %s by the least that makes one answers it with all its defaults, and the list has it", async (kind, id, condition) => {
    const answer = await client.post(TRIGGER_PATHS[kind], { ...LEAST[kind], name: `  ${LEAST[kind].name} ` });
    expect(answer.status).toBe(201);
    const created = await answer.json<TriggerView>();
    expect(created).toEqual({
      id: expect.stringMatching(id),
      name: LEAST[kind].name,
      active: true,
      ...condition,
      ...NOBODY,
      ...NO_TEXTS,
      ...TIMES,
    });
    expect(await list(kind)).toEqual([created]);
    for (const other of KINDS) if (other !== kind) expect(await list(other)).toEqual([]);
  });

  it.each([
    ["milestone", { score_threshold: -2.5, event_type: "Purchase", fire_mode: "always", cooldown_seconds: 86_400, active: false }],
    ["sequence", { event_types: ["A", "A", "B"], window_seconds: 7_776_000, window_unit: "days", ordered: true, active: false }],
    ["surge", { event_type: "Page View", threshold: 100_000, window_seconds: 1, active: false }],
  ] as const)("a %s keeps every field that is sent", async (kind, fields) => {
    const channel = await mintChannel(client);
    const sent = { ...LEAST[kind], ...fields, channel_ids: [channel.id], webhook_url: HOOK };
    const { signing_secret, ...created } = await mintTrigger(client, sent, kind);
    expect(created).toMatchObject(sent);
    expect(created.webhook_channel_id).toMatch(/^nch_[0-9a-f]{32}$/);
    expect(signing_secret).toMatch(SECRET);
    expect(await list(kind)).toEqual([created]);
  });

  it.each(KINDS)("a %s is created by the example of the API's description", async (kind) => {
    const create = (await apiOperations()).find(({ method, path }) => method === "POST" && path === TRIGGER_PATHS[kind]);
    const example = create?.requestBody?.content["application/json"]?.example as Record<string, unknown>;
    expect(await mintTrigger(client, example, kind)).toMatchObject({ ...example, signing_secret: expect.stringMatching(SECRET) });
  });

  it.each(KINDS)("a %s is read by its id, without the secret that its creation returned", async (kind) => {
    const { signing_secret, ...made } = await mintTrigger(client, toHook, kind);
    expect(signing_secret).toMatch(SECRET);
    const answer = await client.get(`${TRIGGER_PATHS[kind]}/${made.id}`);
    expect([answer.status, await answer.json()]).toEqual([200, made]);
    // an id of another kind is none of this one
    for (const other of [UNKNOWN[kind], (await mintTrigger(client, {}, kind === "surge" ? "milestone" : "surge")).id])
      await readProblem(await client.get(`${TRIGGER_PATHS[kind]}/${other}`), 404);
  });

  it("lists triggers in the order of their making", async () => {
    for (const name of ["b", "a", "c"]) await mintTrigger(client, { name });
    expect((await list("milestone")).map(({ name }) => name)).toEqual(["b", "a", "c"]);
  });

  const webhookUrl = (kind: Kind, url: unknown): [Kind, Record<string, unknown>, string, RegExp] => [
    kind,
    { webhook_url: url },
    "webhook_url",
    /public host|URL|https|user name/,
  ];
  it.each<[Kind, Record<string, unknown>, string, RegExp]>([
    ...KINDS.flatMap((kind): [Kind, Record<string, unknown>, string, RegExp][] => [
      [kind, { name: undefined }, "name", /is required/],
      [kind, { name: "  " }, "name", /1 to 100 characters/],
      [kind, { name: "x".repeat(101) }, "name", /1 to 100 characters.*got "xxx/],
      [kind, { active: "yes" }, "active", /got "yes"/],
      [kind, { channel_ids: "nch_1" }, "channel_ids", /got "nch_1"/],
      [kind, { channel_ids: Array(21).fill("nch_1") }, "channel_ids", /at most 20 channels/],
      [kind, { channel_ids: ["nch_unknown"] }, "channel_ids", /nch_unknown/],
      [kind, { emails: "a@example.com" }, "emails", /got "a@example.com"/],
      [kind, { emails: Array(51).fill("a@example.com") }, "emails", /at most 50 addresses/],
      [kind, { emails: [5] }, "emails.0", /got 5/],
      [kind, { email_subject: "x".repeat(201) }, "email_subject", /at most 200 characters/],
      [kind, { email_preheader: "x".repeat(201) }, "email_preheader", /at most 200 characters/],
      [kind, { email_message: "x".repeat(5001) }, "email_message", /at most 5000 characters/],
      [kind, { webhook_url: `https://example.com/${"x".repeat(2000)}` }, "webhook_url", /2,000 characters/],
    ]),
    ...["", "hooks", "ftp://example.com/x", "https://user:pw@example.com/", "http://127.0.0.1/", "http://localhost:9000"].map((url) =>
      webhookUrl("milestone", url),
    ),
    ...["http://10.0.0.1/", "http://192.168.1.1", "http://169.254.169.254/latest", "http://0x7f000001/", "http://[::1]/"].map((url) =>
      webhookUrl("sequence", url),
    ),
    ...["http://100.64.0.1/", "http://[fd00::1]/", "http://printer.local/", "http://intranet/", "http://[::ffff:10.0.0.1]/"].map((url) =>
      webhookUrl("surge", url),
    ),
    ["milestone", { score_threshold: undefined }, "score_threshold", /is required/],
    ["milestone", { score_threshold: "50" }, "score_threshold", /got "50"/],
    ["milestone", { score_threshold: null }, "score_threshold", /./],
    ["milestone", { event_type: "" }, "event_type", /1 to 128 characters/],
    ["milestone", { event_type: "x".repeat(129) }, "event_type", /1 to 128 characters/],
    ["milestone", { fire_mode: "twice" }, "fire_mode", /once, always.*got "twice"/],
    ["milestone", { cooldown_seconds: -1 }, "cooldown_seconds", /negative.*got -1/],
    ["milestone", { cooldown_seconds: 1.5 }, "cooldown_seconds", /whole number.*got 1.5/],
    ["milestone", { cooldown_seconds: 31_536_001 }, "cooldown_seconds", /at most 31536000/],
    ["sequence", { event_types: undefined }, "event_types", /is required/],
    ["sequence", { event_types: [] }, "event_types", /at least one/],
    ["sequence", { event_types: Array(21).fill("A") }, "event_types", /at most 20/],
    ["sequence", { event_types: ["A", " "] }, "event_types.1", /1 to 128 characters/],
    ["sequence", { window_seconds: undefined }, "window_seconds", /is required/],
    ["sequence", { window_seconds: 0 }, "window_seconds", /at least 1.*got 0/],
    ["sequence", { window_seconds: 7_776_001 }, "window_seconds", /at most 7776000/],
    ["sequence", { window_unit: "x".repeat(21) }, "window_unit", /20 characters/],
    ["sequence", { ordered: 1 }, "ordered", /got 1/],
    ["surge", { threshold: undefined }, "threshold", /is required/],
    ["surge", { threshold: 0 }, "threshold", /at least 1.*got 0/],
    ["surge", { threshold: 2.5 }, "threshold", /whole number.*got 2.5/],
    ["surge", { threshold: 100_001 }, "threshold", /at most 100000/],
    ["surge", { window_seconds: 1.5 }, "window_seconds", /whole number/],
  ])("a %s with %j is a 400 that names %s, and nothing is made", async (kind, fields, path, message) => {
    const answer = await client.post(TRIGGER_PATHS[kind], { ...LEAST[kind], ...fields });
    const problem = await readProblem(answer, 400);
    expect(problem.errors?.map((error) => error.path)).toContain(path);
    expect(problem.errors?.find((error) => error.path === path)?.message).toMatch(message);
    expect(await rowCounts(await unitOf(tenant.workspace_id))).toEqual({});
  });

  it("a score that JSON can say and no number can hold is a 400", async () => {
    const body = '{"name":"x","score_threshold":1e999}';
    await readProblem(await client.call("POST", "/triggers", { body, headers: { "Content-Type": "application/json" } }), 400);
  });

  it("a channel of another unit, or one that a trigger owns, is unknown", async () => {
    const foreign = await mintChannel((await mintTenant()).client);
    const owned = await mintTrigger(client, toHook);
    for (const id of [foreign.id, owned.webhook_channel_id]) {
      const problem = await readProblem(await client.post("/triggers", { ...LEAST.milestone, channel_ids: [id] }), 400);
      expect(problem.errors).toEqual([{ path: "channel_ids", message: expect.stringContaining(id ?? "") }]);
    }
    expect((await list("milestone")).length).toBe(1);
  });

  it("this machine is a receiver where local development allows it", async () => {
    const bindings = { ALLOW_LOOPBACK_WEBHOOKS: "true" };
    const made = await mintTrigger(client, { webhook_url: "http://127.0.0.1:9000/hook" }, "milestone", { bindings });
    expect(made.webhook_url).toBe("http://127.0.0.1:9000/hook");
  });
});

describe("a trigger's own webhook", () => {
  it.each(KINDS)("of a %s shows its secret in the answer that makes it, uncached, and never again", async (kind) => {
    const answer = await client.post(TRIGGER_PATHS[kind], { ...LEAST[kind], ...toHook });
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([201, "no-store"]);
    const created = await answer.json<TriggerView>();
    expect(created.signing_secret).toMatch(SECRET);
    const changed = await put(kind, created.id, { name: "renamed" });
    const texts = await Promise.all(
      [
        changed,
        await client.get(TRIGGER_PATHS[kind]),
        await client.get("/notification-channels"),
        await client.get(`/notification-channels/${created.webhook_channel_id}`),
        ...(kind === "surge" ? [await client.get(`/surge-triggers/${created.id}`)] : []),
      ].map((shown) => shown.text()),
    );
    expect(texts.join()).not.toContain("whsec_");
    expect(texts.join()).not.toContain("signing_secret");
  });

  it("keeps its channel and secret when the URL changes", async () => {
    const { id, webhook_channel_id } = await mintTrigger(client, toHook);
    const answer = await put("milestone", id, { webhook_url: `${HOOK}/new` });
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    const changed = await answer.json<TriggerView>();
    expect(changed).toMatchObject({ webhook_url: `${HOOK}/new`, webhook_channel_id });
    expect(changed).not.toHaveProperty("signing_secret");
    const channel = await client.get(`/notification-channels/${webhook_channel_id}`);
    expect(await channel.json()).toMatchObject({ config: { url: `${HOOK}/new` }, active: true });
  });

  it("goes with webhook_url null, and comes back as another channel with another secret", async () => {
    const first = await mintTrigger(client, toHook);
    const gone = await put("milestone", first.id, { webhook_url: null });
    expect(await gone.json()).toMatchObject({ webhook_url: null, webhook_channel_id: null });
    expect(await channelStatus(first.webhook_channel_id)).toBe(404);
    const again = await (await put("milestone", first.id, toHook)).json<TriggerView>();
    expect(again.signing_secret).toMatch(SECRET);
    expect(again.signing_secret).not.toBe(first.signing_secret);
    expect(again.webhook_channel_id).not.toBe(first.webhook_channel_id);
    expect(await channelStatus(again.webhook_channel_id)).toBe(200);
  });

  it("stays as it was when the new URL is refused", async () => {
    const { id, webhook_channel_id } = await mintTrigger(client, toHook);
    await readProblem(await put("milestone", id, { webhook_url: "http://10.0.0.1/" }), 400);
    expect(await list("milestone")).toMatchObject([{ id, webhook_url: HOOK, webhook_channel_id }]);
  });

  it("gets a new secret by the rotation of its channel, and is listed, renamed and deleted with its trigger only", async () => {
    const { id, webhook_channel_id, signing_secret } = await mintTrigger(client, toHook);
    const path = `/notification-channels/${webhook_channel_id}`;
    const rotated = await client.post(`${path}/rotate-secret`);
    expect(rotated.status).toBe(200);
    const { signing_secret: fresh } = await rotated.json<{ signing_secret: string }>();
    expect(fresh).toMatch(SECRET);
    expect(fresh).not.toBe(signing_secret);
    expect(await (await client.get("/notification-channels")).json()).toEqual([]);
    await readProblem(await client.call("PUT", path, { json: { name: "mine" } }), 409);
    await readProblem(await client.call("DELETE", path), 409);
    expect((await remove("milestone", id)).status).toBe(204);
    await readProblem(await client.post(`${path}/rotate-secret`), 404);
  });
});

describe("emails", () => {
  it("without a provider are a 400 that names the setting", async () => {
    for (const kind of KINDS) {
      const answer = await client.post(TRIGGER_PATHS[kind], { ...LEAST[kind], emails: ["a@example.com"] });
      const problem = await readProblem(answer, 400);
      expect(problem.errors).toEqual([{ path: "emails", message: expect.stringContaining("EMAIL_WEBHOOK_URL") }]);
    }
  });

  it("with one are kept with their texts, changed and removed", async () => {
    const texts = { email_subject: "Hot!", email_preheader: "A lead is hot", email_message: "Call now" };
    const emails = ["a@example.com", "b@example.com"];
    const made = await mintTrigger(client, { emails, ...texts }, "milestone", { bindings: EMAIL });
    expect(made).toMatchObject({ emails, ...texts });
    expect(made).not.toHaveProperty("email_channel_id");
    const changed = await put("milestone", made.id, { emails: ["c@example.com"], email_subject: null }, EMAIL);
    expect(await changed.json()).toMatchObject({ emails: ["c@example.com"], ...texts, email_subject: null });
    const unit = await unitOf(tenant.workspace_id);
    expect(await rowCounts(unit)).toEqual({ triggers: 1, notification_channels: 1 });
    expect(await (await put("milestone", made.id, { emails: [] }, EMAIL)).json()).toMatchObject({ emails: [] });
    expect(await rowCounts(unit)).toEqual({ triggers: 1 });
  });

  it("that are no addresses are a 400 at emails", async () => {
    for (const emails of [["nobody"], ["a@example.com", "b@"], [""]]) {
      const answer = await client.post("/triggers", { ...LEAST.milestone, emails }, { bindings: EMAIL });
      expect((await readProblem(answer, 400)).errors?.[0]?.path).toBe("emails");
    }
  });

  it("that are there already do not stand in the way of another change once the provider is gone", async () => {
    const made = await mintTrigger(client, { emails: ["a@example.com"] }, "milestone", { bindings: EMAIL });
    expect(await (await put("milestone", made.id, { active: false })).json()).toMatchObject({ active: false, emails: ["a@example.com"] });
  });
});

describe("changing", () => {
  it.each([
    ["milestone", { score_threshold: 80, fire_mode: "always", cooldown_seconds: 60, event_type: "Purchase" }],
    ["sequence", { event_types: ["A"], window_seconds: 60, window_unit: "minutes", ordered: true }],
  ] as const)("a %s changes what is sent and keeps the rest", async (kind, changes) => {
    const made = await mintTrigger(client, { active: false }, kind);
    let expected: TriggerView = made;
    for (const [field, value] of Object.entries({ name: "Renamed", ...changes, active: true })) {
      const answer = await put(kind, made.id, { [field]: value });
      expect(answer.status).toBe(200);
      const shown = await answer.json<TriggerView>();
      expected = { ...expected, [field]: value, updated_at: shown.updated_at };
      expect(shown).toEqual(expected);
      expect(Date.parse(shown.updated_at)).toBeGreaterThanOrEqual(Date.parse(made.updated_at));
    }
    expect(await list(kind)).toEqual([expected]);
  });

  it("changes of different fields at once all land, and its own webhook is the one that it names", async () => {
    const made = await mintTrigger(client, {});
    const fields = { name: "Renamed", active: false, score_threshold: 80, webhook_url: HOOK, cooldown_seconds: 60 };
    const answers = await Promise.all(Object.entries(fields).map(([field, value]) => put("milestone", made.id, { [field]: value })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const [after] = await list("milestone");
    expect(after).toMatchObject(fields);
    expect((await client.get(`/notification-channels/${after?.webhook_channel_id}`)).status).toBe(200);
  });

  it("one that is deleted while it is changed stays deleted, and leaves no channel", async () => {
    const { id } = await mintTrigger(client, toHook);
    const changes = Array.from({ length: 5 }, (_, n) => put("milestone", id, { webhook_url: n % 2 ? null : `${HOOK}?${n}` }));
    const [removed, ...answers] = await Promise.all([client.call("DELETE", `/triggers/${id}`), ...changes]);
    expect(removed?.status).toBe(204);
    for (const { status } of answers) expect([200, 404]).toContain(status);
    const left = await env.DB.prepare("SELECT count(*) AS n FROM notification_channels WHERE owner = ?1").bind(id).first("n");
    expect([await list("milestone"), left]).toEqual([[], 0]);
  });

  it("a surge returns 204, and only its name and whether it is active change", async () => {
    const made = await mintTrigger(client, toHook, "surge");
    const answer = await put("surge", made.id, { name: "Quiet", active: false, threshold: 99, window_seconds: 1, webhook_url: null });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    const shown = await (await client.get(`/surge-triggers/${made.id}`)).json<TriggerView>();
    const { signing_secret: _, ...rest } = made;
    expect(shown).toEqual({ ...rest, name: "Quiet", active: false, updated_at: shown.updated_at });
  });

  it.each(KINDS)("a %s with a wrong field is a 400 that names it, and nothing changes", async (kind) => {
    const made = await mintTrigger(client, {}, kind);
    for (const [field, value] of [
      ["name", ""],
      ["active", null],
      ...(kind === "surge" ? [] : [["channel_ids", ["nch_unknown"]] as const]),
    ] as const) {
      const problem = await readProblem(await put(kind, made.id, { [field]: value }), 400);
      expect(problem.errors?.[0]?.path).toBe(field);
    }
    expect(await list(kind)).toEqual([made]);
  });

  it.each(KINDS)("a %s that does not exist, is of another kind or was deleted is a 404", async (kind) => {
    const others = await Promise.all(KINDS.filter((other) => other !== kind).map((other) => mintTrigger(client, {}, other)));
    const deleted = await mintTrigger(client, {}, kind);
    expect((await remove(kind, deleted.id)).status).toBe(204);
    const path = TRIGGER_PATHS[kind];
    for (const id of [UNKNOWN[kind], "x", deleted.id, ...others.map((other) => other.id)]) {
      await readProblem(await put(kind, id, { name: "x" }), 404);
      await readProblem(await remove(kind, id), 404);
      await readProblem(await client.post(`${path}/${id}/${kind === "surge" ? "preview" : "simulate"}`, { days: 1 }), 404);
      if (kind === "surge") await readProblem(await client.get(`${path}/${id}`), 404);
    }
    expect(await list(kind)).toEqual([]);
  });

  it.each(KINDS)("a %s whose notification channel has been deleted can still be paused", async (kind) => {
    const channel = await mintChannel(client);
    const other = await mintChannel(client);
    const made = await mintTrigger(client, { channel_ids: [channel.id] }, kind);
    expect((await client.call("DELETE", `/notification-channels/${channel.id}`)).status).toBe(204);
    await putTrigger(client, made.id, { active: false }, kind);
    expect((await list(kind))[0]).toMatchObject({ active: false, channel_ids: [channel.id] });
    if (kind === "surge") return;
    await putTrigger(client, made.id, { channel_ids: [channel.id, other.id] }, kind);
    await putTrigger(client, made.id, { channel_ids: [other.id] }, kind);
    // what is no longer named is unknown like any other id
    await readProblem(await put(kind, made.id, { channel_ids: [channel.id] }), 400);
  });
});

describe("roles", () => {
  it.each(KINDS)("a viewer reads and tries a %s, and changes nothing", async (kind) => {
    const made = await mintTrigger(client, {}, kind);
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    const path = TRIGGER_PATHS[kind];
    expect((await viewer.get(path)).status).toBe(200);
    expect((await viewer.get("/milestone-events")).status).toBe(200);
    expect((await viewer.post(`${path}/${made.id}/${kind === "surge" ? "preview" : "simulate"}`, { days: 1 })).status).toBe(200);
    await readProblem(await viewer.post(path, LEAST[kind]), 403);
    await readProblem(await viewer.call("PUT", `${path}/${made.id}`, { json: { active: false } }), 403);
    await readProblem(await viewer.call("DELETE", `${path}/${made.id}`), 403);
    await readProblem(await viewer.call("POST", "/import", { body: new FormData() }), 403);
    expect(await list(kind)).toEqual([made]);
  });
});

describe("GET /milestone-events", () => {
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

  it("shows every kind newest first, by trigger and by kind, page by page", async () => {
    await mintRules(client, { "Page View": 50 });
    const milestone = await mintTrigger(client, { fire_mode: "always" });
    const sequence = await mintTrigger(client, { event_types: ["Page View"] }, "sequence");
    const surge = await mintTrigger(client, { threshold: 1, window_seconds: 1 }, "surge");
    const times = [at(30), at(20), at(10)];
    for (const [n, timestamp] of times.entries())
      await happen(client, { event_type: "Page View", email: `p${n}@example.com`, timestamp, event_id: `e${n}` });
    const all = await firingsOf(client);
    expect(all.map(({ fired_at, kind }) => [fired_at, kind])).toEqual(
      times.toReversed().flatMap((time) => ["milestone", "surge", "sequence"].map((kind) => [time, kind])),
    );
    expect(all.filter(({ kind }) => kind === "milestone")[0]).toEqual({
      id: expect.stringMatching(/^fir_[0-9a-f]{32}$/),
      kind: "milestone",
      trigger_id: milestone.id,
      trigger_name: milestone.name,
      lead_id: await leadIdOf(client, "p2@example.com"),
      score: 50,
      event_id: "e2",
      event_type: "Page View",
      fired_at: times[2],
    });
    expect(new Set(all.map(({ id }) => id)).size).toBe(9);
    for (const { id, kind } of [
      { id: milestone.id, kind: "milestone" },
      { id: sequence.id, kind: "sequence" },
      { id: surge.id, kind: "surge" },
    ]) {
      const own = all.filter(({ trigger_id }) => trigger_id === id);
      expect(own.length).toBe(3);
      expect(await firingsOf(client, `?trigger_id=${id}`)).toEqual(own);
      expect(await firingsOf(client, `?kind=${kind}`)).toEqual(own);
    }
    expect(await firingsOf(client, `?trigger_id=${surge.id}&kind=milestone`)).toEqual([]);
    expect(await firingsOf(client, "?trigger_id=trg_00")).toEqual([]);
    const pages = [];
    for (const page of [1, 2, 3, 4]) {
      const answer = await client.get(`/milestone-events?page=${page}&limit=4`);
      const body = await answer.json<{ events: unknown[]; total: number; page: number; limit: number }>();
      expect(body).toMatchObject({ total: 9, page, limit: 4 });
      pages.push(...body.events);
    }
    expect(pages).toEqual(all);
  });

  it.each([
    ["page=0", "page"],
    ["page=x", "page"],
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["kind=milestones", "kind"],
  ])("?%s is a 400 that names %s", async (query, path) => {
    const problem = await readProblem(await client.get(`/milestone-events?${query}`), 400);
    expect(problem.errors?.[0]?.path).toBe(path);
  });

  it("goes through 10,000 firings a page, however many there are, and its cursor through all of them", async () => {
    const unit = await unitKeyOf(tenant);
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 21000)
       INSERT INTO firings (unit, lead_id, trigger_id, n, kind, event_id, event_type, fired_at, score)
       SELECT ?1, printf('%032x', i), iif(i % 9000, 'trg_many', 'trg_few'), 1, iif(i % 9000, 'milestone', 'surge'), 'e', 'Page View', i / 4, 1 FROM n`,
    )
      .bind(unit)
      .run();
    type Firings = { events: { lead_id: string }[]; total?: number; total_at_least?: number; next_cursor?: string };
    const read = async (query: string) => {
      const { DB, count } = countingD1();
      const page = await (await client.get(`/milestone-events?${query}`, { bindings: { DB } })).json<Firings>();
      return { ...page, leads: page.events.map(({ lead_id }) => Number.parseInt(lead_id.slice(3), 16)), count };
    };
    const first = await read("limit=3");
    expect([first.leads, first.total, first.total_at_least]).toEqual([[21_000, 20_999, 20_998], undefined, 10_000]);
    expect((await read(`limit=3&cursor=${first.next_cursor}`)).leads).toEqual([20_997, 20_996, 20_995]);
    expect((await read(`limit=3&page=2&cursor=${first.next_cursor}`)).leads).toEqual([20_994, 20_993, 20_992]);
    for (const query of ["trigger_id=trg_few", "kind=surge"]) {
      const found: number[] = [];
      let cursor = "";
      for (let pages = 1; ; pages++) {
        const page = await read(query + cursor);
        expect([page.total, page.total_at_least]).toEqual([undefined, 1]);
        expect(page.count.rowsRead, query).toBeLessThan(65_000);
        found.push(...page.leads);
        if (!page.next_cursor) {
          expect([found, pages], query).toEqual([[18_000, 9_000], 3]);
          break;
        }
        cursor = `&cursor=${page.next_cursor}`;
      }
    }
    await readProblem(await client.get("/milestone-events?cursor=fc1_1"), 400);
  });

  it("is empty before anything has fired", async () => {
    expect(await (await client.get("/milestone-events")).json()).toEqual({ events: [], total: 0, page: 1, limit: 25 });
  });

  it("keeps the firings of a deleted trigger, with its name, and a renamed one shows its new name", async () => {
    await mintRules(client, { "Page View": 50 });
    const made = await mintTrigger(client);
    const other = await mintTrigger(client, { score_threshold: 20 });
    await happen(client, { event_type: "page_view" });
    const before = await firingsOf(client);
    expect((await remove("milestone", made.id)).status).toBe(204);
    await putTrigger(client, other.id, { name: "Warm lead" });
    const after = await firingsOf(client);
    expect(after).toEqual(before.map((firing) => (firing.trigger_id === other.id ? { ...firing, trigger_name: "Warm lead" } : firing)));
    expect(after.map(({ trigger_name }) => trigger_name)).toEqual(expect.arrayContaining(["Hot lead", "Warm lead"]));
    expect(await happen(client, { event_type: "page_view", email: "late@example.com" })).toEqual([]);
    expect((await firingsOf(client, `?trigger_id=${made.id}`)).length).toBe(1);
  });
});

describe("trying a trigger", () => {
  const DAY_MS = 86_400_000;
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
  let unit: number;
  beforeEach(async () => {
    unit = await unitOf(tenant.workspace_id);
    await mintRules(client, { "Page View": 30 });
    // what a trigger that comes later would have fired on
    const history = (email: string, ...days: number[]) =>
      days.map((day, n) => ({ event_type: "Page View", email, timestamp: daysAgo(day), event_id: `${email}:${n}` }));
    await happen(client, ...history("ann@example.com", 3, 2, 1), ...history("bob@example.com", 40, 39), ...history("cy@example.com", 2));
  });

  /** Tries it; nothing of the unit changes, nothing is queued or sent. */
  const tried = async (path: string, json: unknown) => {
    const received = receiver();
    const queue = heldDeliveries();
    const before = await rowCounts(unit);
    const answer = await client.post(path, json, { bindings: { DELIVERY_QUEUE: queue.DELIVERY_QUEUE } });
    expect(answer.status, await answer.clone().text()).toBe(200);
    expect([await rowCounts(unit), queue.sent, received]).toEqual([before, [], []]);
    expect(await firingsOf(client)).toEqual([]);
    return answer.json<{ sample_leads: { lead_id: string; event_id: string }[] }>();
  };

  it("a milestone on one lead reports the crossing in its past, and does nothing else", async () => {
    const { id } = await mintTrigger(client, toHook);
    const ann = await leadIdOf(client);
    const found = await tried(`/triggers/${id}/simulate`, { lead_id: ann });
    expect(found).toEqual({
      would_fire: true,
      firings: 1,
      leads: 1,
      leads_checked: 1,
      events_checked: expect.any(Number),
      truncated: false,
      sample_leads: [
        { lead_id: ann, event_id: "ann@example.com:1", event_type: "Page View", fired_at: expect.stringMatching(/Z$/), score: 60 },
      ],
    });
    const cy = await tried(`/triggers/${id}/simulate`, { lead_id: await leadIdOf(client, "cy@example.com") });
    expect(cy).toMatchObject({ would_fire: false, firings: 0, leads: 0, leads_checked: 1, sample_leads: [] });
  });

  it("a milestone on history looks at the leads that were active in the last days", async () => {
    const { id } = await mintTrigger(client, toHook);
    expect(await tried(`/triggers/${id}/simulate`, {})).toMatchObject({ would_fire: true, firings: 1, leads: 1, leads_checked: 2 });
    expect(await tried(`/triggers/${id}/simulate`, { days: 90 })).toMatchObject({ firings: 2, leads: 2, leads_checked: 3 });
    // ann crossed two days ago: not within the last day
    expect(await tried(`/triggers/${id}/simulate`, { days: 1 })).toMatchObject({ would_fire: false, firings: 0 });
  });

  it("a paused sequence can be tried", async () => {
    const { id } = await mintTrigger(
      client,
      { event_types: ["Page View", "Page View"], window_seconds: 90_000, active: false },
      "sequence",
    );
    const found = await tried(`/sequences/${id}/simulate`, { days: 90 });
    expect(found).toMatchObject({ firings: 3, leads: 2, leads_checked: 3 });
    expect(found.sample_leads.map(({ event_id }) => event_id)).toEqual(["ann@example.com:1", "ann@example.com:2", "bob@example.com:1"]);
  });

  it("a surge's preview counts what would have fired, and sends and writes nothing", async () => {
    const { id } = await mintTrigger(client, { threshold: 2, window_seconds: 2 * 86_400, ...toHook }, "surge");
    const found = await tried(`/surge-triggers/${id}/preview`, { days: 90 });
    expect(found).toMatchObject({ would_fire: true, firings: 2, leads: 2, leads_checked: 3, truncated: false });
    expect(await tried(`/surge-triggers/${id}/preview`, {})).toMatchObject({ firings: 1, leads: 1, leads_checked: 2 });
  });

  it.each([
    ["days", 0],
    ["days", 91],
    ["days", 1.5],
    ["days", "7"],
    ["lead_id", 5],
  ])("with %s %j is a 400 that names it", async (field, value) => {
    const { id } = await mintTrigger(client);
    expect((await readProblem(await client.post(`/triggers/${id}/simulate`, { [field]: value }), 400)).errors?.[0]?.path).toBe(field);
  });

  it("on a lead that the unit does not have is a 404", async () => {
    const { id } = await mintTrigger(client);
    const foreign = await mintTenant();
    await happen(foreign.client, { event_type: "Page View" });
    for (const lead_id of ["ld_00000000000000000000000000000000", "nobody", "", await leadIdOf(foreign.client)])
      await readProblem(await client.post(`/triggers/${id}/simulate`, { lead_id }), 404);
  });
});

it("an event on its way when a trigger is created does not fire it; the next does", async () => {
  await mintRules(client, { "Page View": 50 });
  const early = await heldEvents(client, [{ event_type: "Page View" }]);
  await new Promise((done) => setTimeout(done, 5));
  const made = await mintTrigger(client, { fire_mode: "always", ...toHook });
  expect((await deliverEvents(early)).sent).toEqual([]);
  expect(await firingsOf(client)).toEqual([]);
  expect((await happen(client, { event_type: "Page View", email: "bob@example.com" })).length).toBe(1);
  expect(await firingsOf(client)).toMatchObject([{ trigger_id: made.id }]);
  expect(await leadIdOf(client, LEAD)).not.toBe((await firingsOf(client))[0]?.lead_id);
});

it("a unit has room for 200 triggers, and says so when it is full", async () => {
  const tenant = await mintTenant();
  const unit = await unitOf(tenant.workspace_id);
  const made = await tenant.client.post("/triggers", { name: "first", score_threshold: 1 });
  expect(made.status).toBe(201);
  await env.DB.prepare(
    `INSERT INTO triggers (unit, trigger_id, kind, name, active, active_since, condition, destination, created_at, updated_at)
     SELECT unit, trigger_id || '-' || r.key, kind, name, 0, active_since, condition, destination, created_at, updated_at
     FROM triggers CROSS JOIN json_each(?2) r WHERE unit = ?1`,
  )
    .bind(unit, JSON.stringify(Array.from({ length: 199 }, () => 0)))
    .run();
  const refused = await readProblem(
    await tenant.client.post("/surge-triggers", { name: "one more", threshold: 2, window_seconds: 60 }),
    409,
  );
  expect(refused.detail).toBe("The quota triggers of this org unit is used up: at most 200");
  const { id } = await made.json<{ id: string }>();
  expect((await tenant.client.call("DELETE", `/triggers/${id}`)).status).toBe(204);
  expect((await tenant.client.post("/sequences", { name: "fits", event_types: ["x"], window_seconds: 60 })).status).toBe(201);
});
