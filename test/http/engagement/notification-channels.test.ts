/** Notification channels: made, shown without their secrets, changed, switched off and on, rotated. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  deleteOwnedWebhooks,
  insertOwnedWebhook,
  newSigningSecret,
  requireNotificationChannels,
  updateOwnedWebhook,
} from "../../../src/core/notifications";
import { openSystem } from "../../../src/open-context";
import { commitDeliveries, getDelivery, HOOK, heldDelivery, mintChannel, nudge, receiver, unitDb, unitOf } from "../../support/deliveries";
import { type Client, mintClient, mintTenant, type Tenant } from "../../support/tenant";
import { logged, readProblem } from "../../support/worker";

const PATH = "/notification-channels";
const EMAIL = { EMAIL_WEBHOOK_URL: "https://mail.example.com/send" };
type View = { id: string; name: string; type: string; config: Record<string, string>; active: boolean; disabled_reason: string | null };

let tenant: Tenant;
let client: Client;
let unit: number;
beforeEach(async () => {
  vi.unstubAllGlobals();
  tenant = await mintTenant();
  client = tenant.client;
  unit = await unitOf(tenant.workspace_id);
});

const show = async (id: string): Promise<View> => (await client.get(`${PATH}/${id}`)).json<View>();
const put = (id: string, json: unknown) => client.call("PUT", `${PATH}/${id}`, { json });

describe("creating", () => {
  it("returns the channel, and a webhook's signing secret once, uncached", async () => {
    const config = { url: HOOK, auth_header: "Bearer s3cret" };
    const answer = await client.post(PATH, { name: " CRM ", type: "webhook", config });
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([201, "no-store"]);
    const created = await answer.json<View & { signing_secret: string }>();
    expect(created).toEqual({
      id: expect.stringMatching(/^nch_[0-9a-f]{32}$/),
      unit_id: "unit_default",
      name: "CRM",
      type: "webhook",
      config: { url: HOOK, auth_header: "********" },
      events: [],
      active: true,
      disabled_reason: null,
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
      signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    expect(answer.headers.get("Location")).toBe(`${PATH}/${created.id}`);
    const { signing_secret, ...channel } = created;
    expect(await show(created.id)).toEqual(channel);
    const listed = await (await client.get(PATH)).text();
    expect(JSON.parse(listed)).toEqual([channel]);
    expect(listed).not.toContain(signing_secret);
    expect(listed).not.toContain("s3cret");
  });

  it("slack, teams and email channels have no secret", async () => {
    for (const [type, config] of [
      ["slack", { webhook_url: "https://hooks.slack.com/services/T/B/x", channel_id: "C1", channel_name: "#leads" }],
      ["teams", { webhook_url: "https://teams.example.com/x", channel_name: "Leads" }],
      ["email", { recipients: "a@example.com , b@example.com,", subject_prefix: "[Leads]" }],
    ] as const) {
      const answer = await client.post(PATH, { name: type, type, config }, { bindings: EMAIL });
      expect(answer.status).toBe(201);
      const created = await answer.json<View>();
      expect(created).not.toHaveProperty("signing_secret");
      expect(created.config).toEqual(type === "email" ? { ...config, recipients: "a@example.com, b@example.com" } : config);
    }
    expect((await (await client.get(PATH)).json<View[]>()).map(({ type }) => type)).toEqual(["slack", "teams", "email"]);
  });

  it.each([
    ["no type", { name: "x", config: { url: HOOK } }, "type"],
    ["an unknown type", { name: "x", type: "sms", config: { url: HOOK } }, "type"],
    ["no name", { type: "webhook", config: { url: HOOK } }, "name"],
    ["an empty name", { name: " ", type: "webhook", config: { url: HOOK } }, "name"],
    ["no config", { name: "x", type: "webhook" }, "config"],
    ["a config that is a list", { name: "x", type: "webhook", config: [HOOK] }, "config"],
    ["a webhook without a url", { name: "x", type: "webhook", config: {} }, "config.url"],
    ["a url that is no text", { name: "x", type: "webhook", config: { url: 5 } }, "config.url"],
    ["a url that is none", { name: "x", type: "webhook", config: { url: "hooks" } }, "config.url"],
    ["a private address", { name: "x", type: "webhook", config: { url: "http://169.254.169.254/latest" } }, "config.url"],
    ["this machine", { name: "x", type: "webhook", config: { url: "http://127.0.0.1:9000/" } }, "config.url"],
    ["a header of two lines", { name: "x", type: "webhook", config: { url: HOOK, auth_header: "a\r\nX-Evil: b" } }, "config.auth_header"],
    ["slack by channel id alone", { name: "x", type: "slack", config: { channel_id: "C1" } }, "config.webhook_url"],
    ["a private slack url", { name: "x", type: "slack", config: { webhook_url: "http://10.0.0.1/" } }, "config.webhook_url"],
    ["a private teams url", { name: "x", type: "teams", config: { webhook_url: "http://[::1]/" } }, "config.webhook_url"],
    ["mail to nobody", { name: "x", type: "email", config: { recipients: " , " } }, "config.recipients"],
    ["mail to no address", { name: "x", type: "email", config: { recipients: "a@example.com, bob" } }, "config.recipients"],
  ])("%s is a 400 that names the field", async (_, json, path) => {
    const problem = await readProblem(await client.post(PATH, json, { bindings: EMAIL }), 400);
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });

  it("email without a provider is a 400 that names the setting", async () => {
    const answer = await client.post(PATH, { name: "x", type: "email", config: { recipients: "a@example.com" } });
    expect((await readProblem(answer, 400)).detail).toContain("EMAIL_WEBHOOK_URL");
  });

  it("this machine is let through where the operator says so", async () => {
    const bindings = { ALLOW_LOOPBACK_WEBHOOKS: "true" };
    for (const url of ["http://127.0.0.1:9000/", "http://localhost:9000/", "http://[::1]:9000/"]) {
      await mintChannel(client, "webhook", { url }, bindings);
    }
    const json = { name: "x", type: "webhook", config: { url: "http://10.0.0.1/" } };
    await readProblem(await client.post(PATH, json, { bindings }), 400);
  });

  it("viewers read, editors write", async () => {
    const { id } = await mintChannel(client);
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    expect((await viewer.get(PATH)).status).toBe(200);
    expect((await viewer.get(`${PATH}/${id}`)).status).toBe(200);
    await readProblem(await viewer.post(PATH, { name: "x", type: "webhook", config: { url: HOOK } }), 403);
    await readProblem(await viewer.call("PUT", `${PATH}/${id}`, { json: { active: false } }), 403);
    for (const path of [`${PATH}/${id}/rotate-secret`, `${PATH}/${id}/test`]) await readProblem(await viewer.post(path), 403);
    await readProblem(await viewer.call("DELETE", `${PATH}/${id}`), 403);
    const editor = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "editor" });
    await mintChannel(editor);
  });

  it("no secret reaches the log", async () => {
    let secret = "";
    receiver(() => new Response("no", { status: 500 }));
    const lines = await logged(async () => {
      const { id, signing_secret } = await mintChannel(client, "webhook", { url: `${HOOK}/tok3n`, auth_header: "Bearer s3cret" });
      secret = signing_secret;
      await nudge(await heldDelivery(client, id));
      await client.post(`${PATH}/${id}/rotate-secret`);
    });
    expect(lines.length).toBeGreaterThan(0);
    for (const text of [secret, "whsec_", "s3cret", "tok3n"]) expect(lines.join("\n")).not.toContain(text);
  });
});

describe("changing", () => {
  it("changes what is given and leaves the rest", async () => {
    const { id } = await mintChannel(client, "webhook", { url: HOOK, auth_header: "Bearer s3cret" });
    const before = await show(id);
    const answer = await put(id, { name: "Other" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ...before, name: "Other", updated_at: expect.any(String) });
    expect((await readProblem(await put(id, {}), 400)).detail).toBe("must have at least one of: name, config, active, events");
    const moved = await (await put(id, { config: { url: `${HOOK}/2` } })).json<View>();
    expect(moved).toMatchObject({ name: "Other", config: { url: `${HOOK}/2` } });
    expect(moved.config).not.toHaveProperty("auth_header");
  });

  it("a config that comes back as it was shown keeps its header, but not for another origin", async () => {
    const { id } = await mintChannel(client, "webhook", { url: HOOK, auth_header: "Bearer s3cret" });
    expect((await put(id, { config: (await show(id)).config })).status).toBe(200);
    expect((await put(id, { config: { url: `${HOOK}/2`, auth_header: "********" } })).status).toBe(200);
    const received = receiver();
    await nudge(await heldDelivery(client, id));
    expect([received[0]?.url, received[0]?.headers.get("Authorization")]).toEqual([`${HOOK}/2`, "Bearer s3cret"]);
    const problem = await readProblem(await put(id, { config: { url: "https://evil.example.com/", auth_header: "********" } }), 400);
    expect(problem.errors?.[0]?.path).toBe("config.auth_header");
    expect((await show(id)).config.url).toBe(`${HOOK}/2`);
  });

  it.each([
    ["a private url", { config: { url: "http://192.168.1.1/" } }, "config.url"],
    ["the config of another type", { config: { webhook_url: HOOK } }, "config.url"],
    ["an empty name", { name: "" }, "name"],
    ["active that is no boolean", { active: "yes" }, "active"],
  ])("%s is a 400 and changes nothing", async (_, json, path) => {
    const { id } = await mintChannel(client);
    const before = await show(id);
    expect((await readProblem(await put(id, json), 400)).errors?.[0]?.path).toBe(path);
    expect(await show(id)).toEqual(before);
  });

  it("two changes of a config at the same time: one is refused, none is lost unseen", async () => {
    const { id } = await mintChannel(client);
    const urls = Array.from({ length: 5 }, (_, at) => `${HOOK}/${at}`);
    const answers = await Promise.all(urls.map((url) => put(id, { config: { url } })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(statuses).toContain(200);
    expect(urls).toContain((await show(id)).config.url);
  });

  it("switching off discards what is pending; switching on takes new deliveries", async () => {
    const received = receiver();
    const { id } = await mintChannel(client);
    const pending = await heldDelivery(client, id);
    expect(await (await put(id, { active: false })).json()).toMatchObject({ active: false, disabled_reason: "Switched off by hand" });
    expect(await getDelivery(client, pending)).toMatchObject({ status: "discarded", next_attempt_at: null });
    await nudge(pending);
    expect(received).toEqual([]);
    await readProblem(await client.post(`${PATH}/${id}/test`), 409);
    expect(await (await put(id, { active: true })).json()).toMatchObject({ active: true, disabled_reason: null });
    await nudge(await heldDelivery(client, id));
    expect(received.length).toBe(1);
  });

  it("a deleted channel is gone, and what it had pending is discarded", async () => {
    const received = receiver();
    const { id } = await mintChannel(client);
    const pending = await heldDelivery(client, id);
    expect((await client.call("DELETE", `${PATH}/${id}`)).status).toBe(204);
    await readProblem(await client.get(`${PATH}/${id}`), 404);
    await readProblem(await client.call("DELETE", `${PATH}/${id}`), 404);
    expect(await (await client.get(PATH)).json()).toEqual([]);
    expect(await getDelivery(client, pending)).toMatchObject({ status: "discarded" });
    await nudge(pending);
    expect(received).toEqual([]);
  });

  it("only what signs has a secret to rotate", async () => {
    const { id } = await mintChannel(client, "teams", { webhook_url: HOOK });
    await readProblem(await client.post(`${PATH}/${id}/rotate-secret`), 409);
    const webhook = await mintChannel(client);
    const answer = await client.post(`${PATH}/${webhook.id}/rotate-secret`);
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    const rotated = await answer.json<{ signing_secret: string; previous_secret_until: string }>();
    expect(rotated.signing_secret).toMatch(/^whsec_/);
    expect(rotated.signing_secret).not.toBe(webhook.signing_secret);
    expect(Date.parse(rotated.previous_secret_until) - Date.now()).toBeGreaterThan(23.9 * 3600_000);
  });

  it.each(["nch_0", "anything", "nch_0193f3a2c7b07aa18000c0ffee123456", "%00", "%F0%9F%A6%84"])(
    "an unknown id (%s) is a 404",
    async (id) => {
      await readProblem(await client.get(`${PATH}/${id}`), 404);
      await readProblem(await put(id, { name: "x" }), 404);
      await readProblem(await client.call("DELETE", `${PATH}/${id}`), 404);
      for (const action of ["rotate-secret", "test"]) await readProblem(await client.post(`${PATH}/${id}/${action}`), 404);
    },
  );
});

describe("the implicit channel of an owner", () => {
  const owned = { channel_id: "nch_owned", owner: "trg_1", name: "Hot lead", url: HOOK, secret: newSigningSecret() };
  const make = () => unitDb(unit).batch([insertOwnedWebhook(unitDb(unit), owned, Date.now())]);

  it("is not listed, and is changed and removed with its owner only", async () => {
    await make();
    expect(await (await client.get(PATH)).json()).toEqual([]);
    expect((await readProblem(await put("nch_owned", { name: "x" }), 409)).detail).toContain("trg_1");
    await readProblem(await put("nch_owned", { config: { url: HOOK } }), 409);
    await readProblem(await client.call("DELETE", `${PATH}/nch_owned`), 409);
    const { secret, ...change } = owned;
    await put("nch_owned", { active: false });
    await unitDb(unit).batch([updateOwnedWebhook(unitDb(unit), { ...change, url: `${HOOK}/2` }, Date.now())]);
    expect(await show("nch_owned")).toMatchObject({ config: { url: `${HOOK}/2` }, active: true });
    await unitDb(unit).batch([deleteOwnedWebhooks(unitDb(unit), "trg_2")]);
    expect((await client.get(`${PATH}/nch_owned`)).status).toBe(200);
    await unitDb(unit).batch([deleteOwnedWebhooks(unitDb(unit), "trg_1")]);
    await readProblem(await client.get(`${PATH}/nch_owned`), 404);
  });

  it("what it had pending when its owner went is discarded unsent", async () => {
    const received = receiver();
    await make();
    await commitDeliveries(unit, [
      { delivery_id: "dlv_1", channel_id: "nch_owned", event_type: "milestone.fired", data: {}, occurred_at: 0 },
    ]);
    await unitDb(unit).batch([deleteOwnedWebhooks(unitDb(unit), "trg_1")]);
    await nudge({ unit, delivery_id: "dlv_1" });
    expect(received).toEqual([]);
    expect(await getDelivery(client, { delivery_id: "dlv_1" })).toMatchObject({ status: "discarded", attempt_count: 0 });
  });

  it("a trigger can name the channels that users created, and no others", async () => {
    await make();
    const { id } = await mintChannel(client);
    const rival = await mintTenant();
    const foreign = await mintChannel(rival.client);
    const ctx = await openSystem(env, unit, "req_test");
    await requireNotificationChannels(ctx, []);
    await requireNotificationChannels(ctx, [id, id], "channels");
    await expect(requireNotificationChannels(ctx, [id, "nch_x", "nch_owned", foreign.id], "channels")).rejects.toMatchObject({
      code: "invalid_request",
      problems: [{ path: "channels", message: `unknown notification channels: nch_x, nch_owned, ${foreign.id}` }],
    });
  });
});
