/** Every sender's published shape becomes the lead and the event that it means, once, and only with its signature. */
import { describe, expect, it } from "vitest";
import calendly from "../../fixtures/inbound/calendly.json";
import googleAds from "../../fixtures/inbound/google-ads.json";
import hubspot from "../../fixtures/inbound/hubspot.json";
import hubspotWorkflow from "../../fixtures/inbound/hubspot-workflow.json";
import stripe from "../../fixtures/inbound/stripe.json";
import tally from "../../fixtures/inbound/tally.json";
import typeform from "../../fixtures/inbound/typeform.json";
import { mintUnitTenant, rowsOf, storedEvents } from "../../support/events";
import { hmac, mintSource, payloadsOf, SIGNERS, send, sha256, submit } from "../../support/inbound";
import { readProblem } from "../../support/worker";

const SECRET = "sender-secret-1";

type Expected = {
  type: string;
  body: unknown;
  secret?: string;
  lead: Record<string, unknown>;
  aliases: string[];
  events: string[];
  metadata: object;
};

const CASES: Record<string, Expected> = {
  "a Typeform": {
    type: "typeform",
    body: typeform,
    lead: { first_name: "Grace", last_name: "Hopper", company: "Navy Computing", source: "newsletter" },
    aliases: ["email:grace.hopper@example.com", "phone:+12025550143"],
    events: ["Form Submitted"],
    metadata: {
      form_id: "kX2fQ9aB",
      form_title: "Ask for a demo",
      answers: { "How large is your team?": "50 to 200", "What brings you here?": ["Speed", "Price", "Curiosity"], "May we call?": true },
    },
  },
  "a Tally form": {
    type: "tally",
    body: tally,
    lead: { name: "Katherine Johnson", industry: "Space", source: "podcast" },
    aliases: ["email:katherine@example.com", "phone:+12025550144"],
    events: ["Form Submitted"],
    metadata: { form_id: "w2LkJo", form_title: "Newsletter and more", answers: { Topics: ["Orbits", "Charts"] } },
  },
  "a lead form of Google Ads": {
    type: "google_ads",
    body: googleAds,
    secret: "google-key-1",
    lead: { name: "Dorothy Vaughan", company: "West Computers" },
    aliases: ["email:dorothy@example.com", "phone:+12025550145"],
    events: ["Form Submitted"],
    metadata: { campaign_id: "12345678901234567", gclid: "Cj0KCQiA0oagBhDHARIs", answers: { "Which vehicle do you prefer?": "None" } },
  },
  "an invitee of Calendly": {
    type: "calendly",
    body: calendly,
    lead: { name: "Mary Jackson", company: "Wind Tunnel Ltd" },
    aliases: ["email:mary@example.com", "phone:+12025550146"],
    events: ["Meeting Booked"],
    metadata: { meeting: "30 Minute Intro", start_time: "2026-02-10T15:00:00.000000Z", utm_campaign: "spring" },
  },
  "events of HubSpot": {
    type: "hubspot",
    body: hubspot,
    lead: { title: "Rocket engineer" },
    aliases: ["email:annie@example.com", "external_id:hubspot:501"],
    events: ["Contact Changed", "Contact Changed", "Contact Created"],
    metadata: { property: "jobtitle" },
  },
  "a contact from a workflow of HubSpot": {
    type: "hubspot",
    body: hubspotWorkflow,
    lead: { first_name: "Christine", last_name: "Darden", company: "Sonic Boom Labs" },
    aliases: ["email:christine@example.com", "external_id:hubspot:502", "phone:+12025550147"],
    events: ["Contact Changed"],
    metadata: { portal_id: 62515 },
  },
  "a checkout of Stripe": {
    type: "stripe",
    body: stripe,
    lead: { name: "Melba Roy", country: "US" },
    aliases: ["email:melba@example.com", "external_id:cus_TestCustomer01", "external_id:user-77", "phone:+12025550148"],
    events: ["Checkout Completed"],
    metadata: { amount: 58.31, currency: "EUR", metadata: { plan: "team" } },
  },
};

/** As JSON writes it, but for the number that a double would round. */
const textOf = (body: unknown): string => JSON.stringify(body).replace("12345678901234568", "12345678901234567");
const signed = async (type: string, secret: string, body: string, url: string, at?: number) =>
  SIGNERS[type] ? SIGNERS[type](secret, body, url, at) : {};

describe("a sender's payload", () => {
  it.each(Object.entries(CASES))("%s becomes a lead and an event, once however often it comes", async (_, expected) => {
    const { client, unit } = await mintUnitTenant();
    const secret = expected.secret ?? SECRET;
    const source = await mintSource(client, expected.type, { secret });
    const body = textOf(expected.body);
    const headers = async () => signed(expected.type, secret, body, source.url);
    const { answer } = await submit(source, body, await headers());
    expect(await answer.json()).toEqual(
      expected.type === "google_ads" ? {} : expect.objectContaining({ outcome: "accepted", event_ids: expect.any(Array) }),
    );
    await submit(source, body, await headers());
    const [lead, ...others] = await rowsOf<{ profile: string }>(unit, "leads");
    expect(others).toEqual([]);
    expect(JSON.parse(lead?.profile ?? "")).toEqual(expected.lead);
    const aliases = await rowsOf<{ kind: string; value: string }>(unit, "aliases");
    expect(aliases.map(({ kind, value }) => `${kind}:${value}`).sort()).toEqual(expected.aliases);
    const events = await rowsOf<{ event_type: string; metadata: string }>(unit, "events", "occurred_at DESC");
    expect(events.map(({ event_type }) => event_type).sort()).toEqual(expected.events);
    expect(JSON.parse(events[0]?.metadata ?? "")).toMatchObject({
      source_type: expected.type,
      source_id: source.source_id,
      ...expected.metadata,
    });
    expect(await payloadsOf(client, source)).toMatchObject([{ outcome: "accepted", deliveries: 2 }]);
  });

  it.each(Object.entries(CASES))(
    "%s is refused with a wrong signature, and nothing is kept",
    async (_, { type, body, secret = SECRET }) => {
      const { client, unit } = await mintUnitTenant();
      const source = await mintSource(client, type, { secret: "another secret" });
      const text = textOf(body);
      for (const headers of [
        {},
        await signed(type, secret, text, source.url),
        await signed(type, "another secret", `${text} `, source.url),
      ]) {
        const { answer, messages } = await send(source, text, headers);
        await readProblem(answer, 401);
        expect(messages).toEqual([]);
      }
      expect(await payloadsOf(client, source)).toEqual([]);
      expect((await storedEvents(unit)).leads).toBe(0);
    },
  );

  it.each(["calendly", "hubspot", "stripe"])(
    "of %s is refused when its signature is older than five minutes, or of the future",
    async (type) => {
      const { client } = await mintUnitTenant();
      const source = await mintSource(client, type, { secret: SECRET });
      const body = JSON.stringify(CASES[Object.keys(CASES).find((name) => CASES[name]?.type === type) ?? ""]?.body);
      for (const minutes of [-6, 6]) {
        const { answer } = await send(source, body, await signed(type, SECRET, body, source.url, Date.now() + minutes * 60_000));
        expect(answer.status).toBe(401);
      }
      expect((await send(source, body, await signed(type, SECRET, body, source.url, Date.now() - 4 * 60_000))).answer.status).toBe(200);
    },
  );

  it("of Stripe is taken while a secret is exchanged, and any of its signatures is right", async () => {
    const { client } = await mintUnitTenant();
    const source = await mintSource(client, "stripe", { secret: SECRET });
    const body = JSON.stringify(stripe);
    const seconds = Math.floor(Date.now() / 1000);
    const right = (await hmac(SECRET, `${seconds}.${body}`)).hex;
    const header = `t=${seconds},v1=${"0".repeat(64)},v1=${right},v0=old`;
    expect((await send(source, body, { "Stripe-Signature": header })).answer.status).toBe(200);
  });

  it("of HubSpot is taken with its older signatures", async () => {
    const { client } = await mintUnitTenant();
    const source = await mintSource(client, "hubspot", { secret: SECRET });
    const body = JSON.stringify(hubspot);
    const first = { "X-HubSpot-Signature": await sha256(SECRET + body), "X-HubSpot-Signature-Version": "v1" };
    const second = { "X-HubSpot-Signature": await sha256(`${SECRET}POST${source.url}${body}`), "X-HubSpot-Signature-Version": "v2" };
    for (const headers of [first, second]) expect((await send(source, body, headers)).answer.status).toBe(200);
    expect((await send(source, body, { ...first, "X-HubSpot-Signature-Version": "v2" })).answer.status).toBe(401);
  });

  it("of Google Ads that is a test creates no lead", async () => {
    const { client, unit } = await mintUnitTenant();
    const source = await mintSource(client, "google_ads", { secret: "google-key-1" });
    const { answer } = await submit(source, JSON.stringify({ ...googleAds, is_test: true }));
    expect(await answer.json()).toEqual({});
    expect(await storedEvents(unit)).toMatchObject({ leads: 0, events: 0 });
    expect(await payloadsOf(client, source)).toMatchObject([{ outcome: "test" }]);
  });

  it("without a secret is taken unsigned: the address is the secret", async () => {
    const { client, unit } = await mintUnitTenant();
    await submit(await mintSource(client, "typeform"), JSON.stringify(typeform));
    expect((await storedEvents(unit)).leads).toBe(1);
  });
});
