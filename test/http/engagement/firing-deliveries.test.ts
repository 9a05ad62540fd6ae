/** From an event to what a receiver gets: each firing once, signed, however often and in whatever order events come. */
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  getDelivery,
  HOOK,
  heldDeliveries,
  mintChannel,
  nudge,
  type Received,
  receiver,
  type Shown,
  tick,
  unitOf,
  wait,
} from "../../support/deliveries";
import { interceptedD1 } from "../../support/imports";
import { type Client, mintTenant, type Tenant } from "../../support/tenant";
import {
  deliverEvents,
  firingsOf,
  happen,
  happenAndSend,
  heldEvents,
  LEAD,
  leadIdOf,
  mintRules,
  mintTrigger,
  payloads,
  putTrigger,
  rowCounts,
  scoreOf,
  toHook,
} from "../../support/triggers";
import { countingD1, logged } from "../../support/worker";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let tenant: Tenant;
let client: Client;
let unit: number;
beforeEach(async () => {
  tenant = await mintTenant();
  client = tenant.client;
  unit = await unitOf(tenant.workspace_id);
  await mintRules(client, { "Page View": 10, "Demo Request": 40, Purchase: 60, Complaint: -30 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const verified = (secret: string, { body, headers }: Received) => new Webhook(secret).verify(body, Object.fromEntries(headers));
const deliveriesOf = async (): Promise<Shown[]> => (await (await client.get("/deliveries")).json<{ deliveries: Shown[] }>()).deliveries;

describe("an event that crosses a milestone", () => {
  it("sends one signed delivery that says what fired, for whom, at which score and when", async () => {
    const received = receiver();
    const trigger = await mintTrigger(client, toHook);
    const timestamp = ago(MINUTE_MS);
    await happenAndSend(client, { event_type: "Purchase", event_id: "order-1", timestamp, metadata: { secret: "of the lead" } });
    expect(received.length).toBe(1);
    const [request] = received as [Received];
    const lead_id = await leadIdOf(client);
    const [firing] = await firingsOf(client);
    expect([request.url, request.headers.get("Content-Type")]).toEqual([HOOK, "application/json"]);
    expect(verified(trigger.signing_secret ?? "", request)).toEqual({
      type: "milestone.fired",
      timestamp,
      data: {
        firing_id: firing?.id,
        trigger_id: trigger.id,
        trigger_name: "Hot lead",
        kind: "milestone",
        lead_id,
        score: 60,
        event_id: "order-1",
        event_type: "Purchase",
        fired_at: timestamp,
      },
    });
    expect(request.headers.get("webhook-id")).toMatch(/^dlv_[0-9a-f]{32}$/);
    const [delivery] = await deliveriesOf();
    expect(delivery).toMatchObject({ channel_id: trigger.webhook_channel_id, event_type: "milestone.fired", status: "delivered" });
    expect(firing).toMatchObject({ trigger_id: trigger.id, lead_id, score: 60, event_id: "order-1", fired_at: timestamp });
  });

  it("is verified by the receiver on the second attempt too: same id and body, stamped afresh", async () => {
    const received = receiver((_, count) => new Response(null, { status: count === 1 ? 503 : 204 }));
    const { signing_secret = "" } = await mintTrigger(client, toHook);
    const [message] = await happenAndSend(client, { event_type: "Purchase" });
    wait(10 * MINUTE_MS);
    await nudge(message ?? []);
    const [first, second] = received as [Received, Received];
    expect(received.length).toBe(2);
    const payload = verified(signing_secret, second);
    expect(() => verified(signing_secret, first)).toThrow(/too old/);
    vi.useRealTimers();
    expect(verified(signing_secret, first)).toEqual(payload);
    expect([second.body, second.headers.get("webhook-id")]).toEqual([first.body, first.headers.get("webhook-id")]);
    expect((await getDelivery(client, message ?? { delivery_id: "" })).attempts.map(({ status_code }) => status_code)).toEqual([503, 204]);
  });

  it("of a trigger with a rotated secret is signed with both", async () => {
    const received = receiver();
    const trigger = await mintTrigger(client, toHook);
    const rotated = await client.post(`/notification-channels/${trigger.webhook_channel_id}/rotate-secret`);
    const { signing_secret: fresh } = await rotated.json<{ signing_secret: string }>();
    await happenAndSend(client, { event_type: "Purchase" });
    for (const secret of [trigger.signing_secret ?? "", fresh]) verified(secret, received[0] as Received);
  });

  it("still verifies with the first secret after the URL has changed", async () => {
    const received = receiver();
    const { id, signing_secret = "" } = await mintTrigger(client, toHook);
    await putTrigger(client, id, { webhook_url: `${HOOK}/moved` });
    await happenAndSend(client, { event_type: "Purchase" });
    expect(received.map(({ url }) => url)).toEqual([`${HOOK}/moved`]);
    verified(signing_secret, received[0] as Received);
  });

  it("tells its own webhook, a webhook channel, Slack, Teams and mail once each", async () => {
    const received = receiver();
    const bindings = { EMAIL_WEBHOOK_URL: "https://mail.example.com/send" };
    const channels = [
      await mintChannel(client, "webhook", { url: `${HOOK}/crm` }),
      await mintChannel(client, "slack", { webhook_url: "https://hooks.slack.com/services/T/B/x" }),
      await mintChannel(client, "teams", { webhook_url: "https://teams.example.com/x" }),
    ];
    const ids = channels.map(({ id }) => id);
    await mintTrigger(
      client,
      { channel_ids: [...ids, ...ids], ...toHook, emails: ["a@example.com", "b@example.com"], email_subject: "A hot lead" },
      "milestone",
      { bindings },
    );
    const sent = await happen(client, { event_type: "Purchase" });
    expect(sent.length).toBe(5);
    await nudge(sent, bindings);
    await nudge(sent, bindings);
    expect(received.map(({ url }) => url).toSorted()).toEqual(
      [
        HOOK,
        `${HOOK}/crm`,
        "https://hooks.slack.com/services/T/B/x",
        "https://mail.example.com/send",
        "https://teams.example.com/x",
      ].toSorted(),
    );
    const bodyOf = (part: string) => JSON.parse(received.find(({ url }) => url.includes(part))?.body ?? "{}") as Record<string, unknown>;
    expect(bodyOf("slack.com")).toEqual({ text: expect.stringContaining("*Milestone fired: Hot lead*") });
    expect(JSON.stringify(bodyOf("teams"))).toContain("Milestone fired: Hot lead");
    expect(bodyOf("mail")).toMatchObject({ to: ["a@example.com", "b@example.com"], subject: "A hot lead" });
    verified(channels[0]?.signing_secret ?? "", received.find(({ url }) => url.endsWith("/crm")) as Received);
    expect((await firingsOf(client)).length).toBe(1);
  });

  it("without any destination fires and sends nothing", async () => {
    await mintTrigger(client);
    expect(await happen(client, { event_type: "Purchase" })).toEqual([]);
    expect((await firingsOf(client)).length).toBe(1);
  });

  it("fires every trigger that it matches, each with a delivery of its own", async () => {
    const received = receiver();
    const channel = await mintChannel(client);
    const both = { channel_ids: [channel.id] };
    await mintTrigger(client, { name: "Warm", score_threshold: 20, ...both });
    await mintTrigger(client, { name: "Hot", score_threshold: 50, ...both });
    await mintTrigger(client, { name: "Buyer", event_types: ["purchase"], ...both }, "sequence");
    await mintTrigger(client, { name: "Busy", threshold: 1, ...both }, "surge");
    await mintTrigger(client, { name: "Colder", score_threshold: 100, ...both });
    await mintTrigger(client, { name: "By page", event_type: "Page View", ...both });
    await happenAndSend(client, { event_type: "PURCHASE", event_id: "p1" });
    const told = payloads(received).map(({ type, data }) => [type, data.trigger_name]);
    expect(told.toSorted()).toEqual([
      ["milestone.fired", "Hot"],
      ["milestone.fired", "Warm"],
      ["sequence.fired", "Buyer"],
      ["surge.fired", "Busy"],
    ]);
    expect(new Set(received.map(({ headers }) => headers.get("webhook-id"))).size).toBe(4);
    const receipt = await (await client.get("/ingest/receipts/p1")).json<{ triggers_fired: { name: string }[] }>();
    expect(receipt.triggers_fired.map(({ name }) => name).toSorted()).toEqual(["Busy", "Buyer", "Hot", "Warm"]);
  });

  it("fires for each lead by itself", async () => {
    const received = receiver();
    await mintTrigger(client, toHook);
    const people = Array.from({ length: 8 }, (_, n) => `p${n}@example.com`);
    const sent = await happen(client, ...people.map((email) => ({ event_type: "Purchase", email })));
    expect(sent.length).toBe(8);
    await nudge(sent);
    expect(new Set(payloads(received).map(({ data }) => data.lead_id)).size).toBe(8);
  });

  it("sends its messages in parts that a queue takes, when very many leads fire at once", async () => {
    await mintTrigger(client, toHook);
    const events = await heldEvents(client, [{ event_type: "Purchase", event_id: "e0" }]);
    const [one] = events.events;
    if (!one) throw new Error("no event");
    const many = Array.from({ length: 250 }, (_, n) => ({
      ...one,
      event_id: `e${n}`,
      aliases: [["email", `p${n}@example.com`, null] as ["email", string, null]],
    }));
    // a batch is asserted to hold 100 messages at most
    const { sent } = await deliverEvents({ unit, events: many });
    expect(new Set(sent.map(({ delivery_id }) => delivery_id)).size).toBe(250);
    expect(await rowCounts(unit)).toMatchObject({ firings: 250, deliveries: 250 });
  });
});

describe("once, always and the cooldown", () => {
  /** A lead over the threshold and back, `times` times, `apart` ms from one crossing to the next. */
  const upAndDown = async (times: number, apart: number) => {
    for (let n = times; n > 0; n--) {
      await happenAndSend(client, { event_type: "Purchase", timestamp: ago(n * apart) });
      await happenAndSend(client, ...["a", "b"].map(() => ({ event_type: "Complaint", timestamp: ago(n * apart - 1000) })));
    }
  };

  it("`once` notifies of the first crossing only", async () => {
    const received = receiver();
    await mintTrigger(client, toHook);
    await upAndDown(3, HOUR_MS);
    expect(received.length).toBe(1);
    expect((await firingsOf(client)).length).toBe(1);
  });

  it("`always` notifies of every crossing, each under its own id", async () => {
    const received = receiver();
    await mintTrigger(client, { fire_mode: "always", ...toHook });
    await upAndDown(3, HOUR_MS);
    expect(received.length).toBe(3);
    expect(new Set(received.map(({ headers }) => headers.get("webhook-id"))).size).toBe(3);
    expect(new Set(payloads(received).map(({ data }) => data.firing_id)).size).toBe(3);
  });

  it("an event while the score is above the threshold is no crossing", async () => {
    const received = receiver();
    await mintTrigger(client, { fire_mode: "always", ...toHook });
    for (let n = 0; n < 3; n++) await happenAndSend(client, { event_type: "Purchase" });
    expect(received.length).toBe(1);
  });

  it("a cooldown silences crossings until it is over", async () => {
    const received = receiver();
    await mintTrigger(client, { fire_mode: "always", cooldown_seconds: 2 * 3600, ...toHook });
    await upAndDown(5, HOUR_MS);
    expect(payloads(received).length).toBe(3);
  });

  it("a surge that goes on notifies once, and again when another begins", async () => {
    const received = receiver();
    await mintTrigger(client, { threshold: 3, window_seconds: 600, ...toHook }, "surge");
    const visit = (minutes: number) => happenAndSend(client, { event_type: "Page View", timestamp: ago(minutes * MINUTE_MS) });
    for (const minutes of [60, 59, 58, 57, 56, 20, 19, 18]) await visit(minutes);
    expect(payloads(received).map(({ type }) => type)).toEqual(["surge.fired", "surge.fired"]);
  });

  it("an ordered sequence notifies when it is complete in its order", async () => {
    const received = receiver();
    await mintTrigger(client, { event_types: ["Page View", "Demo Request", "Purchase"], ordered: true, ...toHook }, "sequence");
    for (const [minutes, event_type] of [
      [50, "Demo Request"],
      [40, "Page View"],
      [30, "Purchase"],
      [20, "Demo Request"],
      [10, "purchase"],
    ] as const) {
      await happenAndSend(client, { event_type, timestamp: ago(minutes * MINUTE_MS) });
      expect(received.length, event_type).toBe(minutes === 10 ? 1 : 0);
    }
    expect(payloads(received)[0]).toMatchObject({ type: "sequence.fired", data: { event_type: "purchase" } });
  });
});

describe("delivered twice, late or out of order", () => {
  it("an event message that is delivered again, at once or together with itself, makes one delivery", async () => {
    const received = receiver();
    await mintTrigger(client, { fire_mode: "always", ...toHook });
    const events = await heldEvents(client, [{ event_type: "Purchase" }]);
    const results = await Promise.all(Array.from({ length: 5 }, () => deliverEvents(events)));
    results.push(await deliverEvents(events, {}, 2), await deliverEvents({ ...events, events: [...events.events, ...events.events] }));
    for (const { settled } of results) expect(settled.retryMessages).toEqual([]);
    const sent = results.flatMap((result) => result.sent);
    await nudge(sent);
    expect(received.length).toBe(1);
    expect((await deliveriesOf()).length).toBe(1);
    expect((await firingsOf(client)).length).toBe(1);
  });

  it("ten consumers with an event each of one lead tell of its one crossing once", async () => {
    const received = receiver();
    await mintTrigger(client, toHook);
    const events = await heldEvents(
      client,
      Array.from({ length: 10 }, () => ({ event_type: "Page View" })),
    );
    const messages = events.events.map((event) => ({ unit, events: [event] }));
    let waiting = messages;
    const sent = [];
    // what loses the race comes back, as a queue does it
    for (let round = 1; waiting.length > 0 && round < 10; round++) {
      const results = await Promise.all(waiting.map((message) => deliverEvents(message, {}, round)));
      sent.push(...results.flatMap((result) => result.sent));
      waiting = waiting.filter((_, at) => (results[at]?.settled.retryMessages.length ?? 0) > 0);
    }
    await nudge(sent);
    expect(await scoreOf(client)).toBe(100);
    expect(received.length).toBe(1);
    expect((await firingsOf(client)).length).toBe(1);
  });

  it("a late event that moves the crossing to itself sends nothing a second time, and the list follows", async () => {
    const received = receiver();
    await mintTrigger(client, toHook);
    await happenAndSend(client, { event_type: "Demo Request", event_id: "first", timestamp: ago(3 * HOUR_MS) });
    await happenAndSend(client, { event_type: "Page View", event_id: "crossing", timestamp: ago(HOUR_MS) });
    const [before] = await firingsOf(client);
    expect(before?.event_id).toBe("crossing");
    expect(await happen(client, { event_type: "Page View", event_id: "late", timestamp: ago(2 * HOUR_MS) })).toEqual([]);
    const after = await firingsOf(client);
    expect(after).toEqual([{ ...before, event_id: "late", fired_at: expect.any(String), score: 50 }]);
    expect(received.length).toBe(1);
    expect((await deliveriesOf()).length).toBe(1);
  });

  it("a late event that shows that there was no crossing sends nothing, and a later one of the same number is not notified again", async () => {
    const received = receiver();
    await mintTrigger(client, { fire_mode: "always", ...toHook });
    await happenAndSend(client, { event_type: "Purchase", timestamp: ago(HOUR_MS) });
    expect(received.length).toBe(1);
    await happenAndSend(client, ...["a", "b"].map(() => ({ event_type: "Complaint", timestamp: ago(2 * HOUR_MS) })));
    expect(await firingsOf(client)).toEqual([]);
    await happenAndSend(client, { event_type: "Purchase" });
    expect((await firingsOf(client)).length).toBe(1);
    expect(received.length).toBe(1);
  });

  it("a late event that adds a crossing of its own notifies", async () => {
    const received = receiver();
    await mintTrigger(client, { fire_mode: "always", ...toHook });
    await happenAndSend(client, { event_type: "Complaint", timestamp: ago(3 * HOUR_MS) });
    await happenAndSend(client, { event_type: "Complaint", timestamp: ago(2 * HOUR_MS) });
    await happenAndSend(client, { event_type: "Purchase", timestamp: ago(5 * HOUR_MS), event_id: "late" });
    expect(payloads(received).map(({ data }) => data.event_id)).toEqual(["late"]);
  });

  it("events in any order tell the same number of times", async () => {
    const events = [
      { event_type: "Purchase", timestamp: ago(6 * HOUR_MS), event_id: "a" },
      { event_type: "Complaint", timestamp: ago(5 * HOUR_MS), event_id: "b" },
      { event_type: "Demo Request", timestamp: ago(4 * HOUR_MS), event_id: "c" },
      { event_type: "Complaint", timestamp: ago(3 * HOUR_MS), event_id: "d" },
      { event_type: "Page View", timestamp: ago(2 * HOUR_MS), event_id: "e" },
    ];
    const fired = [];
    for (const order of [events, events.toReversed(), [2, 0, 4, 1, 3].map((at) => events[at] as (typeof events)[0])]) {
      const own = (await mintTenant()).client;
      await mintRules(own, { "Page View": 10, "Demo Request": 40, Purchase: 60, Complaint: -30 });
      await mintTrigger(own, { fire_mode: "always", ...toHook });
      for (const event of order) await happen(own, event);
      fired.push((await firingsOf(own)).map(({ event_id, score }) => [event_id, score]));
    }
    expect(fired[0]).toEqual([
      ["e", 50],
      ["c", 70],
      ["a", 60],
    ]);
    expect(fired[1]).toEqual(fired[0]);
    expect(fired[2]).toEqual(fired[0]);
  });
});

describe("paused and changed", () => {
  it("a paused trigger sends nothing, and does not catch up when it is switched on again", async () => {
    const received = receiver();
    const { id } = await mintTrigger(client, { fire_mode: "always", ...toHook });
    await putTrigger(client, id, { active: false });
    await happenAndSend(client, { event_type: "Purchase" });
    const onItsWay = await heldEvents(client, [{ event_type: "Purchase", email: "bob@example.com" }]);
    await new Promise((done) => setTimeout(done, 5));
    await putTrigger(client, id, { active: true });
    expect((await deliverEvents(onItsWay)).sent).toEqual([]);
    // above the threshold already: no crossing
    await happenAndSend(client, { event_type: "Purchase" });
    expect([received, await firingsOf(client)]).toEqual([[], []]);
    await happenAndSend(client, { event_type: "Purchase", email: "cy@example.com" });
    expect(received.length).toBe(1);
  });

  it("a late event does not take back or repeat what fired before a pause", async () => {
    const received = receiver();
    const { id } = await mintTrigger(client, { fire_mode: "always", ...toHook });
    await happenAndSend(client, { event_type: "Purchase", timestamp: ago(HOUR_MS), event_id: "crossing" });
    await putTrigger(client, id, { active: false });
    await new Promise((done) => setTimeout(done, 5));
    await putTrigger(client, id, { active: true });
    await happenAndSend(client, { event_type: "Complaint", timestamp: ago(2 * HOUR_MS) });
    expect((await firingsOf(client)).map(({ event_id }) => event_id)).toEqual(["crossing"]);
    expect(received.length).toBe(1);
  });

  it("a renamed trigger fires on as it was, under its new name", async () => {
    const received = receiver();
    const { id } = await mintTrigger(client, toHook);
    const onItsWay = await heldEvents(client, [{ event_type: "Purchase" }]);
    await new Promise((done) => setTimeout(done, 5));
    await putTrigger(client, id, { name: "Very hot" });
    await nudge((await deliverEvents(onItsWay)).sent);
    expect(payloads(received)).toMatchObject([{ data: { trigger_name: "Very hot" } }]);
  });

  it("a changed threshold holds for events from then on, and tells nobody of scores that are above it already", async () => {
    const received = receiver();
    const { id } = await mintTrigger(client, { score_threshold: 100, ...toHook });
    await happenAndSend(client, { event_type: "Purchase" });
    await putTrigger(client, id, { score_threshold: 50 });
    await happenAndSend(client, { event_type: "Page View" });
    expect(received).toEqual([]);
    await happenAndSend(client, { event_type: "Purchase", email: "bob@example.com" });
    expect(received.length).toBe(1);
    await putTrigger(client, id, { score_threshold: 75 });
    // ann crosses the new threshold for her first time; bob has had his `once`
    await happenAndSend(client, { event_type: "Page View" });
    await happenAndSend(client, { event_type: "Purchase", email: "bob@example.com" });
    expect(payloads(received).map(({ data }) => data.score)).toEqual([60, 80]);
  });

  it("a trigger that was deleted sends nothing more, not even what was waiting", async () => {
    const received = receiver();
    const { id } = await mintTrigger(client, toHook);
    const [message] = await happen(client, { event_type: "Purchase" });
    expect((await client.call("DELETE", `/triggers/${id}`)).status).toBe(204);
    await nudge(message ?? []);
    await happenAndSend(client, { event_type: "Purchase", email: "bob@example.com" });
    expect(received).toEqual([]);
    expect(await deliveriesOf()).toMatchObject([{ status: "discarded" }]);
  });

  it("a channel that is switched off has its firings discarded, for a replay by hand", async () => {
    const received = receiver();
    const channel = await mintChannel(client);
    await client.call("PUT", `/notification-channels/${channel.id}`, { json: { active: false } });
    await mintTrigger(client, { channel_ids: [channel.id] });
    await happenAndSend(client, { event_type: "Purchase" });
    expect(received).toEqual([]);
    const [delivery] = await deliveriesOf();
    expect(delivery).toMatchObject({ status: "discarded" });
    await client.call("PUT", `/notification-channels/${channel.id}`, { json: { active: true } });
    expect((await client.post(`/deliveries/${delivery?.delivery_id}/replay`)).status).toBe(202);
    await vi.waitFor(() => expect(received.length).toBe(1), { timeout: 10_000 });
  });

  it("a receiver that returns 410 gets nothing more, until the trigger has a new URL", async () => {
    const received = receiver(({ url }) => new Response(null, { status: url === HOOK ? 410 : 204 }));
    const { id, webhook_channel_id } = await mintTrigger(client, toHook);
    const active = async () =>
      (await (await client.get(`/notification-channels/${webhook_channel_id}`)).json<{ active: boolean }>()).active;
    await happenAndSend(client, { event_type: "Purchase" });
    expect(await active()).toBe(false);
    await happenAndSend(client, { event_type: "Purchase", email: "bob@example.com" });
    expect(received.length).toBe(1);
    await putTrigger(client, id, { webhook_url: `${HOOK}/new` });
    expect(await active()).toBe(true);
    await happenAndSend(client, { event_type: "Purchase", email: "cy@example.com" });
    expect(received.map(({ url }) => url)).toEqual([HOOK, `${HOOK}/new`]);
  });

  it("a channel that was deleted gets nothing, the trigger's others do", async () => {
    const received = receiver();
    const channel = await mintChannel(client, "webhook", { url: `${HOOK}/gone` });
    await mintTrigger(client, { channel_ids: [channel.id], ...toHook });
    await client.call("DELETE", `/notification-channels/${channel.id}`);
    await happenAndSend(client, { event_type: "Purchase" });
    expect(received.map(({ url }) => url)).toEqual([HOOK]);
  });
});

describe("a consumer that dies", () => {
  const EVENTS = "INSERT INTO events";
  const dyingAt = (when: "before" | "after"): D1Database =>
    interceptedD1(async (call, run) => {
      if (!call.statements.some(({ text }) => text.startsWith(EVENTS))) return run();
      if (when === "after") await run();
      throw new Error("the process died");
    });

  it("between the commit and the delivery message leaves the delivery to the sweep", async () => {
    const received = receiver();
    await mintTrigger(client, toHook);
    const events = await heldEvents(client, [{ event_type: "Purchase" }]);
    const { settled, sent } = await deliverEvents(events, { DB: dyingAt("after") });
    expect([settled.retryMessages.length, sent]).toEqual([1, []]);
    expect((await deliverEvents(events)).sent).toEqual([]);
    const due = async () => (await tick("* * * * *")).filter((message) => message.unit === unit);
    expect(await due()).toEqual([]);
    wait(MINUTE_MS);
    const swept = await due();
    expect(swept.length).toBe(1);
    await nudge(swept);
    expect(payloads(received)).toMatchObject([{ type: "milestone.fired", data: { score: 60 } }]);
    expect(await due()).toEqual([]);
  });

  it("before the commit has done nothing; the message comes again and the firing is notified once", async () => {
    const received = receiver();
    await mintTrigger(client, toHook);
    const events = await heldEvents(client, [{ event_type: "Purchase" }]);
    expect((await deliverEvents(events, { DB: dyingAt("before") })).settled.retryMessages.length).toBe(1);
    expect(await rowCounts(unit)).not.toHaveProperty("firings");
    await nudge((await deliverEvents(events, {}, 2)).sent);
    expect(received.length).toBe(1);
  });

  it("at any of its calls to D1, before or after it, tells the receiver once in the end", async () => {
    const count = countingD1();
    await mintTrigger(client, { fire_mode: "always", ...toHook });
    await happen(client, { event_type: "Demo Request", timestamp: ago(HOUR_MS) });
    const probe = await heldEvents(client, [{ event_type: "Page View", timestamp: ago(HOUR_MS / 2) }]);
    await deliverEvents(probe, { DB: count.DB });
    expect(count.count.trips).toBeGreaterThan(1);
    for (const when of ["before", "after"] as const) {
      for (let k = 1; k <= count.count.trips; k++) {
        const own = await mintTenant();
        await mintRules(own.client, { "Page View": 10, "Demo Request": 40 });
        await mintTrigger(own.client, toHook);
        await happen(own.client, { event_type: "Demo Request", timestamp: ago(HOUR_MS) });
        const events = await heldEvents(own.client, [{ event_type: "Page View", timestamp: ago(HOUR_MS / 2) }]);
        let call = 0;
        const DB = interceptedD1(async (_, run) => {
          call += 1;
          if (call !== k) return run();
          if (when === "after") await run();
          throw new Error("the process died");
        });
        await deliverEvents(events, { DB });
        await deliverEvents(events, {}, 2);
        expect(await rowCounts(events.unit), `${when} ${k}`).toMatchObject({ events: 2, firings: 1, deliveries: 1 });
        expect(await scoreOf(own.client)).toBe(50);
      }
    }
  });

  it("a delivery queue that is down costs the event nothing: it is stored and notified by the sweep", async () => {
    const received = receiver();
    await mintTrigger(client, toHook);
    const events = await heldEvents(client, [{ event_type: "Purchase" }]);
    const down = { DELIVERY_QUEUE: { sendBatch: () => Promise.reject(new Error("Too Many Requests")) } as unknown as Queue };
    const lines = await logged(async () => {
      expect((await deliverEvents(events, down)).settled.explicitAcks.length).toBe(1);
    });
    expect(lines.filter((line) => line.includes("delivery message not sent")).length).toBe(1);
    wait(MINUTE_MS);
    await nudge((await tick("* * * * *")).filter((message) => message.unit === unit));
    expect(received.length).toBe(1);
  });
});

describe("silent changes", () => {
  it("a patch of the lead fires nothing and sends nothing", async () => {
    await mintTrigger(client, { threshold: 1, ...toHook }, "surge");
    await happen(client, { event_type: "Page View" });
    const queue = heldDeliveries();
    const { change_log = 0, ...before } = await rowCounts(unit);
    const patch = { alias_value: LEAD, attributes: { seat: "12A" } };
    expect((await client.patch("/lead/by-alias/metadata", patch, { bindings: { DELIVERY_QUEUE: queue.DELIVERY_QUEUE } })).status).toBe(200);
    // the log of changes has the patch, and nothing else is written
    expect([await rowCounts(unit), queue.sent]).toEqual([{ ...before, change_log: change_log + 1 }, []]);
  });
});

describe("what a firing costs", () => {
  it("the trigger's row in the firings and their index, and its delivery: no further round trip", async () => {
    const cost = async (trigger: boolean) => {
      const own = await mintTenant();
      await mintRules(own.client, { "Page View": 10, Purchase: 60 });
      if (trigger) await mintTrigger(own.client, toHook);
      await happen(own.client, { event_type: "Page View" });
      const { DB, count } = countingD1();
      await deliverEvents(await heldEvents(own.client, [{ event_type: "Purchase" }]), { DB });
      return count;
    };
    const [without, fired] = [await cost(false), await cost(true)];
    expect(fired.trips).toBe(without.trips);
    // firings and firings_by_time; the delivery and its place in three indexes
    expect(fired.rowsWritten - without.rowsWritten).toBe(6);
  });
});
