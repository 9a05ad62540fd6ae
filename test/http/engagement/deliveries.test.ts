/** What a receiver gets, what the log says of it, and what is tried again when. */
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deliveryId, insertDeliveries } from "../../../src/core/notifications";
import { openUnitDb } from "../../../src/db/client";
import {
  commitDeliveries,
  getDelivery,
  HOOK,
  heldDelivery,
  mintChannel,
  nudge,
  type Received,
  receiver,
  type Shown,
  silent,
  tick,
  unitOf,
  wait,
} from "../../support/deliveries";
import { type Client, mintClient, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let tenant: Tenant;
let client: Client;
beforeEach(async () => {
  tenant = await mintTenant();
  client = tenant.client;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What the library of the specification makes of a request; throws for one that is not signed with `secret`. */
const verified = (secret: string, { body, headers }: Received) => new Webhook(secret).verify(body, Object.fromEntries(headers));
const refuses = (secret: string, request: Received) => expect(() => verified(secret, request)).toThrow();

describe("a webhook", () => {
  it("is signed by the Standard Webhooks specification, the same body and id on every attempt, stamped afresh", async () => {
    const { id, signing_secret } = await mintChannel(client);
    const message = await heldDelivery(client, id);
    const received = receiver((_, count) => new Response(null, { status: count === 1 ? 500 : 204 }));
    await nudge(message);
    wait(10 * MINUTE_MS);
    await nudge(message);
    const [first, second] = received as [Received, Received];
    expect(received.length).toBe(2);
    expect([first.url, first.init.method, first.init.redirect]).toEqual([HOOK, "POST", "manual"]);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      "content-type": "application/json",
      "user-agent": "Leadedge-Webhooks/1",
      "webhook-id": message.delivery_id,
    });
    expect(first.headers.has("Authorization")).toBe(false);
    expect(second.body).toBe(first.body);
    expect(second.headers.get("webhook-id")).toBe(first.headers.get("webhook-id"));
    expect(Number(second.headers.get("webhook-timestamp")) - Number(first.headers.get("webhook-timestamp"))).toBeGreaterThanOrEqual(600);

    const payload = {
      type: "notification_channel.test",
      timestamp: expect.stringMatching(/Z$/),
      data: expect.objectContaining({ channel_id: id }),
    };
    expect(verified(signing_secret, second)).toEqual(payload);
    vi.useRealTimers();
    expect(verified(signing_secret, first)).toEqual(payload);
    refuses("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", first);
    refuses(signing_secret, { ...first, body: first.body.replace("50", "51") });
  });

  it("carries both signatures for a day after a rotation, then the new one alone", async () => {
    const { id, signing_secret: old } = await mintChannel(client);
    const received = receiver();
    const rotated = await client.post(`/notification-channels/${id}/rotate-secret`);
    const { signing_secret: fresh } = await rotated.json<{ signing_secret: string }>();
    await nudge(await heldDelivery(client, id));
    wait(DAY_MS - MINUTE_MS);
    await nudge(await heldDelivery(client, id));
    for (const [at, request] of received.entries()) {
      if (at === 0) vi.setSystemTime(Date.now() - (DAY_MS - MINUTE_MS));
      else wait(DAY_MS - MINUTE_MS);
      expect(request.headers.get("webhook-signature")).toMatch(/^v1,\S{44} v1,\S{44}$/);
      verified(old, request);
      verified(fresh, request);
    }
    wait(2 * MINUTE_MS);
    await nudge(await heldDelivery(client, id));
    const last = received[2] as Received;
    expect(last.headers.get("webhook-signature")).toMatch(/^v1,\S{44}$/);
    verified(fresh, last);
    refuses(old, last);
  });

  it("sends the authorization header it was given", async () => {
    const { id } = await mintChannel(client, "webhook", { url: HOOK, auth_header: "Bearer s3cret" });
    const received = receiver();
    await nudge(await heldDelivery(client, id));
    expect(received[0]?.headers.get("Authorization")).toBe("Bearer s3cret");
  });

  it("goes nowhere that is refused, though the channel was created when it was allowed", async () => {
    const allowed = { ALLOW_LOOPBACK_WEBHOOKS: "true" };
    const { id } = await mintChannel(client, "webhook", { url: "http://127.0.0.1:9000/" }, allowed);
    const received = receiver();
    const message = await heldDelivery(client, id);
    await nudge(message);
    expect(received).toEqual([]);
    expect(await getDelivery(client, message)).toMatchObject({
      status: "failed",
      last_error: expect.stringContaining("must name a public host"),
    });
    const other = await heldDelivery(client, id);
    await nudge(other, allowed);
    expect(received.length).toBe(1);
  });
});

describe("Slack, Teams and mail", () => {
  it("get a message of their own, unsigned", async () => {
    const received = receiver();
    const slack = await mintChannel(client, "slack", { webhook_url: "https://hooks.slack.com/services/T/B/x" });
    const teams = await mintChannel(client, "teams", { webhook_url: "https://teams.example.com/x" });
    for (const { id } of [slack, teams]) await nudge(await heldDelivery(client, id));
    const [toSlack, toTeams] = received as [Received, Received];
    expect([toSlack.url, toTeams.url]).toEqual(["https://hooks.slack.com/services/T/B/x", "https://teams.example.com/x"]);
    expect(JSON.parse(toSlack.body)).toEqual({ text: expect.stringContaining("*Notification channel test: Example milestone*") });
    expect(JSON.parse(toTeams.body)).toMatchObject({ attachments: [{ contentType: "application/vnd.microsoft.card.adaptive" }] });
    for (const { headers } of received) expect([...headers.keys()].filter((name) => name.startsWith("webhook-"))).toEqual([]);
  });

  it("mail goes through the provider, with its token; without a provider the delivery fails and says which setting is missing", async () => {
    const bindings = { EMAIL_WEBHOOK_URL: "https://mail.example.com/send", EMAIL_WEBHOOK_TOKEN: "t0ken" };
    const { id } = await mintChannel(client, "email", { recipients: "a@example.com, b@example.com", subject_prefix: "[L]" }, bindings);
    const received = receiver();
    await nudge(await heldDelivery(client, id), bindings);
    expect([received[0]?.url, received[0]?.headers.get("Authorization")]).toEqual([bindings.EMAIL_WEBHOOK_URL, "Bearer t0ken"]);
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      to: ["a@example.com", "b@example.com"],
      subject: "[L] Notification channel test: Example milestone",
      text: expect.stringContaining("Score: 50"),
    });
    const later = await heldDelivery(client, id);
    await nudge(later);
    expect(received.length).toBe(1);
    expect(await getDelivery(client, later)).toMatchObject({ status: "failed", last_error: expect.stringContaining("EMAIL_WEBHOOK_URL") });
  });
});

describe("a receiver that", () => {
  const attempt = async (answer: Parameters<typeof receiver>[0], channel?: string) => {
    const id = channel ?? (await mintChannel(client)).id;
    const message = await heldDelivery(client, id);
    const received = receiver(answer);
    const { sent, settled } = await nudge(message);
    expect(settled.explicitAcks.length).toBe(1);
    return { id, message, sent, received, shown: await getDelivery(client, message) };
  };
  const inSeconds = (shown: Shown) => (Date.parse(shown.next_attempt_at ?? "") - Date.now()) / 1000;

  it("returns 2xx has it: one attempt, the first KB of its response kept", async () => {
    const { shown, sent } = await attempt(() => new Response(`ok ${"é".repeat(5000)}`, { status: 201 }));
    expect(shown).toMatchObject({ status: "delivered", attempt_count: 1, next_attempt_at: null, last_error: null });
    expect(shown.finished_at).not.toBeNull();
    expect(shown.attempts).toEqual([
      { attempt: 1, at: expect.any(String), status_code: 201, error: null, duration_ms: expect.any(Number), response: expect.any(String) },
    ]);
    expect(shown.attempts[0]?.response).toMatch(/^ok é+/);
    expect(shown.attempts[0]?.response?.length).toBeLessThanOrEqual(1024);
    expect(sent).toEqual([]);
  });

  it("returns 500 is tried again in 5 seconds, by a delayed message", async () => {
    const { shown, sent, message } = await attempt(() => new Response("oops", { status: 500 }));
    expect(shown).toMatchObject({ status: "pending", attempt_count: 1, last_error: "The receiver answered 500" });
    expect(shown.attempts[0]).toMatchObject({ status_code: 500, error: "The receiver answered 500", response: "oops" });
    expect(inSeconds(shown)).toBeLessThanOrEqual(5);
    expect(sent).toEqual([{ ...message, delaySeconds: 5 }]);
  });

  it("fails ten times has failed, after the whole schedule", async () => {
    const { message, received } = await attempt(() => new Response("", { status: 500 }));
    const delays: number[] = [];
    for (let attempts = 1; attempts < 10; attempts++) {
      delays.push(inSeconds(await getDelivery(client, message)));
      wait(DAY_MS);
      const { sent } = await nudge(message);
      expect(sent.length).toBe(attempts < 9 ? 1 : 0);
    }
    for (const [at, most] of [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].entries()) {
      expect(delays[at]).toBeLessThanOrEqual(most);
      expect(delays[at]).toBeGreaterThan(most * 0.9 - 2);
    }
    const shown = await getDelivery(client, message);
    expect(shown).toMatchObject({ status: "failed", attempt_count: 10, next_attempt_at: null, last_error: "The receiver answered 500" });
    expect(shown.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    wait(DAY_MS);
    await nudge(message);
    expect(received.length).toBe(10);
  });

  it("returns 410 has its channel disabled, says why, and gets nothing more", async () => {
    const { id } = await mintChannel(client);
    const other = await mintChannel(client);
    const [waiting, elsewhere] = [await heldDelivery(client, id), await heldDelivery(client, other.id)];
    const { shown, received } = await attempt(() => new Response("gone", { status: 410 }), id);
    expect(shown).toMatchObject({ status: "failed", attempt_count: 1, last_error: "The receiver answered 410" });
    const channel = await (await client.get(`/notification-channels/${id}`)).json();
    expect(channel).toMatchObject({ active: false, disabled_reason: "The receiver answered 410" });
    expect(await getDelivery(client, waiting)).toMatchObject({ status: "discarded" });
    await nudge(waiting);
    expect(received.length).toBe(1);
    expect(await getDelivery(client, elsewhere)).toMatchObject({ status: "pending" });
    await commitDeliveries(waiting.unit, [
      { delivery_id: deliveryId(id, "late"), channel_id: id, event_type: "milestone.fired", data: {}, occurred_at: Date.now() },
    ]);
    expect(await getDelivery(client, { delivery_id: deliveryId(id, "late") })).toMatchObject({ status: "discarded", attempt_count: 0 });
  });

  it("answered 410 at its old URL keeps the channel that has a new one", async () => {
    const { id } = await mintChannel(client);
    await attempt(async () => {
      await client.call("PUT", `/notification-channels/${id}`, { json: { config: { url: `${HOOK}/new` } } });
      return new Response("", { status: 410 });
    }, id);
    expect(await (await client.get(`/notification-channels/${id}`)).json()).toMatchObject({ active: true, config: { url: `${HOOK}/new` } });
  });

  it.each([429, 503])("returns %i with Retry-After is left alone for so long", async (status) => {
    const bySeconds = await attempt(() => new Response("", { status, headers: { "Retry-After": "90" } }));
    expect(inSeconds(bySeconds.shown)).toBeGreaterThan(85);
    expect(bySeconds.sent[0]?.delaySeconds).toBe(90);
    const date = new Date(Date.now() + HOUR_MS).toUTCString();
    const byDate = await attempt(() => new Response("", { status, headers: { "Retry-After": date } }));
    expect(inSeconds(byDate.shown)).toBeGreaterThan(3590);
    const forever = await attempt(() => new Response("", { status, headers: { "Retry-After": "9999999" } }));
    expect(forever.sent[0]?.delaySeconds).toBe(86_400);
  });

  it("redirects is not followed", async () => {
    const { shown, received } = await attempt(() => new Response("", { status: 302, headers: { Location: "http://169.254.169.254/" } }));
    expect(received.length).toBe(1);
    expect(shown).toMatchObject({ status: "pending", last_error: "The receiver answered 302: redirects are not followed" });
  });

  it("cannot be reached is tried again, and nothing internal is revealed", async () => {
    const { shown } = await attempt(() => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:443 internal")));
    expect(shown).toMatchObject({ status: "pending", last_error: "The receiver could not be reached" });
    expect(JSON.stringify(shown)).not.toContain("10.1.2.3");
  });

  it("responds and then breaks off has responded", async () => {
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("begun"));
      },
      pull(controller) {
        controller.error(new Error("reset"));
      },
    });
    const { shown } = await attempt(() => new Response(broken));
    expect(shown).toMatchObject({ status: "delivered" });
  });

  it("stays silent costs 15 seconds and one attempt, and holds neither its batch nor the queue up", async () => {
    const slow = await mintChannel(client, "webhook", { url: `${HOOK}/silent` });
    const quick = await mintChannel(client);
    const silentOnes = [await heldDelivery(client, slow.id), await heldDelivery(client, slow.id)];
    const others = await Promise.all(Array.from({ length: 4 }, () => heldDelivery(client, quick.id)));
    const at: number[] = [];
    const startedAt = Date.now();
    receiver((request) => {
      if (request.url.endsWith("/silent")) return silent(request);
      at.push(Date.now() - startedAt);
      return new Response("ok");
    });
    const { settled, heldMs } = await nudge([...silentOnes, ...others]);
    const took = Date.now() - startedAt;
    expect(settled.explicitAcks.length).toBe(6);
    expect(at.length).toBe(4);
    expect(Math.max(...at)).toBeLessThan(2_000);
    expect(heldMs).toBeLessThan(6_000);
    expect(took).toBeGreaterThan(14_000);
    expect(took).toBeLessThan(20_000);
    for (const message of silentOnes) {
      expect(await getDelivery(client, message)).toMatchObject({
        status: "pending",
        attempt_count: 1,
        last_error: "No answer within 15 s",
      });
    }
  });
});

describe("the outbox", () => {
  const delivery = (channel_id: string, ...parts: string[]) => ({
    delivery_id: deliveryId(channel_id, ...parts),
    channel_id,
    event_type: "milestone.fired",
    data: { trigger_name: "Hot lead", parts },
    occurred_at: Date.parse("2026-01-15T10:00:00Z"),
  });

  it("an id is derived from its parts, each time the same", () => {
    expect(deliveryId("a", "b")).toMatch(/^dlv_[0-9a-f]{32}$/);
    expect(deliveryId("a", "b")).toBe(deliveryId("a", "b"));
    expect(new Set([deliveryId("a", "b"), deliveryId("ab"), deliveryId("a", "b", ""), deliveryId("b", "a")]).size).toBe(4);
  });

  it("a repeated commit makes none twice, not even after it was delivered", async () => {
    const { id } = await mintChannel(client);
    const unit = await unitOf(tenant.workspace_id);
    const received = receiver();
    const batch = [delivery(id, "1"), delivery(id, "2"), delivery(id, "2")];
    await commitDeliveries(unit, batch);
    await nudge(batch.map(({ delivery_id }) => ({ unit, delivery_id })));
    await commitDeliveries(unit, batch);
    await nudge(batch.map(({ delivery_id }) => ({ unit, delivery_id })));
    expect(received.length).toBe(2);
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({
      type: "milestone.fired",
      timestamp: "2026-01-15T10:00:00.000Z",
      data: { trigger_name: "Hot lead", parts: [expect.any(String)] },
    });
  });

  it("to a channel that does not exist, or is another unit's, nothing is created; to a disabled one what can be replayed", async () => {
    const rival = await mintTenant();
    const foreign = await mintChannel(rival.client);
    const { id } = await mintChannel(client);
    await client.call("PUT", `/notification-channels/${id}`, { json: { active: false } });
    await commitDeliveries(await unitOf(tenant.workspace_id), [delivery("nch_none"), delivery(foreign.id), delivery(id)]);
    const listed = await (await client.get("/deliveries")).json<{ deliveries: Shown[]; total: number }>();
    expect(listed.deliveries.map(({ channel_id, status }) => [channel_id, status])).toEqual([[id, "discarded"]]);
    expect(await (await rival.client.get("/deliveries")).json()).toMatchObject({ deliveries: [], total: 0 });
  });

  it("2,500 deliveries are one batch of three statements, each row once", async () => {
    const { id } = await mintChannel(client);
    const unit = await unitOf(tenant.workspace_id);
    const all = Array.from({ length: 2500 }, (_, at) => delivery(id, String(at)));
    const results = await commitDeliveries(unit, all);
    expect(results.length).toBe(3);
    expect(await (await client.get("/deliveries?limit=1")).json()).toMatchObject({ total: 2500 });
    await env.DB.prepare("DELETE FROM deliveries WHERE unit = ?1").bind(unit).run();
  });
});

describe("GET /deliveries", () => {
  it("pages newest first and filters by status, channel and type", async () => {
    const [a, b] = [await mintChannel(client), await mintChannel(client)];
    const unit = await unitOf(tenant.workspace_id);
    receiver();
    const messages = [];
    for (const id of [a.id, b.id, a.id, b.id, a.id]) {
      messages.push(await heldDelivery(client, id));
      await new Promise((done) => setTimeout(done, 2));
    }
    await commitDeliveries(unit, [{ delivery_id: "dlv_m", channel_id: a.id, event_type: "milestone.fired", data: {}, occurred_at: 0 }]);
    await nudge(messages.slice(0, 2));
    const list = async (query: string) => (await client.get(`/deliveries${query}`)).json<{ deliveries: Shown[]; total: number }>();
    const ids = ["dlv_m", ...messages.map(({ delivery_id }) => delivery_id).reverse()];
    const all = await list("");
    expect(all).toMatchObject({ total: 6, page: 1, limit: 25 });
    expect(all.deliveries.map(({ delivery_id }) => delivery_id)).toEqual(ids);
    expect(all.deliveries[0]).not.toHaveProperty("payload");
    const second = await list("?page=2&limit=4");
    expect(second).toMatchObject({ total: 6, page: 2, limit: 4 });
    expect(second.deliveries.map(({ delivery_id }) => delivery_id)).toEqual(ids.slice(4));
    expect(await list("?status=delivered")).toMatchObject({ total: 2 });
    expect(await list(`?channel_id=${a.id}`)).toMatchObject({ total: 4 });
    expect(await list("?event_type=milestone.fired")).toMatchObject({ total: 1 });
    expect(await list(`?status=pending&channel_id=${b.id}&event_type=notification_channel.test`)).toMatchObject({ total: 1 });
    expect(await list("?channel_id=nch_none")).toMatchObject({ deliveries: [], total: 0 });
  });

  it.each(["page=0", "page=x", "limit=101", "status=sent"])("?%s is a 400", async (query) => {
    await readProblem(await client.get(`/deliveries?${query}`), 400);
  });

  it("an unknown delivery is a 404", async () => {
    for (const id of ["dlv_0", "anything", "%00"]) {
      await readProblem(await client.get(`/deliveries/${id}`), 404);
      await readProblem(await client.post(`/deliveries/${id}/replay`), 404);
    }
  });
});

describe("replay", () => {
  const replay = (id: string) => client.post(`/deliveries/${id}/replay`);

  it("sends what was delivered once more, under the same id, and attempts go on counting", async () => {
    const { id, signing_secret } = await mintChannel(client);
    const message = await heldDelivery(client, id);
    const received = receiver();
    await nudge(message);
    const answer = await replay(message.delivery_id);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ status: "pending", attempt_count: 1, finished_at: null });
    await nudge(message);
    expect(received.length).toBe(2);
    expect(received[1]?.body).toBe(received[0]?.body);
    for (const request of received) {
      expect(request.headers.get("webhook-id")).toBe(message.delivery_id);
      verified(signing_secret, request);
    }
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered", attempt_count: 2, attempts: [{}, {}] });
  });

  it("begins the schedule anew for what has failed", async () => {
    const { id } = await mintChannel(client);
    const message = await heldDelivery(client, id);
    receiver(() => new Response("", { status: 500 }));
    for (let attempts = 0; attempts < 10; attempts++) {
      await nudge(message);
      wait(DAY_MS);
    }
    expect(await getDelivery(client, message)).toMatchObject({ status: "failed", attempt_count: 10 });
    await replay(message.delivery_id);
    const { sent } = await nudge(message);
    expect(sent[0]?.delaySeconds).toBe(5);
    expect(await getDelivery(client, message)).toMatchObject({ status: "pending", attempt_count: 11 });
  });

  it("brings forward what waits, without an attempt more than that", async () => {
    const { id } = await mintChannel(client);
    const message = await heldDelivery(client, id);
    const received = receiver((_, count) => new Response("", { status: count === 1 ? 500 : 200 }));
    await nudge(message);
    await nudge(message);
    expect(received.length).toBe(1);
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    await readProblem(await viewer.post(`/deliveries/${message.delivery_id}/replay`), 403);
    const held = { DELIVERY_QUEUE: { sendBatch: async () => {} } as unknown as Queue };
    await Promise.all(
      Array.from({ length: 5 }, () => client.post(`/deliveries/${message.delivery_id}/replay`, undefined, { bindings: held })),
    );
    await Promise.all([nudge(message), nudge(message), nudge(message)]);
    expect(received.length).toBe(2);
    expect(await getDelivery(client, message)).toMatchObject({ status: "delivered", attempt_count: 2 });
  });

  it("into a disabled or deleted channel is a 409 that says so; once enabled, what was discarded can be sent", async () => {
    const { id } = await mintChannel(client);
    const message = await heldDelivery(client, id);
    const received = receiver();
    await client.call("PUT", `/notification-channels/${id}`, { json: { active: false } });
    expect((await readProblem(await replay(message.delivery_id), 409)).detail).toContain("disabled");
    expect(await getDelivery(client, message)).toMatchObject({ status: "discarded" });
    await client.call("PUT", `/notification-channels/${id}`, { json: { active: true } });
    expect((await replay(message.delivery_id)).status).toBe(202);
    await vi.waitFor(async () => expect(await getDelivery(client, message)).toMatchObject({ status: "delivered" }), { timeout: 10_000 });
    expect(received.length).toBe(1);
    await client.call("DELETE", `/notification-channels/${id}`);
    expect((await readProblem(await replay(message.delivery_id), 409)).detail).toContain("deleted");
  });
});

it("the real queue sends a test delivery, retry and all", async () => {
  const { id, signing_secret } = await mintChannel(client);
  const received = receiver((_, count) => new Response("", { status: count === 1 ? 500 : 200 }));
  const answer = await client.post(`/notification-channels/${id}/test`);
  const { delivery_id } = await answer.json<Shown>();
  await vi.waitFor(async () => expect(await getDelivery(client, { delivery_id })).toMatchObject({ status: "delivered" }), {
    timeout: 20_000,
  });
  expect(received.length).toBe(2);
  for (const request of received) verified(signing_secret, request);
});

describe("costs", () => {
  it("an attempt takes two round trips beside finding the org unit, a nudge for nothing one", async () => {
    const { id } = await mintChannel(client);
    const message = await heldDelivery(client, id);
    receiver();
    // the unit has been found by then
    await nudge({ ...message, delivery_id: "dlv_none" });
    const { DB, count } = countingD1();
    await nudge(message, { DB });
    expect(count.trips).toBe(2);
    // claimed: the row and its place among the due ones; delivered: the row, its place among the finished, and the attempt
    expect(count.rowsWritten).toBe(5);
    const idle = countingD1();
    await nudge(message, { DB: idle.DB });
    expect([idle.count.trips, idle.count.rowsWritten]).toEqual([1, 0]);
    // the row, and its place by time, among the due ones and among its channel's pending ones
    const made = countingD1();
    const unit = openUnitDb(made.DB, message.unit);
    await unit.batch(insertDeliveries(unit, [{ delivery_id: "dlv_c", channel_id: id, event_type: "x", data: {}, occurred_at: 0 }], 0));
    expect([made.count.trips, made.count.rowsWritten]).toEqual([1, 4]);
  });
});

describe("the clean-up", () => {
  it("removes what ended 30 days ago with its attempts, and nothing else", async () => {
    const { id } = await mintChannel(client);
    const unit = await unitOf(tenant.workspace_id);
    receiver((_, count) => new Response("", { status: count === 2 ? 500 : 200 }));
    const [done, waiting] = [await heldDelivery(client, id), await heldDelivery(client, id)];
    await nudge(done);
    await nudge(waiting);
    wait(29 * DAY_MS);
    const recent = await heldDelivery(client, id);
    await nudge(recent);
    await tick("*/10 * * * *");
    expect(await getDelivery(client, done)).toMatchObject({ status: "delivered" });
    wait(2 * DAY_MS);
    await tick("*/10 * * * *");
    await readProblem(await client.get(`/deliveries/${done.delivery_id}`), 404);
    expect(await getDelivery(client, recent)).toMatchObject({ status: "delivered" });
    expect(await getDelivery(client, waiting)).toMatchObject({ status: "pending" });
    const { results } = await env.DB.prepare("SELECT delivery_id FROM delivery_attempts WHERE unit = ?1").bind(unit).all();
    expect(results.map(({ delivery_id }) => delivery_id).sort()).toEqual([recent, waiting].map(({ delivery_id }) => delivery_id).sort());
  });
});
